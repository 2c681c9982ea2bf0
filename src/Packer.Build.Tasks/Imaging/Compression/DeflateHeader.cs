namespace Packer.Imaging;

/// <summary>What stands before the data of a block with codes of its own: the lengths of the codes, themselves compressed (RFC 1951, section 3.2.7).</summary>
internal sealed class DeflateHeader
{
    private const int FinalDynamicBlock = 0b101;
    private const int SymbolCount = 19;
    private const int MaximumBits = 7;
    private const int FirstLiteralCount = 257;
    private const int FirstLengthCount = 4;
    private const int FixedBits = 3 + 5 + 5 + 4;
    private const byte RepeatPrevious = 16;
    private const byte RepeatZero = 17;
    private const byte RepeatZeroLong = 18;

    private static readonly byte[] Order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private readonly HuffmanCode code = new(SymbolCount, MaximumBits);
    private readonly List<(byte Symbol, byte Extra)> items = [];
    private readonly byte[] lengths = new byte[DeflateSymbols.LiteralCount + DeflateSymbols.DistanceCount];
    private int literalCount;
    private int distanceCount;
    private int lengthCount;

    /// <summary>What the header takes.</summary>
    public long BitCount => FixedBits + (3 * lengthCount) + code.BitCount + items.Sum(item => ExtraBits(item.Symbol));

    public void Build(HuffmanCode literals, HuffmanCode distances)
    {
        literalCount = Math.Max(FirstLiteralCount, literals.Lengths.LastIndexOfAnyExcept((byte)0) + 1);
        distanceCount = Math.Max(1, distances.Lengths.LastIndexOfAnyExcept((byte)0) + 1);
        literals.Lengths[..literalCount].CopyTo(lengths);
        distances.Lengths[..distanceCount].CopyTo(lengths.AsSpan(literalCount));
        code.Clear();
        items.Clear();
        var all = lengths.AsSpan(0, literalCount + distanceCount);
        while (all.Length > 0)
        {
            var same = all.IndexOfAnyExcept(all[0]);
            var run = same < 0 ? all.Length : same;
            AddRun(all[0], run);
            all = all[run..];
        }
        code.Build();
        lengthCount = SymbolCount;
        while (lengthCount > FirstLengthCount && code.Lengths[Order[lengthCount - 1]] == 0) lengthCount--;
    }

    public void Write(ref BitWriter writer)
    {
        writer.Write(FinalDynamicBlock, 3);
        writer.Write((uint)(literalCount - FirstLiteralCount), 5);
        writer.Write((uint)(distanceCount - 1), 5);
        writer.Write((uint)(lengthCount - FirstLengthCount), 4);
        for (var index = 0; index < lengthCount; index++) writer.Write(code.Lengths[Order[index]], 3);
        foreach (var (symbol, extra) in items)
        {
            code.Write(ref writer, symbol);
            writer.Write(extra, ExtraBits(symbol));
        }
    }

    private void AddRun(byte length, int count)
    {
        if (length == 0)
        {
            for (; count >= 11; count -= Math.Min(count, 138)) Add(RepeatZeroLong, Math.Min(count, 138) - 11);
            if (count >= 3)
            {
                Add(RepeatZero, count - 3);
                count = 0;
            }
        }
        else
        {
            Add(length, 0);
            count--;
            for (; count >= 3; count -= Math.Min(count, 6)) Add(RepeatPrevious, Math.Min(count, 6) - 3);
        }
        for (; count > 0; count--) Add(length, 0);
    }

    private void Add(byte symbol, int extra)
    {
        code.Count(symbol);
        items.Add((symbol, (byte)extra));
    }

    private static int ExtraBits(byte symbol) => symbol switch
    {
        RepeatPrevious => 2,
        RepeatZero => 3,
        RepeatZeroLong => 7,
        _ => 0,
    };
}
