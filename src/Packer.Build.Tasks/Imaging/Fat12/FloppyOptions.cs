namespace Packer.Imaging;

/// <summary>How a floppy is to be.</summary>
internal sealed record FloppyOptions
{
    /// <summary>Serial number of the volume.</summary>
    public required uint VolumeId { get; init; }

    /// <summary>Name of the volume, at most 11 of the characters that short names may have, and spaces; empty for none.</summary>
    public string Label { get; init; } = "";
}
