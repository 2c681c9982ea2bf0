using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Packer.Imaging;

/// <summary>
/// Compresses blocks of at most 64 KiB, each on its own, to one block of DEFLATE (RFC 1951). The native libraries behind
/// <c>System.IO.Compression</c> differ between systems and releases of .NET, and so do their bytes; these depend on the input alone.
/// An instance is used by one thread at a time.
/// </summary>
/// <remarks>Matches of four bytes and more, found by chains of hashes; a match is put off by one byte where the next place has a longer one.</remarks>
internal sealed unsafe class DeflateEncoder
{
    /// <summary>The longest input, in bytes.</summary>
    public const int MaximumInput = 1 << 16;

    private const int HashBits = 15;
    private const int MinimumMatch = 4;
    private const int MaximumMatch = 258;
    private const int MaximumDistance = 1 << 15;
    private const int MatchLengthShift = 16;

    private readonly int chainLength;
    private readonly int goodLength;
    private readonly int sufficientLength;
    private readonly int[] heads = new int[1 << HashBits];
    private readonly int[] previous = new int[MaximumInput];
    private readonly uint[] symbols = new uint[MaximumInput];
    private readonly HuffmanCode literals = new(DeflateSymbols.LiteralCount, DeflateSymbols.MaximumBits);
    private readonly HuffmanCode distances = new(DeflateSymbols.DistanceCount, DeflateSymbols.MaximumBits);
    private readonly DeflateHeader header = new();
    private int symbolCount;
    private int matchDistance;

    /// <summary>Makes an encoder that works as hard as disk images deserve.</summary>
    public DeflateEncoder() : this(DeflateEffort.Disk)
    {
    }

    /// <summary>Makes an encoder.</summary>
    public DeflateEncoder(DeflateEffort effort) => (chainLength, goodLength, sufficientLength) = effort;

