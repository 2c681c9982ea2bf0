namespace Packer.Imaging;

/// <summary>Several sources one after the other.</summary>
internal sealed class ConcatSource : Source
{
    private readonly Source[] parts;
    private readonly long[] ends;

    public ConcatSource(IEnumerable<Source> parts)
    {
        this.parts = [.. parts.Where(part => part.Length > 0)];
        ends = new long[this.parts.Length];
        for (var index = 0; index < ends.Length; index++) ends[index] = checked(StartOf(index) + this.parts[index].Length);
    }

    public override long Length => ends.Length == 0 ? 0 : ends[^1];

    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        for (var index = Find(offset); destination.Length > 0; index++)
        {
            var count = (int)Math.Min(destination.Length, ends[index] - offset);
            parts[index].Read(offset - StartOf(index), destination[..count]);
            destination = destination[count..];
            offset += count;
        }
    }

    public override long NextData(long offset)
    {
        for (var index = Find(offset); index < parts.Length; index++)
        {
            var found = StartOf(index) + parts[index].NextData(Math.Max(offset - StartOf(index), 0));
            if (found < ends[index]) return found;
        }
        return Length;
    }

    public override long NextHole(long offset)
    {
        for (var index = Find(offset); index < parts.Length; index++)
        {
            var found = StartOf(index) + parts[index].NextHole(Math.Max(offset - StartOf(index), 0));
            if (found < ends[index]) return found;
        }
        return Length;
    }

    private long StartOf(int index) => index == 0 ? 0 : ends[index - 1];

    private int Find(long offset)
    {
        var index = Array.BinarySearch(ends, offset);
        return index >= 0 ? index + 1 : ~index;
    }
}
