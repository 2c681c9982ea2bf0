using System.Text;

namespace Packer.Imaging;

/// <summary>
/// The system use entries that give files their Unix names, modes, owners, times, links and devices (RRIP 1.10, marked <c>RRIP_1991A</c>, the form
/// that every reader knows; SUSP, IEEE P1281). Folders deeper than eight levels are not relocated: all readers of today take them where they are.
/// </summary>
/// <param name="links">How many names each node that is no folder has.</param>
internal sealed class RockRidge(IReadOnlyDictionary<Node, int> links)
{
    private const int HeaderLength = 4;
    private const int MaximumLength = byte.MaxValue;
    private const byte Continued = 1;

    [Flags]
    private enum Fields : byte
    {
        Attributes = 0x01,
        Device = 0x02,
        Link = 0x04,
        Name = 0x08,
        Times = 0x80,
    }

    private static class Component
    {
        public const byte Continued = 0x01, Current = 0x02, Parent = 0x04, Root = 0x08;
    }

    /// <summary>The entries of a folder itself, or of its parent.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isRoot">Whether this is the first record of the volume, where the extensions are announced.</param>
    public IReadOnlyList<byte[]> ForFolder(Node folder, bool isRoot)
    {
        var entries = Common(folder, Fields.Attributes | Fields.Times);
        if (isRoot)
        {
            entries.Insert(0, Entry("SP", [0xBE, 0xEF, 0]));
            entries.Add(ExtensionsReference());
        }
        return entries;
    }

    /// <summary>The entries of a name in a folder.</summary>
    public IReadOnlyList<byte[]> ForName(string name, Node node)
    {
        var isDevice = node.Type is NodeType.CharacterDevice or NodeType.BlockDevice;
        var isLink = node.Type == NodeType.SymbolicLink;
        var fields = Fields.Attributes | Fields.Times | Fields.Name | (isDevice ? Fields.Device : 0) | (isLink ? Fields.Link : 0);
        var entries = Common(node, fields);
        if (isDevice) entries.Add(DeviceNumber(node.Device));
        entries.AddRange(Names(FileNames.Encode(name)));
        if (isLink) entries.AddRange(Target(FileNames.Encode(node.Target)));
        return entries;
    }

    private List<byte[]> Common(Node node, Fields fields) => [Entry("RR", [(byte)fields]), Attributes(node), Times(node.Metadata.ModificationTime)];

    /// <summary>RRIP, 4.1.1.</summary>
    private byte[] Attributes(Node node)
    {
        var count = node.Type == NodeType.Directory ? 2 + node.Children.Values.Count(child => child.Type == NodeType.Directory) : links[node];
        Span<byte> data = stackalloc byte[32];
        data.PutBoth32(0, node.Type.ModeBits() | (int)node.Metadata.Mode);
        data.PutBoth32(8, count);
        data.PutBoth32(16, node.Metadata.UserId);
        data.PutBoth32(24, node.Metadata.GroupId);
        return Entry("PX", data);
    }

    /// <summary>
    /// RRIP, 4.1.2: the number as the system has it, which for small ones is the same for all readers. For a minor number above 255 they differ, and it is
    /// written as Linux reads it (fs/isofs/rock.c).
    /// </summary>
    private static byte[] DeviceNumber(DeviceNumber device)
    {
        var isSmall = device.Minor <= byte.MaxValue;
        Span<byte> data = stackalloc byte[16];
        data.PutBoth32(0, isSmall ? 0 : device.Major);
        data.PutBoth32(8, isSmall ? (device.Major << 8) | device.Minor : device.Minor);
        return Entry("PN", data);
    }

    /// <summary>Times of modification, access and change of attributes, all the same (RRIP, 4.1.6).</summary>
    private static byte[] Times(long seconds)
    {
        const byte ModificationAccessAttributes = 0x0E;
        const int Count = 3;
        Span<byte> data = stackalloc byte[1 + (Count * Iso9660Time.ShortLength)];
        data[0] = ModificationAccessAttributes;
        for (var index = 0; index < Count; index++) Iso9660Time.PutShort(data[(1 + (index * Iso9660Time.ShortLength))..], seconds);
        return Entry("TF", data);
    }

    /// <summary>RRIP, 4.1.4.</summary>
    private static IEnumerable<byte[]> Names(byte[] name)
    {
        const int Room = MaximumLength - HeaderLength - 1;
        for (var start = 0; start < name.Length; start += Room)
        {
            var end = Math.Min(start + Room, name.Length);
            yield return Entry("NM", [end < name.Length ? Continued : (byte)0, .. name.AsSpan(start, end - start)]);
        }
    }

    /// <summary>RRIP, 4.1.3. Its form has no place for a second slash in a row, nor for one at the end.</summary>
    private static List<byte[]> Target(byte[] target)
    {
        const int Room = MaximumLength - HeaderLength - 1;
        var entries = new List<List<byte>> { new() };
        foreach (var component in Components(target))
        {
            if (entries[^1].Count + component.Length > Room) entries.Add([]);
            entries[^1].AddRange(component);
        }
        return [.. entries.Select((entry, index) => Entry("SL", [index < entries.Count - 1 ? Continued : (byte)0, .. entry]))];
    }

    private static IEnumerable<byte[]> Components(byte[] target)
    {
        const int Room = MaximumLength - HeaderLength - 1 - 2;
        if (target[0] == '/') yield return [Component.Root, 0];
        for (var start = 0; start < target.Length;)
        {
            var length = target.AsSpan(start).IndexOf((byte)'/');
            if (length < 0) length = target.Length - start;
            var name = target.AsMemory(start, length);
            start += length + 1;
            if (name.Span.SequenceEqual("."u8)) yield return [Component.Current, 0];
            else if (name.Span.SequenceEqual(".."u8)) yield return [Component.Parent, 0];
            else
            {
                for (; name.Length > Room; name = name[Room..]) yield return [Component.Continued, (byte)Room, .. name.Span[..Room]];
                if (name.Length > 0) yield return [0, (byte)name.Length, .. name.Span];
            }
        }
    }

    /// <summary>SUSP, 5.5, with the text that RRIP gives for it.</summary>
    private static byte[] ExtensionsReference()
    {
        var identifier = Encoding.ASCII.GetBytes("RRIP_1991A");
        var description = Encoding.ASCII.GetBytes("THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS");
        var source = Encoding.ASCII.GetBytes("PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  SEE PUBLISHER IDENTIFIER IN PRIMARY VOLUME DESCRIPTOR FOR CONTACT INFORMATION.");
        return Entry("ER", [(byte)identifier.Length, (byte)description.Length, (byte)source.Length, 1, .. identifier, .. description, .. source]);
    }

    private static byte[] Entry(string signature, ReadOnlySpan<byte> data) => [(byte)signature[0], (byte)signature[1], checked((byte)(HeaderLength + data.Length)), 1, .. data];
}
