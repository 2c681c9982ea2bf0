using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>The tree that leads from the blocks of a file to the blocks of the disk (Documentation/filesystems/ext4, "Extent Tree").</summary>
internal static class Ext4ExtentTree
{
    private const int EntrySize = 12;
    private const int HeaderSize = 12;
    private const int RootCapacity = (InlineSize - HeaderSize) / EntrySize;
    private const int BlockCapacity = (BlockSize - HeaderSize) / EntrySize;
    private const int Magic = 0xF30A;

    private static class HeaderField
    {
        public const int Magic = 0, Entries = 2, Capacity = 4, Depth = 6;
    }

    private static class ExtentField
    {
        public const int LogicalBlock = 0, Count = 4, BlockHigh = 6, BlockLow = 8;
    }

    private static class IndexField
    {
        public const int LogicalBlock = 0, BlockLow = 4, BlockHigh = 8;
    }

    /// <summary>The blocks that the tree itself takes, besides its root in the inode.</summary>
    public static long CountBlocks(long extents)
    {
        long total = 0;
        for (var entries = extents; entries > RootCapacity; total += entries) entries = Alignment.DivideRoundUp(entries, BlockCapacity);
        return total;
    }

    /// <summary>Writes the tree.</summary>
    /// <returns>The root, for <c>i_block</c>, and the number of blocks that the rest takes.</returns>
    public static (byte[] Root, int Blocks) Write(IReadOnlyList<Ext4Extent> extents, uint inodeSeed, Ext4Allocator allocator, SparseImage image)
    {
        var level = extents.Select(extent => new Entry(extent.LogicalBlock, Encode(extent))).ToList();
        int depth = 0, blocks = 0;
        while (level.Count > RootCapacity)
        {
            var above = new List<Entry>();
            foreach (var entries in level.Chunk(BlockCapacity))
            {
                var place = allocator.AllocateOne();
                image.Add(place * BlockSize, EncodeBlock(entries, depth, inodeSeed));
                above.Add(new Entry(entries[0].LogicalBlock, EncodeIndex(entries[0].LogicalBlock, place)));
            }
            blocks += above.Count;
            level = above;
            depth++;
        }
        var root = new byte[InlineSize];
        EncodeNode(root, level, RootCapacity, depth);
        return (root, blocks);
    }

    private static byte[] EncodeBlock(IReadOnlyList<Entry> entries, int depth, uint inodeSeed)
    {
        var block = new byte[BlockSize];
        EncodeNode(block, entries, BlockCapacity, depth);
        SealBlock(block, inodeSeed, HeaderSize + (BlockCapacity * EntrySize));
        return block;
    }

    private static void EncodeNode(Span<byte> node, IReadOnlyList<Entry> entries, int capacity, int depth)
    {
        node.PutUInt16(HeaderField.Magic, Magic);
        node.PutUInt16(HeaderField.Entries, entries.Count);
        node.PutUInt16(HeaderField.Capacity, capacity);
        node.PutUInt16(HeaderField.Depth, depth);
        for (var index = 0; index < entries.Count; index++) entries[index].Bytes.CopyTo(node[(HeaderSize + (index * EntrySize))..]);
    }

    private static byte[] Encode(Ext4Extent extent)
    {
        var bytes = new byte[EntrySize];
        bytes.PutUInt32(ExtentField.LogicalBlock, extent.LogicalBlock);
        bytes.PutUInt16(ExtentField.Count, extent.Count);
        bytes.PutUInt16(ExtentField.BlockHigh, extent.Block >> 32);
        bytes.PutLow32(ExtentField.BlockLow, extent.Block);
        return bytes;
    }

    private static byte[] EncodeIndex(long logicalBlock, long block)
    {
        var bytes = new byte[EntrySize];
        bytes.PutUInt32(IndexField.LogicalBlock, logicalBlock);
        bytes.PutLow32(IndexField.BlockLow, block);
        bytes.PutUInt16(IndexField.BlockHigh, block >> 32);
        return bytes;
    }

    private readonly record struct Entry(long LogicalBlock, byte[] Bytes);
}
