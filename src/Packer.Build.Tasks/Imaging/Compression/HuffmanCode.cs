using System.Runtime.CompilerServices;

namespace Packer.Imaging;

/// <summary>A prefix code made of how often each symbol occurs, none of its codes longer than a limit (RFC 1951, section 3.2.2).</summary>
internal sealed class HuffmanCode(int symbolCount, int maximumBits)
{
    private const int SymbolBits = 9;
    private const int LengthBits = 5;
    private const int LongestUnlimited = 40;

    private readonly int[] frequencies = new int[symbolCount];
    private readonly byte[] lengths = new byte[symbolCount];
    // The code, its first bit lowest, above its length.
    private readonly uint[] codes = new uint[symbolCount];
    private readonly long[] sorted = new long[symbolCount];
    private readonly int[] weights = new int[symbolCount];
    private readonly int[] counts = new int[LongestUnlimited + 1];
    private readonly uint[] nextCodes = new uint[LongestUnlimited + 2];

    /// <summary>The length of each symbol's code in bits; 0 for those that do not occur.</summary>
    public ReadOnlySpan<byte> Lengths => lengths;

    /// <summary>What all counted symbols take together.</summary>
    public long BitCount
    {
        get
        {
            long bits = 0;
            for (var symbol = 0; symbol < lengths.Length; symbol++) bits += (long)frequencies[symbol] * lengths[symbol];
            return bits;
        }
    }

    public void Clear() => Array.Clear(frequencies);

    public void Count(int symbol) => frequencies[symbol]++;

    public int Frequency(int symbol) => frequencies[symbol];

    /// <summary>Makes the code.</summary>
    public void Build()
    {
        var used = Sort();
        Array.Clear(lengths);
        // Decoders refuse codes that are not complete, so there are always two symbols.
        for (var symbol = 0; used < 2; symbol++)
        {
            if (frequencies[symbol] > 0) continue;
            sorted[used++] = (1L << SymbolBits) | (uint)symbol;
        }
        FindLengths(used);
        LimitLengths();
        var index = used;
        for (var length = 1; length <= maximumBits; length++)
        {
            for (var left = counts[length]; left > 0; left--) lengths[sorted[--index] & ((1 << SymbolBits) - 1)] = (byte)length;
        }
        AssignCodes();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ref BitWriter writer, int symbol)
    {
        var code = codes[symbol];
        writer.Write(code >> LengthBits, (int)(code & ((1 << LengthBits) - 1)));
    }

    private int Sort()
    {
        var used = 0;
        for (var symbol = 0; symbol < frequencies.Length; symbol++)
        {
            if (frequencies[symbol] > 0) sorted[used++] = ((long)frequencies[symbol] << SymbolBits) | (uint)symbol;
        }
        sorted.AsSpan(0, used).Sort();
        return used;
    }

    /// <summary>How many codes of each length a Huffman code has (Moffat and Katajainen, "In-place calculation of minimum-redundancy codes", 1995).</summary>
    private void FindLengths(int used)
    {
        for (var index = 0; index < used; index++) weights[index] = (int)(sorted[index] >> SymbolBits);
        int root = 0, leaf = 0;
        for (var next = 0; next < used - 1; next++)
        {
            weights[next] = TakeLeast(next);
            weights[next] += TakeLeast(next);
        }
        weights[used - 2] = 0;
        for (var next = used - 3; next >= 0; next--) weights[next] = weights[weights[next]] + 1;

        Array.Clear(counts);
        int available = 1, depth = 0;
        for (var inner = used - 2; available > 0; depth++)
        {
            var nodes = 0;
            for (; inner >= 0 && weights[inner] == depth; inner--) nodes++;
            counts[Math.Min(depth, LongestUnlimited)] += available - nodes;
            available = 2 * nodes;
        }

        // The lighter of the next leaf and the next inner node; an inner node is then known by its parent.
        int TakeLeast(int parent)
        {
            if (leaf < used && (root >= parent || weights[leaf] <= weights[root])) return weights[leaf++];
            var weight = weights[root];
            weights[root++] = parent;
            return weight;
        }
    }

    /// <summary>Shortens codes beyond the limit and lengthens the longest others until the code is complete again.</summary>
    private void LimitLengths()
    {
        for (var length = maximumBits + 1; length <= LongestUnlimited; length++) counts[maximumBits] += counts[length];
        long room = 0;
        for (var length = 1; length <= maximumBits; length++) room += (long)counts[length] << (maximumBits - length);
        for (; room > 1L << maximumBits; room--)
        {
            counts[maximumBits]--;
            var length = maximumBits - 1;
            while (counts[length] == 0) length--;
            counts[length]--;
            counts[length + 1] += 2;
        }
    }

    private void AssignCodes()
    {
        uint code = 0;
        nextCodes[1] = 0;
        for (var length = 1; length < maximumBits; length++)
        {
            code = (code + (uint)counts[length]) << 1;
            nextCodes[length + 1] = code;
        }
        for (var symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            codes[symbol] = length == 0 ? 0 : (Reverse(nextCodes[length]++, length) << LengthBits) | (uint)length;
        }
    }

    private static uint Reverse(uint code, int length)
    {
        uint reversed = 0;
        for (; length > 0; length--, code >>= 1) reversed = (reversed << 1) | (code & 1);
        return reversed;
    }
}
