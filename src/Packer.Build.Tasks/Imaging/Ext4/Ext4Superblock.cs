using System.Text;
using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>The superblock and its copies (Documentation/filesystems/ext4, "Super Block").</summary>
internal sealed record Ext4Superblock(Ext4Geometry Geometry, Ext4Options Options, long FreeBlocks, long FreeInodes, byte[]? JournalInline)
{
    public const int Size = 1024;

    /// <summary>Where the first one lies; the copies lie at the beginning of their groups.</summary>
    public const int FirstOffset = 1024;

    public const int MaximumLabelLength = 16;

    private const int Magic = 0xEF53;
    private const int BlockSizeShift = 2;
    private const int CleanState = 1;
    private const int ContinueOnErrors = 1;
    private const int DynamicRevision = 1;
    private const int NoMaximumMounts = 0xFFFF;
    private const int HashVersionHalfMd4 = 1;
    private const int DefaultMountOptions = 0x4 | 0x8;
    private const int SignedHashFlag = 1;
    private const int ChecksumTypeCrc32C = 1;
    private const int JournalBackupExtents = 1;
    private const int HashSeedWords = 4;

    [Flags]
    private enum Compatible
    {
        HasJournal = 0x4,
        ExtendedAttributes = 0x8,
        DirectoryIndex = 0x20,
    }

    [Flags]
    private enum Incompatible
    {
        FileType = 0x2,
        MetaBlockGroups = 0x10,
        Extents = 0x40,
        SixtyFourBit = 0x80,
        FlexibleBlockGroups = 0x200,
    }

    [Flags]
    private enum ReadOnlyCompatible
    {
        SparseSuper = 0x1,
        LargeFile = 0x2,
        HugeFile = 0x8,
        ManyLinksOfFolders = 0x20,
        ExtraInodeSize = 0x40,
        MetadataChecksums = 0x400,
    }

    private static class Field
    {
        public const int Inodes = 0x00, BlocksLow = 0x04, ReservedLow = 0x08, FreeBlocksLow = 0x0C, FreeInodes = 0x10, BlockSize = 0x18, ClusterSize = 0x1C;
        public const int BlocksPerGroup = 0x20, ClustersPerGroup = 0x24, InodesPerGroup = 0x28, WriteTime = 0x30, MaximumMounts = 0x36, Magic = 0x38;
        public const int State = 0x3A, Errors = 0x3C, CheckTime = 0x40, Revision = 0x4C, FirstInode = 0x54, InodeSize = 0x58, Group = 0x5A;
        public const int Compatible = 0x5C, Incompatible = 0x60, ReadOnlyCompatible = 0x64, Uuid = 0x68, Label = 0x78, JournalInode = 0xE0, HashSeed = 0xEC;
        public const int HashVersion = 0xFC, JournalBackup = 0xFD, DescriptorSize = 0xFE, MountOptions = 0x100, CreationTime = 0x108, JournalBlocks = 0x10C;
        public const int BlocksHigh = 0x150, ReservedHigh = 0x154, FreeBlocksHigh = 0x158, MinimumExtra = 0x15C, WantedExtra = 0x15E, Flags = 0x160;
        public const int FlexGroupShift = 0x174, ChecksumType = 0x175, WriteTimeHigh = 0x274, CreationTimeHigh = 0x276, CheckTimeHigh = 0x277, Checksum = 0x3FC;
        public const int JournalSizeHigh = JournalBlocks + InlineSize, JournalSizeLow = JournalSizeHigh + sizeof(uint);
    }

    public static long ReservedBlocks(long blocks, Ext4Options options) => blocks * options.ReservedPercentage / 100;

    public byte[] Encode(int group)
    {
        var bytes = new byte[Size];
        WriteSizes(bytes, group);
        WriteFeatures(bytes);
        WriteIdentity(bytes);
        if (JournalInline is not null) WriteJournal(bytes, JournalInline);
        bytes.PutUInt32(Field.Checksum, Crc32C.Append(Crc32C.Initial, bytes.AsSpan(0, Field.Checksum)));
        return bytes;
    }

