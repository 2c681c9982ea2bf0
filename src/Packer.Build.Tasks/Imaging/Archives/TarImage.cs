using System.Globalization;
using System.Text;

namespace Packer.Imaging;

/// <summary>
/// A tar archive of a tree, in the form that all readers know: ustar headers, and pax records (POSIX.1-2017, pax) where a name, a number or an extended attribute
/// does not fit into them. It is an image that refers to the files, so nothing is copied until it is written.
/// </summary>
internal static class TarImage
{
    /// <summary>What <c>tar</c> pads its archives to: 20 blocks ("Basic Tar Format").</summary>
    public const int RecordSize = 20 * TarHeader.Size;

    private const int EndBlocks = 2;

    /// <summary>Makes the archive.</summary>
    /// <param name="entries">What enters it, folders before what they contain. A node that comes again becomes a hard link; sockets are left out.</param>
    /// <exception cref="ImagingException">A name cannot be written.</exception>
    public static SparseImage Create(IEnumerable<TreeEntry> entries)
    {
        var parts = new List<(long Offset, Source Source)>();
        var names = new Dictionary<Node, string>(ReferenceEqualityComparer.Instance);
        long length = 0;
        foreach (var (path, node) in entries)
        {
            if (node.Type == NodeType.Socket) continue;
            var name = path.TrimStart('/') + (node.Type == NodeType.Directory ? "/" : "");
            var earlier = names.GetValueOrDefault(node);
            if (node.Type != NodeType.Directory) names.TryAdd(node, name);
            Append(new BytesSource(Header(name, node, earlier)));
            if (node.Type != NodeType.File || earlier is not null) continue;
            Append(node.Data);
            length = Alignment.RoundUp(length, TarHeader.Size);
        }
        var image = new SparseImage(Alignment.RoundUp(length + (EndBlocks * TarHeader.Size), RecordSize));
        foreach (var (offset, source) in parts) image.Add(offset, source);
        return image;

        void Append(Source source)
        {
            parts.Add((length, source));
            length += source.Length;
        }
    }

    private static byte[] Header(string name, Node node, string? linkedName)
    {
        var pax = new PaxRecordWriter();
        var encodedName = FileNames.Encode(name);
        var link = FileNames.Encode(linkedName ?? node.Target);
        var length = linkedName is null && node.Type == NodeType.File ? node.Data.Length : 0;
        var metadata = node.Metadata;
        if (!TarHeaderWriter.HoldsText(encodedName)) pax.Add("path", encodedName);
        if (!TarHeaderWriter.HoldsText(link)) pax.Add("linkpath", link);
        if (!TarHeaderWriter.HoldsLength(length)) pax.Add("size", length);
        if (!TarHeaderWriter.HoldsLength(metadata.ModificationTime)) pax.Add("mtime", metadata.ModificationTime);
        if (!TarHeaderWriter.HoldsId(metadata.UserId)) pax.Add("uid", metadata.UserId);
        if (!TarHeaderWriter.HoldsId(metadata.GroupId)) pax.Add("gid", metadata.GroupId);
        if (linkedName is null)
            foreach (var (attribute, value) in node.ExtendedAttributes) pax.Add(PaxRecords.AttributePrefix + attribute, value);
        var fields = new TarFields
        {
            Name = encodedName,
            Type = linkedName is not null ? TarEntryType.HardLink : TypeOf(node.Type),
            LinkName = link,
            Length = length,
            Metadata = metadata,
            Device = node.Device,
        };
        return pax.IsEmpty ? TarHeaderWriter.Member(fields) : [.. TarHeaderWriter.Pax(pax.ToArray(), metadata.ModificationTime), .. TarHeaderWriter.Member(fields)];
    }

    private static TarEntryType TypeOf(NodeType type) => type switch
    {
        NodeType.Directory => TarEntryType.Directory,
        NodeType.SymbolicLink => TarEntryType.SymbolicLink,
        NodeType.CharacterDevice => TarEntryType.CharacterDevice,
        NodeType.BlockDevice => TarEntryType.BlockDevice,
        NodeType.Fifo => TarEntryType.Fifo,
        _ => TarEntryType.File,
    };

    /// <summary>Collects the records of one extended header: <c>length key=value newline</c>, the length its own digits included.</summary>
    private sealed class PaxRecordWriter
    {
        private readonly List<byte> bytes = [];

        public bool IsEmpty => bytes.Count == 0;

        public void Add(string key, long value) => Add(key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));

        public void Add(string key, ReadOnlySpan<byte> value)
        {
            byte[] rest = [(byte)' ', .. FileNames.Encode(key), (byte)'=', .. value, (byte)'\n'];
            var length = rest.Length;
            while (rest.Length + Digits(length) != length) length = rest.Length + Digits(length);
            bytes.AddRange(Encoding.ASCII.GetBytes(length.ToString(CultureInfo.InvariantCulture)));
            bytes.AddRange(rest);
        }

        public byte[] ToArray() => [.. bytes];

        private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;
    }
}
