using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>The content of folders: linear blocks with a checksum at the end (Documentation/filesystems/ext4, "Linear (Classic) Directories").</summary>
internal static class Ext4Directory
{
    private const int HeaderSize = 8;
    private const int RecordAlignment = 4;
    private const int TailSize = 12;
    private const int Capacity = BlockSize - TailSize;
    private const byte TailType = 0xDE;
    private const byte DirectoryType = 2;

    private static class Field
    {
        public const int Inode = 0, RecordLength = 4, NameLength = 6, Type = 7, Name = 8;
    }

    /// <summary>The blocks that a folder with these names takes.</summary>
    public static long CountBlocks(IEnumerable<string> names)
    {
        var blocks = 1L;
        var position = RecordSize(1) + RecordSize(2);
        foreach (var name in names)
        {
            var size = RecordSize(FileNames.Encode(name).Length);
            if (position + size > Capacity)
            {
                blocks++;
                position = 0;
            }
            position += size;
        }
        return blocks;
    }

    /// <summary>The content of a folder.</summary>
    public static byte[] Encode(Ext4InodeEntry folder, Ext4Numbering numbering, uint inodeSeed)
    {
        var children = numbering.ChildrenOf(folder.Node).ToList();
        var writer = new BlockWriter(new byte[CountBlocks(children.Select(child => child.Key)) * BlockSize], inodeSeed);
        writer.Add("."u8, folder.Number, DirectoryType);
        writer.Add(".."u8, folder.Parent, DirectoryType);
        foreach (var (name, node) in children) writer.Add(FileNames.Encode(name), numbering[node].Number, TypeOf(node));
        return writer.Finish();
    }

    private static int RecordSize(int nameLength) => (int)Alignment.RoundUp(HeaderSize + nameLength, RecordAlignment);

    private static byte TypeOf(Node node) => node.Type switch
    {
        NodeType.File => 1,
        NodeType.Directory => DirectoryType,
        NodeType.CharacterDevice => 3,
        NodeType.BlockDevice => 4,
        NodeType.Fifo => 5,
        NodeType.Socket => 6,
        _ => 7,
    };

    private sealed class BlockWriter(byte[] content, uint inodeSeed)
    {
        private int blockStart;
        private int position;
        private int lastRecord;

        public void Add(ReadOnlySpan<byte> name, uint inode, byte type)
        {
            var size = RecordSize(name.Length);
            if (position + size > Capacity)
            {
                CloseBlock();
                blockStart += BlockSize;
                position = 0;
            }
            var record = content.AsSpan(blockStart + position);
            record.PutUInt32(Field.Inode, inode);
            record.PutUInt16(Field.RecordLength, size);
            record[Field.NameLength] = (byte)name.Length;
            record[Field.Type] = type;
            name.CopyTo(record[Field.Name..]);
            lastRecord = position;
            position += size;
        }

        public byte[] Finish()
        {
            CloseBlock();
            return content;
        }

        private void CloseBlock()
        {
            var block = content.AsSpan(blockStart, BlockSize);
            block.PutUInt16(lastRecord + Field.RecordLength, Capacity - lastRecord);
            block.PutUInt16(Capacity + Field.RecordLength, TailSize);
            block[Capacity + Field.Type] = TailType;
            SealBlock(block, inodeSeed, Capacity);
        }
    }
}
