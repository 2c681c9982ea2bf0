using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>How many blocks, groups and inodes a file system of a size has, and which groups hold copies of the superblock and descriptors.</summary>
internal sealed record Ext4Geometry(long Blocks, int Groups, int InodesPerGroup)
{
    /// <summary>16 TiB: block numbers stay within 32 bits, as older tools expect.</summary>
    public const long MaximumBlocks = uint.MaxValue;

    private const int MinimumSpareInodes = 64;

    public int InodeTableBlocks => InodesPerGroup / InodesPerBlock;

    public long Inodes => (long)InodesPerGroup * Groups;

    public int DescriptorBlocks => (int)Alignment.DivideRoundUp(Groups, DescriptorsPerBlock);

    /// <summary>Blocks that are left for content.</summary>
    public long UsableBlocks => Blocks - ((long)Groups * (2 + InodeTableBlocks)) - Enumerable.Range(0, Groups).Sum(group => (HasSuperblock(group) ? 1 : 0) + (HasDescriptors(group) ? 1 : 0));

    /// <summary>The geometry for a size and a content, or null where the inodes do not fit.</summary>
    public static Ext4Geometry? Create(long size, long usedInodes, long contentBlocks, int bytesPerInode)
    {
        var blocks = size / BlockSize;
        var spareInodes = Math.Max(0, blocks - contentBlocks) * BlockSize / bytesPerInode;
        var whole = Create(blocks, (int)Alignment.DivideRoundUp(blocks, BlocksPerGroup), usedInodes, spareInodes);
        var fullGroups = (int)(blocks / BlocksPerGroup);
        if (fullGroups == 0 || blocks % BlocksPerGroup == 0) return whole;
        // A short last group can cost more than it holds; then its blocks stay unused.
        var cut = Create((long)fullGroups * BlocksPerGroup, fullGroups, usedInodes, spareInodes);
        return whole is null || (cut is not null && cut.UsableBlocks > whole.UsableBlocks) ? cut : whole;
    }

    /// <summary>Groups 0, 1 and the powers of 3, 5 and 7 (sparse_super).</summary>
    public static bool HasSuperblock(int group) => group <= 1 || IsPower(group, 3) || IsPower(group, 5) || IsPower(group, 7);

    /// <summary>The first, second and last group of those whose descriptors share a block (meta_bg).</summary>
    public static bool HasDescriptors(int group) => (group % DescriptorsPerBlock) is 0 or 1 or DescriptorsPerBlock - 1;

    public static long FirstBlock(int group) => (long)group * BlocksPerGroup;

    public static long DescriptorCopy(int group) => FirstBlock(group) + (HasSuperblock(group) ? 1 : 0);

    private static Ext4Geometry? Create(long blocks, int groups, long usedInodes, long spareInodes)
    {
        if (groups == 0) return null;
        var needed = Alignment.DivideRoundUp(usedInodes + MinimumSpareInodes, groups);
        if (needed > MaximumInodesPerGroup) return null;
        var wanted = Math.Min(Alignment.DivideRoundUp(usedInodes + spareInodes, groups), MaximumInodesPerGroup);
        return new Ext4Geometry(blocks, groups, (int)Alignment.RoundUp(Math.Max(needed, wanted), InodesPerBlock));
    }

    private static bool IsPower(int value, int root)
    {
        while (value % root == 0) value /= root;
        return value == 1;
    }
}
