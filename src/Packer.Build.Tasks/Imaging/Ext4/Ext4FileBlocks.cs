using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>Which blocks of a file hold data; the others are holes.</summary>
internal static class Ext4FileBlocks
{
    /// <summary>Most blocks of a file: a block's number in its file has 32 bits, and the last one is kept free.</summary>
    public const long MaximumBlocks = uint.MaxValue;

    /// <summary>The ranges, counted in blocks, in order, none touching the next.</summary>
    public static IEnumerable<DataRange> Ranges(Source source)
    {
        DataRange? pending = null;
        foreach (var range in source.DataRanges())
        {
            var first = range.Offset / BlockSize;
            var end = Alignment.DivideRoundUp(range.End, BlockSize);
            if (pending is { } before)
            {
                if (first <= before.End)
                {
                    pending = before with { Length = Math.Max(end, before.End) - before.Offset };
                    continue;
                }
                yield return before;
            }
            pending = new DataRange(first, end - first);
        }
        if (pending is { } last) yield return last;
    }
}
