using System.Text;
using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>
/// Makes an ext4 file system of a tree, to be mounted read-write by Linux 3.18 or newer: 4 KiB blocks, extents, 64bit, flex_bg, meta_bg,
/// metadata_csum and a journal (Linux, Documentation/filesystems/ext4). The result depends on the arguments only; the contents of files are not
/// read before the image is.
/// </summary>
internal sealed class Ext4Writer
{
    private const int MaximumReservedPercentage = 50;
    private const int OldDeviceLimit = 256;

    /// <summary>What a folder with more links than the field holds says instead (dir_nlink).</summary>
    private const int UncountedLinks = 1;

    private readonly Ext4Options options;
    private readonly Ext4Numbering numbering;
    private readonly Ext4Layout layout;
    private readonly SparseImage image;
    private readonly uint seed;
    private readonly byte[]?[] inodeTables;

    private Ext4Writer(Ext4Numbering numbering, Ext4Layout layout, long size, Ext4Options options)
    {
        this.options = options;
        this.numbering = numbering;
        this.layout = layout;
        image = new SparseImage(size);
        seed = FileSystemSeed(options.Uuid);
        inodeTables = new byte[]?[layout.Geometry.Groups];
    }

    /// <summary>Makes the file system.</summary>
    /// <param name="tree">What it contains; it is not changed. <c>/lost+found</c> is added where absent.</param>
    /// <param name="size">Size in bytes, at least <see cref="MinimumSize(FileTree, Ext4Options, long)"/>; what is no multiple of 4096 stays unused.</param>
    /// <param name="options">All else.</param>
    /// <exception cref="ImagingException">The size is too small or too large, or ext4 cannot hold something of the tree.</exception>
    public static SparseImage Create(FileTree tree, long size, Ext4Options options)
    {
        Check(options);
        if (size / BlockSize > Ext4Geometry.MaximumBlocks) throw new ImagingException($"An ext4 file system of {size} bytes is not possible here, {Ext4Geometry.MaximumBlocks * BlockSize} is the most. Make it smaller.");
        var numbering = new Ext4Numbering(tree, options.Timestamp);
        var content = Ext4Content.CountBlocks(numbering, options);
        var layout = TryLayOut(size, numbering, content, options);
        if (layout is null || MissingBlocks(layout, content, options) > 0)
        {
            var needed = MinimumSize(numbering, content, 0, options);
            throw new ImagingException($"The files do not fit into an ext4 file system of {size} bytes. Make it at least {needed} bytes ({Alignment.DivideRoundUp(needed, 1 << 20)} MiB) large.");
        }
        return new Ext4Writer(numbering, layout, size, options).Write();
    }

    /// <summary>The smallest size, in bytes, that holds a tree and leaves some space free for all users.</summary>
    /// <param name="tree">What the file system will contain.</param>
    /// <param name="options">As for <see cref="Create"/>.</param>
    /// <param name="freeSpace">Bytes to be free.</param>
    /// <exception cref="ImagingException">Ext4 cannot hold something of the tree, or it is too large.</exception>
    public static long MinimumSize(FileTree tree, Ext4Options options, long freeSpace = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(freeSpace);
        Check(options);
        var numbering = new Ext4Numbering(tree, options.Timestamp);
        return MinimumSize(numbering, Ext4Content.CountBlocks(numbering, options), Alignment.DivideRoundUp(freeSpace, BlockSize), options);
    }

    private static long MinimumSize(Ext4Numbering numbering, long content, long free, Ext4Options options)
    {
        var groupsForInodes = numbering.LastInode / MaximumInodesPerGroup;
        var blocks = Math.Max(content + free, groupsForInodes * BlocksPerGroup);
        while (blocks <= Ext4Geometry.MaximumBlocks)
        {
            var missing = TryLayOut(blocks * BlockSize, numbering, content, options) is { } layout ? MissingBlocks(layout, content + free, options) : 1;
            if (missing <= 0) return blocks * BlockSize;
            blocks += missing;
        }
        throw new ImagingException($"The files need an ext4 file system of more than {Ext4Geometry.MaximumBlocks * BlockSize} bytes, the most that is possible here. Leave some out.");
    }

