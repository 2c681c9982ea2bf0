using System.Text;

namespace Packer.Imaging;

/// <summary>The content of folders (Microsoft FAT specification 1.03, sections 6 and 7).</summary>
internal static class FatDirectory
{
    public const int EntrySize = 32;

    /// <summary>Largest folder in bytes.</summary>
    public const long MaximumSize = 65536L * EntrySize;

    private const byte VolumeLabelAttribute = 0x08;
    private const byte DirectoryAttribute = 0x10;
    private const byte ArchiveAttribute = 0x20;
    private const byte LongNameAttribute = 0x0F;
    private const byte LastLongEntry = 0x40;
    private const int CharactersPerEntry = 13;

    /// <summary>Where the characters of a long name lie in an entry.</summary>
    private static readonly int[] CharacterOffsets = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

    private static class Field
    {
        public const int Attributes = 11, CreationTime = 14, CreationDate = 16, AccessDate = 18, ClusterHigh = 20, WriteTime = 22, WriteDate = 24, ClusterLow = 26, Size = 28;
    }

    private static class LongField
    {
        public const int Order = 0, Attributes = 11, Checksum = 13;
    }

    public static long Size(FatFolder folder, bool hasLabel)
    {
        // The root has its label where others have themselves and their parent.
        var special = folder.Parent is null ? (hasLabel ? 1 : 0) : 2;
        return (special + folder.Node.Children.Keys.Sum(name => 1 + LongEntries(name))) * (long)EntrySize;
    }

    /// <summary>The content of a folder.</summary>
    /// <param name="folder">The folder, whose children have been given their clusters.</param>
    /// <param name="label">Label of the volume, 11 characters, or null.</param>
    public static byte[] Encode(FatFolder folder, string? label)
    {
        var content = new byte[Size(folder, label is not null)];
        var rest = content.AsSpan();
        if (folder.Parent is { } parent)
        {
            Put(ref rest, ".", DirectoryAttribute, folder.FirstCluster, 0, folder.Node);
            // The root as parent is written as cluster 0.
            Put(ref rest, "..", DirectoryAttribute, parent.Parent is null ? 0 : parent.FirstCluster, 0, parent.Node);
        }
        else if (label is not null)
        {
            Put(ref rest, label, VolumeLabelAttribute, 0, 0, folder.Node);
        }
        foreach (var (name, node) in folder.Node.Children)
        {
            var isFolder = node.Type == NodeType.Directory;
            PutLongName(ref rest, name, folder.ShortNames[name]);
            Put(ref rest, folder.ShortNames[name], isFolder ? DirectoryAttribute : ArchiveAttribute, folder.FirstClusters[name], isFolder ? 0 : node.Data.Length, node);
        }
        return content;
    }

    private static int LongEntries(string name) => FatNames.IsShort(name) ? 0 : (int)Alignment.DivideRoundUp(name.Length, CharactersPerEntry);

    private static void Put(ref Span<byte> rest, string shortName, byte attributes, uint cluster, long size, Node node)
    {
        var time = FatTime.FromUnix(node.Metadata.ModificationTime);
        Encoding.ASCII.GetBytes(shortName.PadRight(FatNames.ShortNameLength), rest);
        rest[Field.Attributes] = attributes;
        rest.PutUInt16(Field.CreationTime, time.Time);
        rest.PutUInt16(Field.CreationDate, time.Date);
        rest.PutUInt16(Field.AccessDate, time.Date);
        rest.PutUInt16(Field.WriteTime, time.Time);
        rest.PutUInt16(Field.WriteDate, time.Date);
        rest.PutUInt16(Field.ClusterHigh, cluster >> 16);
        rest.PutLow16(Field.ClusterLow, cluster);
        rest.PutUInt32(Field.Size, size);
        rest = rest[EntrySize..];
    }

    /// <summary>Writes the entries of a long name, the last part first.</summary>
    private static void PutLongName(ref Span<byte> rest, string name, string shortName)
    {
        var checksum = Checksum(shortName);
        var count = LongEntries(name);
        for (var order = count; order >= 1; order--)
        {
            rest[LongField.Order] = (byte)(order | (order == count ? LastLongEntry : 0));
            rest[LongField.Attributes] = LongNameAttribute;
            rest[LongField.Checksum] = checksum;
            for (var index = 0; index < CharactersPerEntry; index++) rest.PutUInt16(CharacterOffsets[index], CharacterAt(name, ((order - 1) * CharactersPerEntry) + index));
            rest = rest[EntrySize..];
        }
    }

    // A name that does not fill its last entry ends with a zero and is padded with ones.
    private static int CharacterAt(string name, int index) => index < name.Length ? name[index] : index == name.Length ? 0 : 0xFFFF;

    private static byte Checksum(string shortName)
    {
        byte sum = 0;
        foreach (var character in shortName) sum = unchecked((byte)(((sum & 1) << 7) + (sum >> 1) + character));
        return sum;
    }
}
