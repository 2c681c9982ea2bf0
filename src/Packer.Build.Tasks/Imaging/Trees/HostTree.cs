namespace Packer.Imaging;

/// <summary>
/// Adds a folder of the host to a tree: in ordinal order, links kept as links, modes, owners and times by the caller's rule alone, so that
/// every host gives the same tree. File contents are read when the image is written. Named pipes, sockets and devices become empty files.
/// </summary>
internal static class HostTree
{
    /// <param name="tree">What to add to.</param>
    /// <param name="hostFolder">Full path of the folder.</param>
    /// <param name="path">Where its content goes; this folder is added too, by the same rule.</param>
    /// <param name="metadata">The rule.</param>
    /// <param name="pool">Keeps the files open between reads, or null.</param>
    /// <exception cref="ImagingException">The folder cannot be read, or a name in it cannot enter a tree.</exception>
    public static void AddTo(FileTree tree, string hostFolder, string path, Func<HostEntry, NodeMetadata> metadata, FilePool? pool = null)
    {
        if (!Path.IsPathFullyQualified(hostFolder)) throw new ArgumentException("The path of a folder of the host is given in full.", nameof(hostFolder));
        try
        {
            AddFolder(tree, new DirectoryInfo(hostFolder), FileNames.NormalizePath(path), metadata, pool);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new ImagingException($"The folder '{hostFolder}' cannot be read: {cause.Message} Check that it exists and that you may read it.", cause);
        }
    }

    private static void AddFolder(FileTree tree, DirectoryInfo root, string rootPath, Func<HostEntry, NodeMetadata> metadata, FilePool? pool)
    {
        var pending = new Stack<(DirectoryInfo Folder, string Path)>();
        pending.Push((root, rootPath));
        while (pending.TryPop(out var next))
        {
            tree.AddDirectory(next.Path, metadata(new HostEntry(next.Path, next.Folder.FullName, NodeType.Directory)));
            foreach (var item in next.Folder.EnumerateFileSystemInfos().OrderBy(item => item.Name, StringComparer.Ordinal))
            {
                var path = next.Path.TrimEnd('/') + "/" + item.Name;
                if (item.LinkTarget is { } target) AddLink(tree, path, item, target, metadata);
                else if (item is DirectoryInfo folder) pending.Push((folder, path));
                else AddFile(tree, path, (FileInfo)item, metadata, pool);
            }
        }
    }

    private static void AddLink(FileTree tree, string path, FileSystemInfo item, string target, Func<HostEntry, NodeMetadata> metadata)
    {
        if (Path.DirectorySeparatorChar != '/') target = target.Replace(Path.DirectorySeparatorChar, '/');
        tree.AddSymbolicLink(path, target, metadata(new HostEntry(path, item.FullName, NodeType.SymbolicLink)));
    }

    private static void AddFile(FileTree tree, string path, FileInfo item, Func<HostEntry, NodeMetadata> metadata, FilePool? pool)
    {
        // .NET cannot tell a named pipe from an empty file; neither is ever opened.
        Source data = item.Length == 0 ? BytesSource.Empty : new FileSource(item.FullName, 0, item.Length, pool);
        tree.AddFile(path, data, metadata(new HostEntry(path, item.FullName, NodeType.File)));
    }
}