    private static Ext4Layout? TryLayOut(long size, Ext4Numbering numbering, long content, Ext4Options options) =>
        Ext4Geometry.Create(size, numbering.LastInode, content, options.BytesPerInode) is { } geometry ? Ext4Layout.Create(geometry) : null;

    private static long MissingBlocks(Ext4Layout layout, long content, Ext4Options options) =>
        content + Ext4Superblock.ReservedBlocks(layout.Geometry.Blocks, options) + ((long)layout.Geometry.Groups * Ext4Content.ExtraBlocksPerGroup) - layout.Allocator.FreeBlocks;

    private static void Check(Ext4Options options)
    {
        if (Encoding.UTF8.GetByteCount(options.Label) > Ext4Superblock.MaximumLabelLength) throw new ImagingException($"The label '{options.Label}' is longer than {Ext4Superblock.MaximumLabelLength} bytes. Shorten it.");
        if (options.JournalSize % BlockSize != 0 || options.JournalSize is not (0 or (>= Ext4Journal.MinimumSize and <= int.MaxValue)))
            throw new ImagingException($"A journal of {options.JournalSize} bytes is not possible. Take 0, or a multiple of {BlockSize} from {Ext4Journal.MinimumSize} to {int.MaxValue}.");
        ArgumentOutOfRangeException.ThrowIfNegative(options.ReservedPercentage, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ReservedPercentage, MaximumReservedPercentage, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BytesPerInode, InodeSize, nameof(options));
    }

    private SparseImage Write()
    {
        var journal = WriteJournal();
        foreach (var entry in numbering.Entries) WriteNode(entry);
        WriteInodeTables();
        new Ext4Groups(layout, numbering, seed).WriteTo(image);
        WriteSuperblocks(journal);
        return image;
    }

    private byte[]? WriteJournal()
    {
        if (options.JournalSize == 0) return null;
        var blocks = options.JournalSize / BlockSize;
        var superblock = new SparseImage(options.JournalSize);
        superblock.Add(0, Ext4Journal.EncodeSuperblock(blocks, options.Uuid));
        // The whole journal is allocated, though all but its first block is zero.
        var body = WriteBody(JournalInode, superblock, [new DataRange(0, blocks)]);
        WriteInode(JournalInode, new Ext4Inode
        {
            Type = NodeType.File,
            Metadata = new NodeMetadata(Permissions.Octal(600), options.Timestamp),
            Links = 1,
            Size = options.JournalSize,
            Blocks = body.Blocks,
            Inline = body.Root,
            HasExtents = true,
        });
        return body.Root;
    }

    private void WriteNode(Ext4InodeEntry entry)
    {
        var node = entry.Node;
        var inode = node.Type switch
        {
            NodeType.Directory => WithContent(entry, new BytesSource(Ext4Directory.Encode(entry, numbering, InodeSeed(seed, entry.Number)))),
            NodeType.File => WithContent(entry, node.Data),
            NodeType.SymbolicLink => WithTarget(entry, FileNames.Encode(node.Target)),
            _ => WithInline(entry, EncodeDevice(node), 0),
        };
        WriteInode(entry.Number, node.ExtendedAttributes.Count == 0 ? inode : WithAttributes(inode, entry));
    }

    private Ext4Inode WithContent(Ext4InodeEntry entry, Source content)
    {
        var body = WriteBody(entry.Number, content, Ext4FileBlocks.Ranges(content));
        return WithInline(entry, body.Root, content.Length) with { Blocks = body.Blocks, HasExtents = true };
    }

    private Ext4Inode WithTarget(Ext4InodeEntry entry, byte[] target) =>
        target.Length < InlineSize ? WithInline(entry, target, target.Length) : WithContent(entry, new BytesSource(target));

