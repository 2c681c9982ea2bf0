using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>The bitmaps and descriptors of all groups (Documentation/filesystems/ext4, "Block Group Descriptors").</summary>
internal sealed class Ext4Groups(Ext4Layout layout, Ext4Numbering numbering, uint seed)
{
    /// <summary>Unused inodes are zero on disk, so the kernel need not clear them later.</summary>
    private const int InodeTableZeroed = 0x4;

    private static class Field
    {
        public const int BlockBitmapLow = 0x00, InodeBitmapLow = 0x04, InodeTableLow = 0x08, FreeBlocks = 0x0C, FreeInodes = 0x0E, Directories = 0x10;
        public const int Flags = 0x12, BlockBitmapChecksumLow = 0x18, InodeBitmapChecksumLow = 0x1A, UnusedInodes = 0x1C, Checksum = 0x1E;
        public const int BlockBitmapHigh = 0x20, InodeBitmapHigh = 0x24, InodeTableHigh = 0x28, BlockBitmapChecksumHigh = 0x38, InodeBitmapChecksumHigh = 0x3A;
    }

    private readonly int inodesPerGroup = layout.Geometry.InodesPerGroup;

    /// <summary>Writes the bitmaps, and the descriptors with their copies, when all blocks have been given out.</summary>
    public void WriteTo(SparseImage image)
    {
        var descriptors = new byte[layout.Geometry.DescriptorBlocks * BlockSize];
        var directories = CountDirectories();
        var emptyBitmap = EncodeInodeBitmap(0);
        for (var group = 0; group < layout.Geometry.Groups; group++)
        {
            var usedInodes = UsedInodes(group);
            var inodeBitmap = usedInodes == 0 ? emptyBitmap : EncodeInodeBitmap(usedInodes);
            var blockBitmap = layout.Allocator.GroupBitmap(group);
            image.Add(layout.InodeBitmaps[group] * BlockSize, inodeBitmap);
            // A bitmap without a used block is a hole like any other zeros: large empty disks stay small.
            if (blockBitmap.Span.ContainsAnyExcept((byte)0)) image.Add(layout.BlockBitmaps[group] * BlockSize, blockBitmap);
            var descriptor = descriptors.AsSpan(group * DescriptorSize, DescriptorSize);
            EncodeDescriptor(descriptor, group, usedInodes, directories[group], Crc32C.Append(seed, blockBitmap.Span), Crc32C.Append(seed, inodeBitmap.AsSpan(0, inodesPerGroup / 8)));
        }
        for (var group = 0; group < layout.Geometry.Groups; group++)
        {
            if (Ext4Geometry.HasDescriptors(group)) image.Add(Ext4Geometry.DescriptorCopy(group) * BlockSize, descriptors.AsMemory(group / DescriptorsPerBlock * BlockSize, BlockSize));
        }
    }

    private int UsedInodes(int group) => (int)Math.Clamp(numbering.LastInode - ((long)group * inodesPerGroup), 0, inodesPerGroup);

    private int[] CountDirectories()
    {
        var counts = new int[layout.Geometry.Groups];
        foreach (var entry in numbering.Entries)
        {
            if (entry.Node.Type == NodeType.Directory) counts[(entry.Number - 1) / inodesPerGroup]++;
        }
        return counts;
    }

    private byte[] EncodeInodeBitmap(int used)
    {
        var bitmap = new byte[BlockSize];
        for (var inode = 0; inode < BlockSize * 8; inode++)
        {
            if (inode < used || inode >= inodesPerGroup) bitmap[inode / 8] |= (byte)(1 << (inode % 8));
        }
        return bitmap;
    }

    private void EncodeDescriptor(Span<byte> descriptor, int group, int usedInodes, int directories, uint blockBitmapChecksum, uint inodeBitmapChecksum)
    {
        var freeInodes = inodesPerGroup - usedInodes;
        descriptor.PutLow32(Field.BlockBitmapLow, layout.BlockBitmaps[group]);
        descriptor.PutUInt32(Field.BlockBitmapHigh, layout.BlockBitmaps[group] >> 32);
        descriptor.PutLow32(Field.InodeBitmapLow, layout.InodeBitmaps[group]);
        descriptor.PutUInt32(Field.InodeBitmapHigh, layout.InodeBitmaps[group] >> 32);
        descriptor.PutLow32(Field.InodeTableLow, layout.InodeTables[group]);
        descriptor.PutUInt32(Field.InodeTableHigh, layout.InodeTables[group] >> 32);
        descriptor.PutUInt16(Field.FreeBlocks, layout.Allocator.FreeBlocksOf(group));
        descriptor.PutUInt16(Field.FreeInodes, freeInodes);
        descriptor.PutUInt16(Field.UnusedInodes, freeInodes);
        descriptor.PutUInt16(Field.Directories, directories);
        descriptor.PutUInt16(Field.Flags, InodeTableZeroed);
        descriptor.PutLow16(Field.BlockBitmapChecksumLow, blockBitmapChecksum);
        descriptor.PutUInt16(Field.BlockBitmapChecksumHigh, blockBitmapChecksum >> 16);
        descriptor.PutLow16(Field.InodeBitmapChecksumLow, inodeBitmapChecksum);
        descriptor.PutUInt16(Field.InodeBitmapChecksumHigh, inodeBitmapChecksum >> 16);
        descriptor.PutLow16(Field.Checksum, Crc32C.Append(Crc32C.Append(seed, (uint)group), descriptor));
    }
}
