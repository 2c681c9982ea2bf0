namespace Packer.Imaging;

/// <summary>All folders of a tree under the names of one volume descriptor, in the order of its path table.</summary>
internal sealed class Iso9660Hierarchy
{
    private const int PathTableFixedLength = 8;
    private static readonly byte[] Self = [0];
    private static readonly byte[] Parent = [1];

    private readonly List<Iso9660Folder> folders = [];
    private readonly Iso9660Naming naming;
    private readonly RockRidge? rockRidge;

    /// <param name="root">The tree's root.</param>
    /// <param name="naming">How names are written.</param>
    /// <param name="rockRidge">Adds what Unix needs to know, or null.</param>
    /// <exception cref="ImagingException">There are too many folders.</exception>
    public Iso9660Hierarchy(Node root, Iso9660Naming naming, RockRidge? rockRidge)
    {
        this.naming = naming;
        this.rockRidge = rockRidge;
        Add(new Iso9660Folder(root, null, Self));
        // A folder before those in it, one level after the other: the order of the path table (ECMA-119, 6.9.1).
        for (var index = 0; index < folders.Count; index++) Fill(folders[index]);
    }

    public Iso9660Folder Root => folders[0];

    public IReadOnlyList<Iso9660Folder> Folders => folders;

    public long PathTableLength => folders.Sum(folder => PathTableRecordLength(folder));

    /// <summary>The files in the order of folders and names; one with several names comes several times.</summary>
    public IEnumerable<Node> Files => folders.SelectMany(folder => folder.Names).Select(name => name.Node).Where(node => node.Type == NodeType.File);

    /// <summary>The content of a folder and of the continuation area behind it; records never cross from one block into the next (ECMA-119, 6.8.1.1).</summary>
    public (byte[] Folder, ReadOnlyMemory<byte> Continuation) Encode(Iso9660Folder folder, IReadOnlyDictionary<Node, long> fileBlocks)
    {
        var content = new byte[folder.Length];
        var area = new ContinuationArea(folder.EndBlock);
        long position = 0;
        foreach (var record in Records(folder, area, fileBlocks))
        {
            position = Advance(position, record.Length);
            record.WriteTo(content.AsSpan((int)position - record.Length));
        }
        return (content, area.Content);
    }

    /// <summary>ECMA-119, 9.4.</summary>
    public byte[] EncodePathTable(bool mostSignificantFirst)
    {
        var table = new byte[PathTableLength];
        var rest = table.AsSpan();
        foreach (var folder in folders)
        {
            rest[0] = (byte)folder.Identifier.Length;
            if (mostSignificantFirst)
            {
                rest.PutBig32(2, folder.Block);
                rest.PutBig16(6, folder.Parent.Number);
            }
            else
            {
                rest.PutUInt32(2, folder.Block);
                rest.PutUInt16(6, folder.Parent.Number);
            }
            folder.Identifier.CopyTo(rest[PathTableFixedLength..]);
            rest = rest[PathTableRecordLength(folder)..];
        }
        return table;
    }

    private static int PathTableRecordLength(Iso9660Folder folder) => (int)Alignment.RoundUp(PathTableFixedLength + folder.Identifier.Length, 2);

    private void Add(Iso9660Folder folder)
    {
        if (folders.Count == Iso9660Format.MaximumFolders) throw new ImagingException($"A CD has {Iso9660Format.MaximumFolders} folders at most, and there are more. Leave some out, or put them into an archive.");
        folders.Add(folder);
        folder.Number = folders.Count;
    }

    private void Fill(Iso9660Folder folder)
    {
        var identifiers = naming.Assign(folder.Node.Children);
        foreach (var (name, identifier) in identifiers.OrderBy(pair => pair.Value, StringComparer.Ordinal))
        {
            var node = folder.Node.Children[name];
            var isFolder = node.Type == NodeType.Directory;
            var bytes = naming.Encode(identifier, isFolder);
            var child = isFolder ? new Iso9660Folder(node, folder, bytes) : null;
            if (child is not null) Add(child);
            folder.Names.Add(new Iso9660Name(name, bytes, node, child));
        }
        var area = new ContinuationArea(0);
        long length = 0;
        foreach (var record in Records(folder, area, null)) length = Advance(length, record.Length);
        folder.Length = Alignment.RoundUp(length, Iso9660Format.BlockSize);
        folder.ContinuationBlocks = area.Blocks;
        if (folder.Length > int.MaxValue) throw new ImagingException("A folder has too many names for a CD. Spread them over several folders.");
    }

    /// <summary>Where a record ends that comes next.</summary>
    private static long Advance(long position, int length)
    {
        var left = Iso9660Format.BlockSize - (position % Iso9660Format.BlockSize);
        return (length > left ? position + left : position) + length;
    }

    /// <summary>The records of a folder; as long as places are not known only their lengths are right.</summary>
    private IEnumerable<Iso9660Record> Records(Iso9660Folder folder, ContinuationArea area, IReadOnlyDictionary<Node, long>? fileBlocks)
    {
        yield return FolderRecord(Self, folder, Fit(Self, rockRidge?.ForFolder(folder.Node, folder.IsRoot)));
        yield return FolderRecord(Parent, folder.Parent, Fit(Parent, rockRidge?.ForFolder(folder.Parent.Node, isRoot: false)));
        foreach (var name in folder.Names)
        {
            var systemUse = Fit(name.Identifier, rockRidge?.ForName(name.Name, name.Node));
            if (name.Folder is not null)
            {
                yield return FolderRecord(name.Identifier, name.Folder, systemUse);
                continue;
            }
            var block = fileBlocks?.GetValueOrDefault(name.Node) ?? 0;
            var left = name.Node.Data.Length;
            for (; left > Iso9660Format.MaximumExtentLength; left -= Iso9660Format.MaximumExtentLength)
            {
                yield return new Iso9660Record(name.Identifier, block, Iso9660Format.MaximumExtentLength, Iso9660Record.Flags.MultiExtent, name.Node.Metadata.ModificationTime, systemUse);
                block += Iso9660Format.MaximumExtentLength / Iso9660Format.BlockSize;
            }
            yield return new Iso9660Record(name.Identifier, block, left, Iso9660Record.Flags.None, name.Node.Metadata.ModificationTime, systemUse);
        }

        byte[] Fit(byte[] identifier, IReadOnlyList<byte[]>? entries) => entries is null ? [] : area.Fit(entries, Iso9660Record.Room(identifier.Length));
    }

    private static Iso9660Record FolderRecord(byte[] identifier, Iso9660Folder folder, byte[] systemUse) =>
        new(identifier, folder.Block, folder.Length, Iso9660Record.Flags.Directory, folder.Node.Metadata.ModificationTime, systemUse);

    /// <summary>The root's record as a volume descriptor holds it: without system use entries.</summary>
    public Iso9660Record RootRecord => FolderRecord(Self, Root, []);
}
