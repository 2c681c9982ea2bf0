namespace Packer.Imaging;

/// <summary>What a zlib stream has around DEFLATE (RFC 1950): two bytes before it, an Adler-32 after it.</summary>
internal static class ZlibStream
{
    /// <summary>Bytes of a stream beyond those of its DEFLATE.</summary>
    public const int Overhead = 2 + sizeof(uint);

    /// <summary>A window of 32 KiB, the default compression.</summary>
    public static ReadOnlySpan<byte> Header => [0x78, 0x9C];
}
