using System.Buffers.Binary;
using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>An empty journal (Documentation/filesystems/ext4, "Journal (jbd2)"; its numbers are big-endian).</summary>
internal static class Ext4Journal
{
    /// <summary>The smallest journal that the kernel takes (JBD2_MIN_JOURNAL_BLOCKS).</summary>
    public const long MinimumSize = 1024L * BlockSize;

    private const uint Magic = 0xC03B3998;
    private const uint SuperblockVersion2 = 4;

    private static class Field
    {
        public const int Magic = 0, Type = 4, BlockSize = 12, Blocks = 16, FirstLogBlock = 20, FirstSequence = 24, Uuid = 48, Users = 64;
    }

    /// <summary>The first block; all others are zero.</summary>
    public static byte[] EncodeSuperblock(long blocks, Guid uuid)
    {
        var block = new byte[BlockSize];
        Put(block, Field.Magic, Magic);
        Put(block, Field.Type, SuperblockVersion2);
        Put(block, Field.BlockSize, BlockSize);
        Put(block, Field.Blocks, checked((uint)blocks));
        Put(block, Field.FirstLogBlock, 1);
        Put(block, Field.FirstSequence, 1);
        uuid.TryWriteBytes(block.AsSpan(Field.Uuid), bigEndian: true, out _);
        Put(block, Field.Users, 1);
        return block;
    }

    private static void Put(byte[] block, int offset, uint value) => BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(offset), value);
}
