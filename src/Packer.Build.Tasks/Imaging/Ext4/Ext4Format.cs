using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>Numbers that several parts of the ext4 writer share (Linux, Documentation/filesystems/ext4).</summary>
internal static class Ext4Format
{
    public const int BlockSize = 4096;
    public const int BlocksPerGroup = BlockSize * 8;
    public const int InodeSize = 256;
    public const int InodesPerBlock = BlockSize / InodeSize;
    public const int MaximumInodesPerGroup = BlockSize * 8;
    public const int DescriptorSize = 64;
    public const int DescriptorsPerBlock = BlockSize / DescriptorSize;

    /// <summary>Groups whose bitmaps and inode tables lie together (flex_bg), as a power of two and as a number.</summary>
    public const int GroupsPerFlexGroupShift = 4;
    public const int GroupsPerFlexGroup = 1 << GroupsPerFlexGroupShift;

    public const uint RootInode = 2;
    public const uint JournalInode = 8;
    public const uint LostAndFoundInode = 11;
    public const uint FirstFreeInode = 12;

    /// <summary>Size of <c>i_block</c>: the root of the extent tree, a short link target, or a device number.</summary>
    public const int InlineSize = 60;

    /// <summary>Continues a checksum with what makes it an inode's own: its number and its generation, which is 0 here.</summary>
    public static uint InodeSeed(uint fileSystemSeed, uint inode) => Crc32C.Append(Crc32C.Append(fileSystemSeed, inode), 0u);

    /// <summary>The seed of all checksums of a file system.</summary>
    public static uint FileSystemSeed(Guid uuid) => Crc32C.Append(Crc32C.Initial, uuid.ToByteArray(bigEndian: true));

    /// <summary>Stores a checksum in the last bytes of a block, over all before it.</summary>
    public static void SealBlock(Span<byte> block, uint seed, int coveredLength) =>
        BinaryPrimitives.WriteUInt32LittleEndian(block[^sizeof(uint)..], Crc32C.Append(seed, block[..coveredLength]));
}
