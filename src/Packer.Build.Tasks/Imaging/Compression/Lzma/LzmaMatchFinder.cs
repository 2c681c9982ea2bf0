using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Packer.Imaging;

/// <summary>Finds earlier places with the same bytes by chains of hashes of four bytes, and the latest one with the same three.</summary>
internal sealed unsafe class LzmaMatchFinder(LzmaEffort effort, int capacity)
{
    private const int ShortHashBits = 14;
    private const int LongHashBits = 17;
    private const int ShortLength = 3;
    private const int LongLength = 4;

    /// <summary>A distance so much longer costs as much as a byte of length saves.</summary>
    private const int FarShift = 7;

    private readonly int[] latestShort = new int[1 << ShortHashBits];
    private readonly int[] heads = new int[1 << LongHashBits];
    private readonly int[] previous = new int[capacity];
    private int next;

    /// <summary>The distance of the match that was found; 0 is the byte before.</summary>
    public int Distance { get; private set; }

    public void Reset()
    {
        Array.Fill(latestShort, -1);
        Array.Fill(heads, -1);
        next = 0;
    }

    /// <summary>Makes places known that no match is looked for at.</summary>
    public void SkipTo(byte* data, int end, int position)
    {
        for (; next < position; next++) Insert(data, end, next);
    }

    /// <summary>The length of the best match at a place, or 0. Places are asked for in order, each once at the most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(byte* data, int end, int position)
    {
        SkipTo(data, end, position);
        var longest = Math.Min(LzmaModel.MaximumMatch, end - position);
        if (longest < LongLength) return 0;
        var near = latestShort[ShortHash(data + position)];
        Insert(data, end, position);
        next = position + 1;
        var best = 0;
        if (near >= 0 && position - near < 1 << 12 && CommonLength(data + near, data + position, ShortLength) == ShortLength)
        {
            best = CommonLength(data + near, data + position, longest);
            Distance = position - near - 1;
            if (best >= effort.GoodLength || best == longest) return best;
        }
        var candidate = previous[position];
        for (var left = effort.ChainLength; candidate >= 0 && left > 0; left--, candidate = previous[candidate])
        {
            if (data[candidate + best] != data[position + best]) continue;
            var same = CommonLength(data + candidate, data + position, longest);
            if (same <= best || same < LongLength) continue;
            var distance = position - candidate - 1;
            if (best > 0 && same == best + 1 && distance >> FarShift > Distance) continue;
            best = same;
            Distance = distance;
            if (same >= effort.GoodLength || same == longest) break;
        }
        return best;
    }

    /// <summary>How many bytes are the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CommonLength(byte* first, byte* second, int longest)
    {
        var same = 0;
        for (; same + sizeof(ulong) <= longest; same += sizeof(ulong))
        {
            var difference = Read64(first + same) ^ Read64(second + same);
            if (difference != 0) return same + (BitOperations.TrailingZeroCount(difference) >> 3);
        }
        while (same < longest && first[same] == second[same]) same++;
        return same;
    }

    private void Insert(byte* data, int end, int position)
    {
        if (end - position < LongLength) return;
        latestShort[ShortHash(data + position)] = position;
        ref var head = ref heads[(Read32(data + position) * 0x9E3779B1) >> (32 - LongHashBits)];
        previous[position] = head;
        head = position;
    }

    private static uint ShortHash(byte* at) => ((Read32(at) & 0xFFFFFF) * 0x9E3779B1) >> (32 - ShortHashBits);

    private static uint Read32(byte* at) => BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(at, sizeof(uint)));

    private static ulong Read64(byte* at) => BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(at, sizeof(ulong)));
}
