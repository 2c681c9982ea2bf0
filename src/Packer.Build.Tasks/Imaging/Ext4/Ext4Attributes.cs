using System.Buffers.Binary;
using System.Text;
using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>
/// Extended attributes: as many as fit behind the inode, the others in one block of their own
/// (Documentation/filesystems/ext4, "Extended Attributes").
/// </summary>
internal sealed class Ext4Attributes
{
    /// <summary>Bytes behind the fields of an inode.</summary>
    public const int InodeAreaSize = InodeSize - Ext4Inode.FixedSize - Ext4Inode.ExtraSize;

    private const uint Magic = 0xEA020000;
    private const int InodeHeaderSize = sizeof(uint);
    private const int BlockHeaderSize = 32;
    private const int EntryHeaderSize = 16;
    private const int EntryAlignment = 4;
    private const int EndMarkSize = sizeof(uint);
    private const int MaximumNameLength = 255;

    /// <summary>Prefixes of names and the numbers that stand for them.</summary>
    private static readonly (string Prefix, byte Number)[] Prefixes = [("user.", 1), ("trusted.", 4), ("security.", 6)];

    private readonly List<Attribute> inInode = [];
    private readonly List<Attribute> inBlock = [];

    /// <exception cref="ImagingException">There are more attributes than ext4 holds, or one that it does not know.</exception>
    public Ext4Attributes(Node node, string path)
    {
        var inodeSize = InodeHeaderSize + EndMarkSize;
        var blockSize = BlockHeaderSize + EndMarkSize;
        foreach (var attribute in node.ExtendedAttributes.Select(pair => Parse(pair.Key, pair.Value, path)).Order())
        {
            if (inodeSize + attribute.Size <= InodeAreaSize)
            {
                inInode.Add(attribute);
                inodeSize += attribute.Size;
            }
            else
            {
                inBlock.Add(attribute);
                blockSize += attribute.Size;
            }
        }
        if (blockSize > BlockSize) throw new ImagingException($"'{path}' has more extended attributes than ext4 holds, {blockSize} bytes where {BlockSize} is the most. Remove some.");
    }

    public bool NeedsBlock => inBlock.Count > 0;

    /// <summary>Writes into the area behind the inode's fields.</summary>
    public void WriteTo(Span<byte> inodeArea)
    {
        if (inInode.Count == 0) return;
        inodeArea.PutUInt32(0, Magic);
        // Places of values count from the first entry. The kernel keeps no hashes here.
        WriteEntries(inodeArea[InodeHeaderSize..], 0, inInode, hashed: false);
    }

    /// <summary>The block, whose checksum covers its own number.</summary>
    public byte[] EncodeBlock(long blockNumber, uint seed)
    {
        var block = new byte[BlockSize];
        block.PutUInt32(BlockField.Magic, Magic);
        block.PutUInt32(BlockField.References, 1);
        block.PutUInt32(BlockField.Blocks, 1);
        block.PutUInt32(BlockField.Hash, WriteEntries(block, BlockHeaderSize, inBlock, hashed: true));
        block.PutUInt32(BlockField.Checksum, Crc32C.Append(Crc32C.Append(seed, (ulong)blockNumber), block));
        return block;
    }

    private static uint WriteEntries(Span<byte> area, int position, List<Attribute> attributes, bool hashed)
    {
        uint hash = 0;
        var valueEnd = area.Length;
        foreach (var attribute in attributes)
        {
            var value = area[(valueEnd - attribute.PaddedValueLength)..valueEnd];
            valueEnd -= attribute.PaddedValueLength;
            attribute.Value.CopyTo(value);
            var entry = area[position..];
            entry[EntryField.NameLength] = (byte)attribute.Name.Length;
            entry[EntryField.Prefix] = attribute.Prefix;
            entry.PutUInt16(EntryField.ValueOffset, attribute.Value.Length == 0 ? 0 : valueEnd);
            entry.PutUInt32(EntryField.ValueLength, attribute.Value.Length);
            attribute.Name.CopyTo(entry[EntryHeaderSize..]);
            if (hashed)
            {
                var entryHash = HashEntry(attribute.Name, value);
                entry.PutUInt32(EntryField.Hash, entryHash);
                hash = Rotate(hash, 16) ^ entryHash;
            }
            position += attribute.EntrySize;
        }
        return hash;
    }

    private static uint HashEntry(ReadOnlySpan<byte> name, ReadOnlySpan<byte> paddedValue)
    {
        uint hash = 0;
        foreach (var character in name) hash = Rotate(hash, 5) ^ character;
        for (; paddedValue.Length > 0; paddedValue = paddedValue[sizeof(uint)..]) hash = Rotate(hash, 16) ^ BinaryPrimitives.ReadUInt32LittleEndian(paddedValue);
        return hash;
    }

    private static uint Rotate(uint value, int bits) => System.Numerics.BitOperations.RotateLeft(value, bits);

    private static Attribute Parse(string name, byte[] value, string path)
    {
        foreach (var (prefix, number) in Prefixes)
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            var rest = name[prefix.Length..];
            // Kernels of different ages hash a name with other characters differently.
            if (!Ascii.IsValid(rest) || rest.Length is 0 or > MaximumNameLength) break;
            return new Attribute(number, Encoding.ASCII.GetBytes(rest), value);
        }
        throw new ImagingException($"'{path}' has the extended attribute '{name}', whose name ext4 cannot take here. Remove it; 'user.', 'trusted.' and 'security.' followed by ASCII are possible.");
    }

    private static class BlockField
    {
        public const int Magic = 0, References = 4, Blocks = 8, Hash = 12, Checksum = 16;
    }

    private static class EntryField
    {
        public const int NameLength = 0, Prefix = 1, ValueOffset = 2, ValueLength = 8, Hash = 12;
    }

    private sealed record Attribute(byte Prefix, byte[] Name, byte[] Value) : IComparable<Attribute>
    {
        public int EntrySize => (int)Alignment.RoundUp(EntryHeaderSize + Name.Length, EntryAlignment);

        public int PaddedValueLength => (int)Alignment.RoundUp(Value.Length, EntryAlignment);

        public int Size => EntrySize + PaddedValueLength;

        /// <summary>The order that the kernel searches by.</summary>
        public int CompareTo(Attribute? other)
        {
            if (other is null) return 1;
            var order = Prefix.CompareTo(other.Prefix);
            if (order == 0) order = Name.Length.CompareTo(other.Name.Length);
            return order == 0 ? Name.AsSpan().SequenceCompareTo(other.Name) : order;
        }
    }
}
