namespace Packer.Imaging.Pictures;

/// <summary>Constants of PNG (W3C PNG specification, second edition = ISO/IEC 15948: sections 5.2, 9.2, 11.2).</summary>
internal static class PngFormat
{
    public const byte ColourRgb = 2;
    public const byte ColourRgba = 6;

    /// <summary>Length, type and checksum around the data of a chunk.</summary>
    public const int ChunkOverhead = 12;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The filter type Paeth's predictor (section 9.4): of left, above and upper left the one nearest to left + above - upper left.</summary>
    public static byte Paeth(byte left, byte above, byte upperLeft)
    {
        var (fromLeft, fromAbove) = (Math.Abs(above - upperLeft), Math.Abs(left - upperLeft));
        var fromUpperLeft = Math.Abs(left + above - (2 * upperLeft));
        if (fromLeft <= fromAbove && fromLeft <= fromUpperLeft) return left;
        return fromAbove <= fromUpperLeft ? above : upperLeft;
    }
}
