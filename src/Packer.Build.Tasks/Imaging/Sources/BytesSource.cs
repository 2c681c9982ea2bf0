using System.Text;

namespace Packer.Imaging;

/// <summary>Bytes in memory. The caller does not change them afterwards.</summary>
internal sealed class BytesSource(ReadOnlyMemory<byte> bytes) : Source
{
    public BytesSource(string text) : this(Encoding.UTF8.GetBytes(text))
    {
    }

    /// <summary>The source without a byte.</summary>
    public static BytesSource Empty { get; } = new(ReadOnlyMemory<byte>.Empty);

    public override long Length => bytes.Length;

    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);
    }
}