    private void WriteSizes(Span<byte> bytes, int group)
    {
        var reserved = ReservedBlocks(Geometry.Blocks, Options);
        bytes.PutUInt32(Field.Inodes, Geometry.Inodes);
        bytes.PutLow32(Field.BlocksLow, Geometry.Blocks);
        bytes.PutUInt32(Field.BlocksHigh, Geometry.Blocks >> 32);
        bytes.PutLow32(Field.ReservedLow, reserved);
        bytes.PutUInt32(Field.ReservedHigh, reserved >> 32);
        bytes.PutLow32(Field.FreeBlocksLow, FreeBlocks);
        bytes.PutUInt32(Field.FreeBlocksHigh, FreeBlocks >> 32);
        bytes.PutUInt32(Field.FreeInodes, FreeInodes);
        bytes.PutUInt32(Field.BlockSize, BlockSizeShift);
        bytes.PutUInt32(Field.ClusterSize, BlockSizeShift);
        bytes.PutUInt32(Field.BlocksPerGroup, BlocksPerGroup);
        bytes.PutUInt32(Field.ClustersPerGroup, BlocksPerGroup);
        bytes.PutUInt32(Field.InodesPerGroup, Geometry.InodesPerGroup);
        bytes.PutUInt32(Field.FirstInode, LostAndFoundInode);
        bytes.PutUInt16(Field.InodeSize, InodeSize);
        bytes.PutUInt16(Field.MinimumExtra, Ext4Inode.ExtraSize);
        bytes.PutUInt16(Field.WantedExtra, Ext4Inode.ExtraSize);
        bytes.PutUInt16(Field.DescriptorSize, DescriptorSize);
        bytes[Field.FlexGroupShift] = GroupsPerFlexGroupShift;
        // Only the copies' own field is 16 bits wide; tools look at the low bits.
        bytes.PutLow16(Field.Group, group);
    }

    private void WriteFeatures(Span<byte> bytes)
    {
        var compatible = Compatible.ExtendedAttributes | Compatible.DirectoryIndex | (JournalInline is null ? 0 : Compatible.HasJournal);
        const Incompatible IncompatibleFeatures = Incompatible.FileType | Incompatible.MetaBlockGroups | Incompatible.Extents | Incompatible.SixtyFourBit | Incompatible.FlexibleBlockGroups;
        const ReadOnlyCompatible ReadOnlyFeatures = ReadOnlyCompatible.SparseSuper | ReadOnlyCompatible.LargeFile | ReadOnlyCompatible.HugeFile
            | ReadOnlyCompatible.ManyLinksOfFolders | ReadOnlyCompatible.ExtraInodeSize | ReadOnlyCompatible.MetadataChecksums;
        bytes.PutUInt32(Field.Compatible, (long)compatible);
        bytes.PutUInt32(Field.Incompatible, (long)IncompatibleFeatures);
        bytes.PutUInt32(Field.ReadOnlyCompatible, (long)ReadOnlyFeatures);
        bytes.PutUInt32(Field.Revision, DynamicRevision);
        bytes.PutUInt32(Field.MountOptions, DefaultMountOptions);
        bytes.PutUInt32(Field.Flags, SignedHashFlag);
        bytes[Field.HashVersion] = HashVersionHalfMd4;
        bytes[Field.ChecksumType] = ChecksumTypeCrc32C;
    }

    private void WriteIdentity(Span<byte> bytes)
    {
        var uuid = Options.Uuid.ToByteArray(bigEndian: true);
        uuid.CopyTo(bytes[Field.Uuid..]);
        Encoding.UTF8.GetBytes(Options.Label, bytes.Slice(Field.Label, MaximumLabelLength));
        for (var word = 0u; word < HashSeedWords; word++) bytes.PutUInt32(Field.HashSeed + ((int)word * sizeof(uint)), Crc32C.Append(word, uuid));
        PutTime(bytes, Field.WriteTime, Field.WriteTimeHigh);
        PutTime(bytes, Field.CheckTime, Field.CheckTimeHigh);
        PutTime(bytes, Field.CreationTime, Field.CreationTimeHigh);
        bytes.PutUInt16(Field.Magic, Magic);
        bytes.PutUInt16(Field.State, CleanState);
        bytes.PutUInt16(Field.Errors, ContinueOnErrors);
        bytes.PutUInt16(Field.MaximumMounts, NoMaximumMounts);
    }

    private void WriteJournal(Span<byte> bytes, byte[] inline)
    {
        bytes.PutUInt32(Field.JournalInode, JournalInode);
        bytes[Field.JournalBackup] = JournalBackupExtents;
        inline.CopyTo(bytes[Field.JournalBlocks..]);
        bytes.PutUInt32(Field.JournalSizeHigh, Options.JournalSize >> 32);
        bytes.PutLow32(Field.JournalSizeLow, Options.JournalSize);
    }

    private void PutTime(Span<byte> bytes, int field, int highField)
    {
        bytes.PutLow32(field, Options.Timestamp);
        bytes[highField] = unchecked((byte)(Options.Timestamp >> 32));
    }
}