    /// <summary>
    /// Compresses a block to a stream of one final DEFLATE block. The bits of the last byte after its end are zero.
    /// </summary>
    /// <param name="input">At least one byte, at most <see cref="MaximumInput"/>.</param>
    /// <param name="output">Takes the stream; <see cref="MaximumInput"/> bytes are always enough.</param>
    /// <returns>The length of the stream in bits, or 0 where it would not be shorter than the input.</returns>
    public int Encode(ReadOnlySpan<byte> input, Span<byte> output)
    {
        literals.Clear();
        distances.Clear();
        fixed (byte* bytes = input) FindMatches(bytes, input.Length);
        literals.Count(DeflateSymbols.EndOfBlock);
        literals.Build();
        distances.Build();
        header.Build(literals, distances);
        var bits = header.BitCount + literals.BitCount + distances.BitCount + ExtraBits();
        if (bits >= (input.Length - BitWriter.Slack) * 8L) return 0;
        var writer = new BitWriter(output);
        header.Write(ref writer);
        Write(ref writer);
        return writer.Finish();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindMatches(byte* input, int length)
    {
        Array.Fill(heads, -1);
        symbolCount = 0;
        var hashed = length - MinimumMatch;
        var position = 0;
        fixed (int* heads = this.heads, previous = this.previous)
        fixed (uint* symbols = this.symbols)
        {
            var next = symbols;
            while (position <= hashed)
            {
                var found = Find(input, position, length, MinimumMatch - 1, heads, previous);
                if (found < MinimumMatch)
                {
                    *next++ = input[position++];
                    continue;
                }
                var distance = matchDistance;
                while (found < sufficientLength && position < hashed)
                {
                    var later = Find(input, position + 1, length, found, heads, previous);
                    if (later <= found)
                    {
                        Insert(input, position + 2, Math.Min(position + found, hashed + 1), heads, previous);
                        goto take;
                    }
                    *next++ = input[position++];
                    found = later;
                    distance = matchDistance;
                }
                Insert(input, position + 1, Math.Min(position + found, hashed + 1), heads, previous);
            take:
                *next++ = ((uint)found << MatchLengthShift) | (uint)(distance - 1);
                position += found;
            }
            while (position < length) *next++ = input[position++];
            symbolCount = (int)(next - symbols);
        }
        foreach (var symbol in this.symbols.AsSpan(0, symbolCount))
        {
            var matched = (int)(symbol >> MatchLengthShift);
            if (matched == 0)
            {
                literals.Count((int)symbol);
                continue;
            }
            literals.Count(DeflateSymbols.LengthSymbol(matched));
            distances.Count(DeflateSymbols.DistanceSymbol((int)(symbol & ushort.MaxValue)));
        }
    }

    /// <summary>The length of the longest match that is longer than <paramref name="atLeast"/>, or that; and the place joins the chains.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Find(byte* input, int position, int length, int atLeast, int* heads, int* previous)
    {
        var start = BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(input + position, sizeof(uint)));
        var head = heads + Hash(start);
        var candidate = *head;
        previous[position] = candidate;
        *head = position;
        var longest = Math.Min(MaximumMatch, length - position);
        if (atLeast >= longest) return atLeast;
        var best = atLeast;
        var oldest = position - MaximumDistance;
        for (var left = chainLength; candidate >= oldest && candidate >= 0 && left > 0; left--, candidate = previous[candidate])
        {
            // The end first: that is where a candidate must beat the best one.
            if (input[candidate + best] != input[position + best] || Read32(input + candidate) != start) continue;
            var same = CommonLength(input + candidate, input + position, longest);
            if (same <= best) continue;
            best = same;
            matchDistance = position - candidate;
            if (same >= goodLength || same == longest) break;
        }
        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Insert(byte* input, int from, int to, int* heads, int* previous)
    {
        for (; from < to; from++)
        {
            var head = heads + Hash(Read32(input + from));
            previous[from] = *head;
            *head = from;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CommonLength(byte* first, byte* second, int longest)
    {
        var same = MinimumMatch;
        for (; same + sizeof(ulong) <= longest; same += sizeof(ulong))
        {
            var difference = Read64(first + same) ^ Read64(second + same);
            if (difference != 0) return same + (BitOperations.TrailingZeroCount(difference) >> 3);
        }
        while (same < longest && first[same] == second[same]) same++;
        return same;
    }

    private static uint Hash(uint value) => (value * 0x9E3779B1) >> (32 - HashBits);

    private static uint Read32(byte* at) => BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(at, sizeof(uint)));

    private static ulong Read64(byte* at) => BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(at, sizeof(ulong)));

    private long ExtraBits()
    {
        long bits = 0;
        for (var symbol = DeflateSymbols.FirstLength; symbol < DeflateSymbols.LiteralCount; symbol++) bits += literals.Frequency(symbol) * DeflateSymbols.LengthExtraBits(symbol);
        for (var symbol = 0; symbol < DeflateSymbols.DistanceCount; symbol++) bits += distances.Frequency(symbol) * DeflateSymbols.DistanceExtraBits(symbol);
        return bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Write(ref BitWriter writer)
    {
        foreach (var symbol in symbols.AsSpan(0, symbolCount))
        {
            var length = (int)(symbol >> MatchLengthShift);
            if (length == 0)
            {
                literals.Write(ref writer, (int)symbol);
                continue;
            }
            var lengthSymbol = DeflateSymbols.LengthSymbol(length);
            literals.Write(ref writer, lengthSymbol);
            writer.Write((uint)(length - DeflateSymbols.LengthBase(lengthSymbol)), DeflateSymbols.LengthExtraBits(lengthSymbol));
            var distance = (int)(symbol & ushort.MaxValue);
            var distanceSymbol = DeflateSymbols.DistanceSymbol(distance);
            distances.Write(ref writer, distanceSymbol);
            var extra = DeflateSymbols.DistanceExtraBits(distanceSymbol);
            writer.Write((uint)distance & ((1u << extra) - 1), extra);
        }
        literals.Write(ref writer, DeflateSymbols.EndOfBlock);
    }
}
