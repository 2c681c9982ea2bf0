using System.Text;

namespace Packer.Imaging;

/// <summary>
/// Makes a cpio archive in the "newc" form that Linux takes as initial RAM disk (Linux, Documentation/driver-api/early-userspace/buffer-format).
/// The root folder itself is left out. The archive refers to the files' contents and does not copy them.
/// </summary>
internal static class CpioArchive
{
    private const string Magic = "070701";
    private const string Trailer = "TRAILER!!!";
    private const int FieldAlignment = 4;
    private const int ArchiveAlignment = 512;

    /// <summary>Makes an archive of a whole tree.</summary>
    /// <exception cref="ImagingException">A file has 4 GiB or more, or a path is longer than 4095 bytes.</exception>
    public static Source Create(FileTree tree) => Create([.. tree.Walk()]);

    /// <summary>Makes an archive of some entries, in their order: the folders that they lie in come first, or are there already.</summary>
    /// <exception cref="ImagingException">A file has 4 GiB or more, or a path is longer than 4095 bytes.</exception>
    public static Source Create(IReadOnlyList<TreeEntry> entries)
    {
        var writer = new ArchiveWriter(CountNames(entries));
        foreach (var entry in entries) writer.Add(entry);
        return writer.Finish();
    }

    private static Dictionary<Node, int> CountNames(IReadOnlyList<TreeEntry> entries)
    {
        var counts = new Dictionary<Node, int>(ReferenceEqualityComparer.Instance);
        foreach (var entry in entries) counts[entry.Node] = counts.GetValueOrDefault(entry.Node) + 1;
        return counts;
    }

    private sealed class ArchiveWriter(Dictionary<Node, int> names)
    {
        private readonly List<Source> parts = [];
        private readonly Dictionary<Node, (uint Inode, int NamesLeft)> hardLinks = new(ReferenceEqualityComparer.Instance);
        private long length;
        private uint lastInode;

        public void Add(TreeEntry entry)
        {
            var node = entry.Node;
            // A symbolic link with two names becomes two links: the kernel joins names of other types only.
            var links = node.Type == NodeType.SymbolicLink ? 1 : names[node];
            var (inode, isLastName) = links == 1 ? (++lastInode, true) : NextName(node, links);
            // As with GNU cpio, the last name of a file carries its content.
            var data = node.Type == NodeType.SymbolicLink ? new BytesSource(FileNames.Encode(node.Target)) : isLastName ? node.Data : BytesSource.Empty;
            if (data.Length > uint.MaxValue) throw new ImagingException($"'{entry.Path}' has {data.Length} bytes, a file in a cpio archive has {uint.MaxValue} at most. Leave it out.");
            var path = FileNames.Encode(entry.Path[1..]);
            if (path.Length > FileNames.MaximumPathLength) throw new ImagingException($"The path '{entry.Path[..64]}…' has {path.Length} bytes, {FileNames.MaximumPathLength} is the most in a cpio archive. Shorten it.");
            Append(new Header
            {
                Inode = inode,
                Mode = (uint)node.Type.ModeBits() | (uint)node.Metadata.Mode,
                UserId = node.Metadata.UserId,
                GroupId = node.Metadata.GroupId,
                Links = node.Type == NodeType.Directory ? 2u : (uint)links,
                ModificationTime = (uint)Math.Clamp(node.Metadata.ModificationTime, 0, uint.MaxValue),
                Size = (uint)data.Length,
                Device = node.Device,
            }, path, data);
        }

        public Source Finish()
        {
            Append(new Header { Links = 1 }, Encoding.ASCII.GetBytes(Trailer), BytesSource.Empty);
            Pad(ArchiveAlignment);
            return new ConcatSource(parts);
        }

        private (uint Inode, bool IsLastName) NextName(Node node, int links)
        {
            var (inode, left) = hardLinks.TryGetValue(node, out var known) ? known : (++lastInode, links);
            hardLinks[node] = (inode, left - 1);
            return (inode, left == 1);
        }

        private void Append(Header header, byte[] path, Source data)
        {
            Append(new BytesSource(header.Encode(path.Length + 1)));
            Append(new BytesSource((byte[])[.. path, 0]));
            Pad(FieldAlignment);
            Append(data);
            Pad(FieldAlignment);
        }

        private void Append(Source part)
        {
            parts.Add(part);
            length += part.Length;
        }

        private void Pad(int alignment) => Append(new BytesSource(new byte[Alignment.RoundUp(length, alignment) - length]));
    }

    private sealed record Header
    {
        public uint Inode { get; init; }

        public uint Mode { get; init; }

        public uint UserId { get; init; }

        public uint GroupId { get; init; }

        public uint Links { get; init; }

        public uint ModificationTime { get; init; }

        public uint Size { get; init; }

        public DeviceNumber Device { get; init; }

        /// <summary>Eight hex digits for each field. The device that the files lie on, and the checksum, are 0.</summary>
        public byte[] Encode(int nameLength)
        {
            uint[] fields = [Inode, Mode, UserId, GroupId, Links, ModificationTime, Size, 0, 0, Device.Major, Device.Minor, (uint)nameLength, 0];
            return Encoding.ASCII.GetBytes(Magic + string.Concat(fields.Select(field => field.ToString("x8", System.Globalization.CultureInfo.InvariantCulture))));
        }
    }
}
