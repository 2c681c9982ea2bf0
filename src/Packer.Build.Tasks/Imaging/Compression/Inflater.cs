using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Packer.Imaging;

/// <summary>Expands short streams of DEFLATE (RFC 1951), bare or within zlib's frame (RFC 1950).</summary>
internal static class Inflater
{
    /// <summary>Fills the destination from a bare stream; what follows in it is not looked at.</summary>
    /// <exception cref="InvalidDataException">It is damaged or too short.</exception>
    public static void Inflate(ReadOnlyMemory<byte> stored, Span<byte> destination)
    {
        using var stream = new DeflateStream(Open(stored), CompressionMode.Decompress);
        Fill(stream, destination);
    }

    /// <summary>Fills the destination from a stream in zlib's frame.</summary>
    /// <exception cref="InvalidDataException">It is damaged or too short.</exception>
    public static void InflateZlib(ReadOnlyMemory<byte> stored, Span<byte> destination)
    {
        using var stream = new ZLibStream(Open(stored), CompressionMode.Decompress);
        Fill(stream, destination);
        // The checksum is compared at the end.
        stream.ReadByte();
    }

    private static MemoryStream Open(ReadOnlyMemory<byte> stored) => MemoryMarshal.TryGetArray(stored, out var bytes)
        ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
        : new MemoryStream(stored.ToArray(), writable: false);

    private static void Fill(Stream stream, Span<byte> destination)
    {
        if (stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
            throw new InvalidDataException("the compressed data ends too early");
    }
}
