namespace Packer.Imaging;

/// <summary>Encodes the lengths of matches (LZMA specification, "The Match Length Decoding"; here its counterpart).</summary>
internal sealed class LzmaLengthCoder
{
    private const int ShortBits = 3;
    private const int ShortCount = 1 << ShortBits;
    private const int LongBits = 8;

    private readonly ushort[] choices = new ushort[2];
    private readonly ushort[] low = new ushort[LzmaModel.PositionStates << ShortBits];
    private readonly ushort[] middle = new ushort[LzmaModel.PositionStates << ShortBits];
    private readonly ushort[] high = new ushort[1 << LongBits];

    public void Reset()
    {
        foreach (var probabilities in new[] { choices, low, middle, high }) Array.Fill(probabilities, RangeEncoder.InitialProbability);
    }

    public void Encode(RangeEncoder coder, int length, int positionState)
    {
        var value = (uint)(length - LzmaModel.MinimumMatch);
        if (value < ShortCount)
        {
            coder.Encode(ref choices[0], 0);
            coder.EncodeTree(low.AsSpan(positionState << ShortBits, ShortCount), value, ShortBits);
            return;
        }
        coder.Encode(ref choices[0], 1);
        value -= ShortCount;
        if (value < ShortCount)
        {
            coder.Encode(ref choices[1], 0);
            coder.EncodeTree(middle.AsSpan(positionState << ShortBits, ShortCount), value, ShortBits);
            return;
        }
        coder.Encode(ref choices[1], 1);
        coder.EncodeTree(high, value - ShortCount, LongBits);
    }
}
