namespace Packer.Imaging;

/// <summary>How a CD image is to be.</summary>
internal sealed record Iso9660Options
{
    /// <summary>The longest label (ECMA-119, 8.4.7). Joliet has room for the first 16 characters of it.</summary>
    public const int MaximumLabelLength = 32;

    /// <summary>Name of the volume: 1 to 32 printable ASCII characters. Lower case is kept, as all tools do, though ECMA-119 knows upper case only.</summary>
    public required string Label { get; init; }

    /// <summary>When the volume was made, in seconds since 1970-01-01T00:00:00Z. Files and folders have times of their own.</summary>
    public required long Timestamp { get; init; }

    /// <summary>Whether a text can be a label.</summary>
    public static bool IsLabel(string text) => text.Length is > 0 and <= MaximumLabelLength && text.All(character => character is >= ' ' and <= '~');
}