    private static Ext4Inode WithInline(Ext4InodeEntry entry, byte[] inline, long size) => new()
    {
        Type = entry.Node.Type,
        Metadata = entry.Node.Metadata,
        Links = entry.Links > Ext4Numbering.MaximumLinks && entry.Node.Type == NodeType.Directory ? UncountedLinks : entry.Links,
        Size = size,
        Inline = inline,
    };

    private Ext4Inode WithAttributes(Ext4Inode inode, Ext4InodeEntry entry)
    {
        var attributes = new Ext4Attributes(entry.Node, entry.Path);
        if (!attributes.NeedsBlock) return inode with { Attributes = attributes };
        var block = layout.Allocator.AllocateOne();
        image.Add(block * BlockSize, attributes.EncodeBlock(block, seed));
        return inode with { Attributes = attributes, AttributeBlock = block, Blocks = inode.Blocks + 1 };
    }

    /// <summary>Places a content and its extent tree.</summary>
    private (byte[] Root, long Blocks) WriteBody(uint inode, Source content, IEnumerable<DataRange> blockRanges)
    {
        var extents = new List<Ext4Extent>();
        foreach (var range in blockRanges)
        {
            var logical = range.Offset;
            foreach (var run in layout.Allocator.Allocate(range.Length))
            {
                extents.Add(new Ext4Extent(logical, run.Start, run.Count));
                image.Add(run.Start * BlockSize, content, logical * BlockSize, Math.Min((long)run.Count * BlockSize, content.Length - (logical * BlockSize)));
                logical += run.Count;
            }
        }
        var (root, treeBlocks) = Ext4ExtentTree.Write(extents, InodeSeed(seed, inode), layout.Allocator, image);
        return (root, treeBlocks + extents.Sum(extent => (long)extent.Count));
    }

    private void WriteInode(uint number, Ext4Inode inode)
    {
        var (group, index) = Math.DivRem((int)(number - 1), layout.Geometry.InodesPerGroup);
        var table = inodeTables[group] ??= new byte[layout.Geometry.InodesPerGroup * InodeSize];
        inode.WriteTo(table.AsSpan(index * InodeSize, InodeSize), InodeSeed(seed, number));
    }

    private void WriteInodeTables()
    {
        for (var group = 0; group < inodeTables.Length; group++)
        {
            if (inodeTables[group] is not { } table) continue;
            var used = Math.Min(table.Length, ((long)numbering.LastInode - ((long)group * layout.Geometry.InodesPerGroup)) * InodeSize);
            image.Add(layout.InodeTables[group] * BlockSize, table.AsMemory(0, (int)Alignment.RoundUp(used, BlockSize)));
        }
    }

    private void WriteSuperblocks(byte[]? journal)
    {
        var superblock = new Ext4Superblock(layout.Geometry, options, layout.Allocator.FreeBlocks, layout.Geometry.Inodes - numbering.LastInode, journal);
        for (var group = 0; group < layout.Geometry.Groups; group++)
        {
            if (Ext4Geometry.HasSuperblock(group)) image.Add(group == 0 ? Ext4Superblock.FirstOffset : Ext4Geometry.FirstBlock(group) * BlockSize, superblock.Encode(group));
        }
    }

    // Small numbers keep the 16-bit form of old; others take Linux's 32-bit form in the second word.
    private static byte[] EncodeDevice(Node node)
    {
        var bytes = new byte[2 * sizeof(uint)];
        var (major, minor) = (node.Device.Major, node.Device.Minor);
        if (node.Type is not (NodeType.CharacterDevice or NodeType.BlockDevice)) return bytes;
        if (major < OldDeviceLimit && minor < OldDeviceLimit) bytes.PutUInt32(0, (major << 8) | minor);
        else bytes.PutUInt32(sizeof(uint), (minor & 0xFF) | (major << 8) | ((minor & ~0xFFu) << 12));
        return bytes;
    }
}
