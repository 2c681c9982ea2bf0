namespace Packer.Imaging;

/// <summary>A range of another source.</summary>
/// <param name="whole">The other source.</param>
/// <param name="start">Where the range begins, in bytes.</param>
/// <param name="length">Its length in bytes; it lies within the other source.</param>
internal sealed class SliceSource(Source whole, long start, long length) : Source
{
    public override long Length => length;

    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        whole.Read(start + offset, destination);
    }

    public override long NextData(long offset) => offset >= length ? length : Math.Min(whole.NextData(start + offset) - start, length);

    public override long NextHole(long offset) => offset >= length ? length : Math.Min(whole.NextHole(start + offset) - start, length);
}
