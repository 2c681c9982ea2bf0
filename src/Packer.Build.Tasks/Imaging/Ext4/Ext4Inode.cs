using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>One inode (Documentation/filesystems/ext4, "Index Nodes").</summary>
internal sealed record Ext4Inode
{
    /// <summary>Size of the fields that ext2 had already.</summary>
    public const int FixedSize = 128;

    /// <summary>Size of the fields after them (i_extra_isize).</summary>
    public const int ExtraSize = 32;

    private const uint ExtentsFlag = 0x80000;
    private const int SectorsPerBlock = BlockSize / 512;
    private const long OldestTime = int.MinValue;
    private const long NewestTime = int.MinValue + (1L << 34) - 1;
    private const int EpochBits = 3;

    private static class Field
    {
        public const int Mode = 0x00, UserLow = 0x02, SizeLow = 0x04, AccessTime = 0x08, ChangeTime = 0x0C, ModificationTime = 0x10;
        public const int GroupLow = 0x18, Links = 0x1A, SectorsLow = 0x1C, Flags = 0x20, Inline = 0x28, AttributeBlockLow = 0x68, SizeHigh = 0x6C;
        public const int SectorsHigh = 0x74, AttributeBlockHigh = 0x76, UserHigh = 0x78, GroupHigh = 0x7A, ChecksumLow = 0x7C;
        public const int ExtraSize = 0x80, ChecksumHigh = 0x82, ChangeTimeExtra = 0x84, ModificationTimeExtra = 0x88, AccessTimeExtra = 0x8C;
        public const int CreationTime = 0x90, CreationTimeExtra = 0x94;
    }

    public required NodeType Type { get; init; }

    public required NodeMetadata Metadata { get; init; }

    public required int Links { get; init; }

    public long Size { get; init; }

    /// <summary>Blocks that it takes, those of its extent tree and attributes included.</summary>
    public long Blocks { get; init; }

    /// <summary><c>i_block</c>, at most 60 bytes.</summary>
    public required byte[] Inline { get; init; }

    /// <summary>Whether <see cref="Inline"/> is the root of an extent tree.</summary>
    public bool HasExtents { get; init; }

    public long AttributeBlock { get; init; }

    public Ext4Attributes? Attributes { get; init; }

    public void WriteTo(Span<byte> inode, uint inodeSeed)
    {
        inode.PutUInt16(Field.Mode, Type.ModeBits() | (int)Metadata.Mode);
        inode.PutLow16(Field.UserLow, Metadata.UserId);
        inode.PutUInt16(Field.UserHigh, Metadata.UserId >> 16);
        inode.PutLow16(Field.GroupLow, Metadata.GroupId);
        inode.PutUInt16(Field.GroupHigh, Metadata.GroupId >> 16);
        inode.PutLow32(Field.SizeLow, Size);
        inode.PutUInt32(Field.SizeHigh, Size >> 32);
        inode.PutUInt16(Field.Links, Links);
        inode.PutLow32(Field.SectorsLow, Blocks * SectorsPerBlock);
        inode.PutUInt16(Field.SectorsHigh, Blocks * SectorsPerBlock >> 32);
        inode.PutUInt32(Field.Flags, HasExtents ? ExtentsFlag : 0);
        Inline.CopyTo(inode[Field.Inline..]);
        inode.PutLow32(Field.AttributeBlockLow, AttributeBlock);
        inode.PutUInt16(Field.AttributeBlockHigh, AttributeBlock >> 32);
        inode.PutUInt16(Field.ExtraSize, ExtraSize);
        PutTime(inode, Field.AccessTime, Field.AccessTimeExtra);
        PutTime(inode, Field.ChangeTime, Field.ChangeTimeExtra);
        PutTime(inode, Field.ModificationTime, Field.ModificationTimeExtra);
        PutTime(inode, Field.CreationTime, Field.CreationTimeExtra);
        Attributes?.WriteTo(inode[(FixedSize + ExtraSize)..InodeSize]);
        var checksum = Crc32C.Append(inodeSeed, inode[..InodeSize]);
        inode.PutLow16(Field.ChecksumLow, checksum);
        inode.PutUInt16(Field.ChecksumHigh, checksum >> 16);
    }

    // The low 32 bits are signed as ever; the two lowest bits of the extra field count how many times 2^32 is to be added to them.
    private void PutTime(Span<byte> inode, int field, int extraField)
    {
        var time = Math.Clamp(Metadata.ModificationTime, OldestTime, NewestTime);
        var low = unchecked((int)time);
        inode.PutLow32(field, low);
        inode.PutUInt32(extraField, ((time - low) >> 32) & EpochBits);
    }
}
