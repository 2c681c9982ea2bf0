using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>DEFLATE that stores bytes as they are (RFC 1951, section 3.2.4).</summary>
internal static class StoredDeflate
{
    private const int MaximumBlock = ushort.MaxValue;
    private const int HeaderSize = 5;

    /// <summary>Takes pieces of a stream.</summary>
    public delegate void Receiver(ReadOnlySpan<byte> bytes);

    /// <summary>How long the stream is for so many bytes.</summary>
    public static int Length(int count) => count + ((count + MaximumBlock - 1) / MaximumBlock * HeaderSize);

    /// <summary>Writes blocks that begin and end with a whole byte.</summary>
    /// <param name="bytes">At least one byte.</param>
    /// <param name="final">Whether the stream ends with them.</param>
    /// <param name="write">Takes the stream.</param>
    public static void Write(ReadOnlySpan<byte> bytes, bool final, Receiver write)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        while (bytes.Length > 0)
        {
            var block = bytes[..Math.Min(bytes.Length, MaximumBlock)];
            bytes = bytes[block.Length..];
            header[0] = final && bytes.Length == 0 ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteUInt16LittleEndian(header[1..], (ushort)block.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(header[3..], (ushort)~block.Length);
            write(header);
            write(block);
        }
    }
}
