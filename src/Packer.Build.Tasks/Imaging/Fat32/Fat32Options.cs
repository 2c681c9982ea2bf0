namespace Packer.Imaging;

/// <summary>How a FAT32 volume is to be.</summary>
internal sealed record Fat32Options
{
    /// <summary>Serial number of the volume.</summary>
    public required uint VolumeId { get; init; }

    /// <summary>Name of the volume, at most 11 of the characters that short names may have, and spaces; empty for none.</summary>
    public string Label { get; init; } = "";

    /// <summary>Where the volume begins on its disk in bytes, for boot code that asks (BPB_HiddSec); a multiple of 512.</summary>
    public long DiskOffset { get; init; }
}
