using System.Numerics;
using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>Hands out blocks from front to back, each run as long as it can be. Its bits are the file system's block bitmaps.</summary>
internal sealed class Ext4Allocator
{
    /// <summary>The longest initialised extent (ee_len).</summary>
    public const int MaximumRun = 32768;

    private const byte FullByte = byte.MaxValue;

    private readonly long blocks;
    private readonly byte[] bitmap;
    private long cursor;

    public Ext4Allocator(long blocks, int groups)
    {
        this.blocks = blocks;
        bitmap = new byte[(long)groups * BlocksPerGroup / 8];
        FreeBlocks = blocks;
        // What lies past the end counts as used.
        for (var block = blocks; block < (long)groups * BlocksPerGroup; block++) SetUsed(block);
    }

    public long FreeBlocks { get; private set; }

    /// <summary>Takes a block that has to be this one.</summary>
    public void Reserve(long block)
    {
        SetUsed(block);
        FreeBlocks--;
    }

    /// <summary>Takes blocks one after the other, the first ones at or after a block; null where there are none.</summary>
    public long? ReserveContiguous(int count, long from)
    {
        for (var start = from; start + count <= blocks; start++)
        {
            var free = 0;
            while (free < count && !IsUsed(start + free)) free++;
            if (free == count)
            {
                for (var block = start; block < start + count; block++) Reserve(block);
                return start;
            }
            start += free;
        }
        return null;
    }

    /// <summary>Takes blocks for content.</summary>
    /// <exception cref="ImagingException">The file system is full.</exception>
    public IReadOnlyList<BlockRun> Allocate(long count)
    {
        var runs = new List<BlockRun>();
        while (count > 0)
        {
            SkipUsed();
            var start = cursor;
            var limit = Math.Min(blocks, start + Math.Min(count, MaximumRun));
            for (; cursor < limit && !IsUsed(cursor); cursor++) Reserve(cursor);
            runs.Add(new BlockRun(start, (int)(cursor - start)));
            count -= cursor - start;
        }
        return runs;
    }

    /// <summary>Takes one block for content.</summary>
    public long AllocateOne() => Allocate(1)[0].Start;

    public ReadOnlyMemory<byte> GroupBitmap(int group) => bitmap.AsMemory(group * BlockSize, BlockSize);

    public int FreeBlocksOf(int group)
    {
        var used = 0;
        foreach (var value in GroupBitmap(group).Span) used += BitOperations.PopCount(value);
        return BlocksPerGroup - used;
    }

    private void SkipUsed()
    {
        while (cursor < blocks && IsUsed(cursor)) cursor += cursor % 8 == 0 && bitmap[cursor / 8] == FullByte ? 8 : 1;
        if (cursor >= blocks) throw new ImagingException("The ext4 file system is full. Make it larger.");
    }

    private bool IsUsed(long block) => (bitmap[block / 8] & (1 << (int)(block % 8))) != 0;

    private void SetUsed(long block)
    {
        if (IsUsed(block)) throw new InvalidOperationException($"Block {block} is used twice.");
        bitmap[block / 8] |= (byte)(1 << (int)(block % 8));
    }
}
