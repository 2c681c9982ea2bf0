using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>How many blocks the content of a tree takes.</summary>
internal static class Ext4Content
{
    /// <summary>
    /// The structures at the beginning of a group can cut one extent in two; that costs at most one leaf and one index of an extent tree.
    /// </summary>
    public const int ExtraBlocksPerGroup = 2;

    public static long CountBlocks(Ext4Numbering numbering, Ext4Options options)
    {
        var total = options.JournalSize > 0 ? CountFile(options.JournalSize / BlockSize, 1) : 0;
        foreach (var entry in numbering.Entries)
        {
            total += entry.Node.Type switch
            {
                NodeType.Directory => CountFile(Ext4Directory.CountBlocks(numbering.ChildrenOf(entry.Node).Select(child => child.Key)), 1),
                NodeType.File => CountFile(entry),
                NodeType.SymbolicLink => FileNames.Encode(entry.Node.Target).Length < InlineSize ? 0 : 1,
                _ => 0,
            };
            if (entry.Node.ExtendedAttributes.Count > 0 && new Ext4Attributes(entry.Node, entry.Path).NeedsBlock) total++;
        }
        return total;
    }

    private static long CountFile(Ext4InodeEntry entry)
    {
        if (entry.Node.Data.Length > Ext4FileBlocks.MaximumBlocks * BlockSize)
            throw new ImagingException($"'{entry.Path}' has {entry.Node.Data.Length} bytes, a file in ext4 has {Ext4FileBlocks.MaximumBlocks * BlockSize} at most. Split it.");
        long blocks = 0, ranges = 0;
        foreach (var range in Ext4FileBlocks.Ranges(entry.Node.Data))
        {
            blocks += range.Length;
            ranges++;
        }
        return CountFile(blocks, ranges);
    }

    private static long CountFile(long blocks, long ranges) => blocks + Ext4ExtentTree.CountBlocks(ranges + (blocks / Ext4Allocator.MaximumRun));
}
