namespace Packer.Imaging;

/// <summary>
/// Adds the members of an uncompressed tar file to a tree. Nothing is extracted: files refer to their ranges of the archive, which must stay
/// where it is until the image has been written.
/// </summary>
internal static class TarTree
{
    /// <summary>Adds the members; later ones replace earlier ones of the same path.</summary>
    /// <param name="tree">What to add to. Links to folders that it has are followed, so <c>/bin/sh</c> lands in <c>/usr/bin</c> where <c>/bin</c> leads there.</param>
    /// <param name="archivePath">Full path of the archive.</param>
    /// <param name="keep">Tells by its path in the archive (<c>/usr/bin/sh</c>) whether a member enters the tree; null for all. A hard link that is kept keeps the content, whether or not the other name is.</param>
    /// <param name="pool">Keeps the archive open between reads, or null.</param>
    /// <exception cref="ImagingException">The archive cannot be read, is malformed or cut short, or has a name that leads out of the tree.</exception>
    public static void AddTo(FileTree tree, string archivePath, Func<string, bool>? keep = null, FilePool? pool = null)
    {
        if (!Path.IsPathFullyQualified(archivePath)) throw new ArgumentException("The path of an archive is given in full.", nameof(archivePath));
        try
        {
            using var reading = new FilePool(capacity: 1);
            var archive = new FileSource(archivePath, 0, new FileInfo(archivePath).Length, reading);
            new Import(tree, archivePath, pool, keep ?? (_ => true)).Add(TarReader.Read(archive));
        }
        catch (FormatException cause)
        {
            throw new ImagingException($"The archive '{archivePath}' cannot be read: {cause.Message}. Get it again, or make it anew with GNU tar.", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new ImagingException($"The archive '{archivePath}' cannot be read: {cause.Message} Check that it exists and that you may read it.", cause);
        }
    }

    private sealed class Import(FileTree tree, string archivePath, FilePool? pool, Func<string, bool> keep)
    {
        /// <summary>All members but folders, for the hard links to them.</summary>
        private readonly Dictionary<string, Node> members = new(StringComparer.Ordinal);

        public void Add(IEnumerable<TarEntry> entries)
        {
            foreach (var entry in entries)
            {
                try
                {
                    Add(entry, FileNames.NormalizePath(entry.Name));
                }
                catch (ImagingException cause)
                {
                    throw new ImagingException($"The archive '{archivePath}' has the member '{entry.Name}', which cannot enter the image: {cause.Message}", cause);
                }
            }
        }

        private void Add(TarEntry entry, string path)
        {
            var kept = keep(path);
            if (entry.Type == TarEntryType.Directory)
            {
                if (kept) SetAttributes(tree.AddDirectory(path, entry.Metadata), entry);
                return;
            }
            var node = entry.Type == TarEntryType.HardLink ? FindLinked(FileNames.NormalizePath(entry.LinkName)) : CreateNode(entry, path);
            members[path] = node;
            if (kept) tree.Add(path, node);
        }

        private Node FindLinked(string path)
        {
            var node = members.GetValueOrDefault(path) ?? tree.Find(path) ?? throw new ImagingException($"It is a hard link to '{path}', which does not come before it. Make the archive anew.");
            return node.Type == NodeType.Directory ? throw new ImagingException($"It is a hard link to the folder '{path}'. Make the archive anew.") : node;
        }

        private Node CreateNode(TarEntry entry, string path)
        {
            var node = entry.Type switch
            {
                TarEntryType.SymbolicLink => Node.CreateSymbolicLink(FileNames.CheckTarget(path, entry.LinkName), entry.Metadata),
                TarEntryType.CharacterDevice => Node.CreateDevice(NodeType.CharacterDevice, entry.Device, entry.Metadata),
                TarEntryType.BlockDevice => Node.CreateDevice(NodeType.BlockDevice, entry.Device, entry.Metadata),
                TarEntryType.Fifo => Node.CreateSpecial(NodeType.Fifo, entry.Metadata),
                _ => Node.CreateFile(entry.Length == 0 ? BytesSource.Empty : new FileSource(archivePath, entry.DataOffset, entry.Length, pool), entry.Metadata),
            };
            SetAttributes(node, entry);
            return node;
        }

        private static void SetAttributes(Node node, TarEntry entry)
        {
            foreach (var (name, value) in entry.ExtendedAttributes) node.SetExtendedAttribute(name, value);
        }
    }
}
