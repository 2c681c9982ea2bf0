using System.Numerics;
using System.Runtime.CompilerServices;

namespace Packer.Imaging;

/// <summary>
/// What LZMA knows of the symbols so far, and how it encodes the next one (LZMA specification, "LZMA Decoding"; here its counterpart), with the usual properties:
/// 3 bits of the byte before choose the model of a literal (lc), none of its place (lp), and 2 bits of the place those of matches (pb).
/// </summary>
internal sealed class LzmaModel
{
    public const int MinimumMatch = 2;
    public const int MaximumMatch = 273;
    public const int PositionStates = 1 << PositionBits;

    /// <summary>The properties as a byte.</summary>
    public const byte Properties = (((PositionBits * 5) + 0) * 9) + LiteralContextBits;

    private const int PositionBits = 2;
    private const int LiteralContextBits = 3;
    private const int LiteralModelSize = 0x300;
    private const int States = 12;
    private const int FirstStateAfterMatch = 7;
    private const int LengthStates = 4;
    private const int SlotBits = 6;
    private const int FirstModelledSlot = 4;
    private const int FirstDirectSlot = 14;
    private const int AlignBits = 4;
    private const int ModelledDistances = 1 << (FirstDirectSlot / 2);

    private readonly ushort[] literals = new ushort[LiteralModelSize << LiteralContextBits];
    private readonly ushort[] isMatch = new ushort[States * PositionStates];
    private readonly ushort[] isRepeat = new ushort[States];
    private readonly ushort[] isNotRepeat0 = new ushort[States];
    private readonly ushort[] isNotRepeat1 = new ushort[States];
    private readonly ushort[] isNotRepeat2 = new ushort[States];
    private readonly ushort[] isLongRepeat0 = new ushort[States * PositionStates];
    private readonly ushort[] slots = new ushort[LengthStates << SlotBits];
    private readonly ushort[] distances = new ushort[ModelledDistances - FirstDirectSlot];
    private readonly ushort[] aligns = new ushort[1 << AlignBits];
    private readonly LzmaLengthCoder matchLengths = new();
    private readonly LzmaLengthCoder repeatLengths = new();
    private readonly int[] repeats = new int[4];
    private int state;

    /// <summary>The distances that were used last, the latest first; 0 is the byte before.</summary>
    public ReadOnlySpan<int> Repeats => repeats;

    public void Reset()
    {
        foreach (var probabilities in new[] { literals, isMatch, isRepeat, isNotRepeat0, isNotRepeat1, isNotRepeat2, isLongRepeat0, slots, distances, aligns })
            Array.Fill(probabilities, RangeEncoder.InitialProbability);
        matchLengths.Reset();
        repeatLengths.Reset();
        Array.Clear(repeats);
        state = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void EncodeLiteral(RangeEncoder coder, ReadOnlySpan<byte> data, int position)
    {
        coder.Encode(ref isMatch[(state * PositionStates) + (position & (PositionStates - 1))], 0);
        var before = position == 0 ? 0 : data[position - 1];
        var model = literals.AsSpan((before >> (8 - LiteralContextBits)) * LiteralModelSize, LiteralModelSize);
        var symbol = data[position] | 0x100u;
        if (state < FirstStateAfterMatch)
        {
            for (; symbol < 0x10000; symbol <<= 1) coder.Encode(ref model[(int)(symbol >> 8)], (symbol >> 7) & 1);
        }
        else
        {
            // The byte that would have gone on with the last match is the one that it is not: it chooses among models until the first difference.
            var offset = 0x100u;
            for (uint matched = data[position - repeats[0] - 1]; symbol < 0x10000; symbol <<= 1)
            {
                matched <<= 1;
                coder.Encode(ref model[(int)(offset + (matched & offset) + (symbol >> 8))], (symbol >> 7) & 1);
                offset &= ~(matched ^ (symbol << 1));
            }
        }
        state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
    }

    public void EncodeMatch(RangeEncoder coder, int position, int distance, int length)
    {
        var positionState = position & (PositionStates - 1);
        coder.Encode(ref isMatch[(state * PositionStates) + positionState], 1);
        coder.Encode(ref isRepeat[state], 0);
        state = state < FirstStateAfterMatch ? 7 : 10;
        matchLengths.Encode(coder, length, positionState);
        EncodeDistance(coder, (uint)distance, Math.Min(length - MinimumMatch, LengthStates - 1));
        repeats.AsSpan(0, 3).CopyTo(repeats.AsSpan(1));
        repeats[0] = distance;
    }

    /// <param name="coder">Takes the bits.</param>
    /// <param name="position">The place of the match.</param>
    /// <param name="index">Which of <see cref="Repeats"/> it is.</param>
    /// <param name="length">Its length.</param>
    public void EncodeRepeat(RangeEncoder coder, int position, int index, int length)
    {
        var positionState = position & (PositionStates - 1);
        coder.Encode(ref isMatch[(state * PositionStates) + positionState], 1);
        coder.Encode(ref isRepeat[state], 1);
        if (index == 0)
        {
            coder.Encode(ref isNotRepeat0[state], 0);
            coder.Encode(ref isLongRepeat0[(state * PositionStates) + positionState], 1);
        }
        else
        {
            coder.Encode(ref isNotRepeat0[state], 1);
            coder.Encode(ref isNotRepeat1[state], index == 1 ? 0u : 1u);
            if (index > 1) coder.Encode(ref isNotRepeat2[state], index == 2 ? 0u : 1u);
            var distance = repeats[index];
            repeats.AsSpan(0, index).CopyTo(repeats.AsSpan(1));
            repeats[0] = distance;
        }
        repeatLengths.Encode(coder, length, positionState);
        state = state < FirstStateAfterMatch ? 8 : 11;
    }

    private void EncodeDistance(RangeEncoder coder, uint distance, int lengthState)
    {
        var slot = Slot(distance);
        coder.EncodeTree(slots.AsSpan(lengthState << SlotBits, 1 << SlotBits), (uint)slot, SlotBits);
        if (slot < FirstModelledSlot) return;
        var bits = (slot >> 1) - 1;
        var start = (2u | ((uint)slot & 1)) << bits;
        var rest = distance - start;
        if (slot < FirstDirectSlot)
        {
            coder.EncodeReverseTree(distances.AsSpan((int)start - slot), rest, bits);
            return;
        }
        coder.EncodeDirect(rest >> AlignBits, bits - AlignBits);
        coder.EncodeReverseTree(aligns, rest & ((1 << AlignBits) - 1), AlignBits);
    }

    private static int Slot(uint distance)
    {
        if (distance < FirstModelledSlot) return (int)distance;
        var highest = BitOperations.Log2(distance);
        return (highest << 1) | (int)((distance >> (highest - 1)) & 1);
    }
}
