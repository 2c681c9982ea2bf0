using System.Runtime.CompilerServices;

namespace Packer.Imaging;

/// <summary>The range coder of LZMA (LZMA specification, "Range Decoder"; here its counterpart). Probabilities have 11 bits.</summary>
internal sealed class RangeEncoder
{
    public const ushort InitialProbability = 1 << (ProbabilityBits - 1);

    /// <summary>The most bytes that what is pending can become.</summary>
    private const int FlushLength = 5;

    private const int ProbabilityBits = 11;
    private const int ProbabilityShift = 5;
    private const uint Top = 1 << 24;

    private readonly byte[] output;
    private ulong low;
    private uint range;
    private byte cache;
    private int pendingCount;
    private int position;

    public RangeEncoder(int capacity)
    {
        output = new byte[capacity];
        Reset();
    }

    /// <summary>The length of the stream, if it ended here.</summary>
    public int Length => position + pendingCount + FlushLength - 1;

    /// <summary>Begins a new stream.</summary>
    public void Reset()
    {
        low = 0;
        range = uint.MaxValue;
        cache = 0;
        pendingCount = 1;
        position = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Encode(ref ushort probability, uint bit)
    {
        var bound = (range >> ProbabilityBits) * probability;
        if (bit == 0)
        {
            range = bound;
            probability += (ushort)(((1 << ProbabilityBits) - probability) >> ProbabilityShift);
        }
        else
        {
            low += bound;
            range -= bound;
            probability -= (ushort)(probability >> ProbabilityShift);
        }
        if (range >= Top) return;
        range <<= 8;
        ShiftLow();
    }

    /// <summary>Encodes the lowest bits of a number, the highest of them first, each as likely as not.</summary>
    public void EncodeDirect(uint value, int bits)
    {
        while (bits > 0)
        {
            range >>= 1;
            if (((value >> --bits) & 1) != 0) low += range;
            if (range >= Top) continue;
            range <<= 8;
            ShiftLow();
        }
    }

    /// <summary>Encodes a number along a tree of probabilities, the highest bit first.</summary>
    public void EncodeTree(Span<ushort> tree, uint value, int bits)
    {
        var node = 1u;
        while (bits > 0)
        {
            var bit = (value >> --bits) & 1;
            Encode(ref tree[(int)node], bit);
            node = (node << 1) | bit;
        }
    }

    /// <summary>Encodes a number along a tree, the lowest bit first; the root is the first of the probabilities.</summary>
    public void EncodeReverseTree(Span<ushort> tree, uint value, int bits)
    {
        var node = 1u;
        for (; bits > 0; bits--, value >>= 1)
        {
            var bit = value & 1;
            Encode(ref tree[(int)node - 1], bit);
            node = (node << 1) | bit;
        }
    }

    /// <summary>Ends the stream and returns it; valid until the next is begun.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        for (var left = FlushLength; left > 0; left--) ShiftLow();
        return output.AsSpan(0, position);
    }

    private void ShiftLow()
    {
        if ((uint)low < 0xFF000000 || low >> 32 != 0)
        {
            var carry = (byte)(low >> 32);
            for (var value = cache; pendingCount > 0; pendingCount--, value = byte.MaxValue) output[position++] = (byte)(value + carry);
            cache = (byte)(low >> 24);
        }
        pendingCount++;
        low = (uint)low << 8;
    }
}
