namespace Packer.Imaging;

/// <summary>
/// The content of a file system, independent of its format. Paths are written with slashes, with or without a leading one; symbolic links
/// to folders on the way are followed, as a system that runs on this tree would (never out of it); <c>..</c> in a path is an error.
/// Missing parent folders are made (0755, root, with the time of what is added). Not safe for several threads while it changes.
/// </summary>
internal sealed class FileTree
{
    /// <summary>As many links as Linux follows in one path before it gives up.</summary>
    public const int MaximumLinksFollowed = 40;

    /// <summary>No absolute path leads deeper: each level takes at least two of 4095 bytes.</summary>
    public const int MaximumDepth = FileNames.MaximumPathLength / 2;

    private static readonly UnixFileMode FolderMode = Permissions.Octal(755);
    private static readonly UnixFileMode LinkMode = Permissions.Octal(777);

    public FileTree(NodeMetadata root) => Root = Node.CreateDirectory(root);

    /// <summary>A tree whose root folder has the mode 0755, belongs to root and was modified at the time given.</summary>
    public FileTree(long modificationTime) : this(new NodeMetadata(FolderMode, modificationTime))
    {
    }

    public Node Root { get; }

    /// <summary>The node of a path, or null. A link that the path itself names is returned, not followed.</summary>
    /// <exception cref="ImagingException">The path is malformed, or links form a loop.</exception>
    public Node? Find(string path)
    {
        var names = FileNames.SplitPath(path);
        if (names.Count == 0) return Root;
        return FindFolder(path, names.SkipLast(1)) is { } parent ? parent.Children.GetValueOrDefault(names[^1]) : null;
    }

    /// <summary>As <see cref="Find"/>, but an absent path is an error.</summary>
    /// <exception cref="ImagingException">The path is absent or malformed, or links form a loop.</exception>
    public Node Get(string path) => Find(path) ?? throw new ImagingException($"'{path}' does not exist in the image. Check the path, or add what should be there first.");

    /// <summary>Adds a folder, or gives a folder that exists new metadata. A link to a folder stays as it is.</summary>
    /// <exception cref="ImagingException">Something else has this path.</exception>
    public Node AddDirectory(string path, NodeMetadata metadata)
    {
        var names = FileNames.SplitPath(path);
        if (names.Count == 0)
        {
            Root.Metadata = metadata;
            return Root;
        }
        var walk = WalkTo(path, names.SkipLast(1), metadata.ModificationTime);
        if (walk.Folder.ChildMap.TryGetValue(names[^1], out var existing))
        {
            if (existing.Type == NodeType.SymbolicLink) return WalkTo(path, names, metadata.ModificationTime).Folder;
            if (existing.Type != NodeType.Directory) throw new ImagingException($"'{path}' cannot be a folder: it is a {Describe(existing.Type)} already. Remove one of the two.");
            existing.Metadata = metadata;
            return existing;
        }
        var folder = Node.CreateDirectory(metadata);
        walk.Add(names[^1], folder);
        return folder;
    }

    /// <summary>Adds a file; one that has this path is replaced.</summary>
    /// <exception cref="ImagingException">A folder has this path.</exception>
    public Node AddFile(string path, Source data, NodeMetadata metadata) => Put(path, Node.CreateFile(data, metadata));

    /// <summary>Adds a file with a text in UTF-8.</summary>
    /// <inheritdoc cref="AddFile(string, Source, NodeMetadata)"/>
    public Node AddFile(string path, string text, NodeMetadata metadata) => AddFile(path, new BytesSource(text), metadata);

    /// <summary>Adds a symbolic link, whether its target exists or not.</summary>
    /// <exception cref="ImagingException">The target is empty or too long, or a folder has this path.</exception>
    public Node AddSymbolicLink(string path, string target, NodeMetadata metadata) => Put(path, Node.CreateSymbolicLink(FileNames.CheckTarget(path, target), metadata));

    /// <summary>Adds a symbolic link of root's with the mode 0777 that all links have on Linux.</summary>
    /// <inheritdoc cref="AddSymbolicLink(string, string, NodeMetadata)"/>
    public Node AddSymbolicLink(string path, string target, long modificationTime) => AddSymbolicLink(path, target, new NodeMetadata(LinkMode, modificationTime));

    /// <summary>Adds a character device.</summary>
    /// <exception cref="ImagingException">The number is out of range, or a folder has this path.</exception>
    public Node AddCharacterDevice(string path, DeviceNumber device, NodeMetadata metadata) => Put(path, Node.CreateDevice(NodeType.CharacterDevice, device, metadata));

    /// <summary>Adds a block device.</summary>
    /// <inheritdoc cref="AddCharacterDevice"/>
    public Node AddBlockDevice(string path, DeviceNumber device, NodeMetadata metadata) => Put(path, Node.CreateDevice(NodeType.BlockDevice, device, metadata));

    /// <summary>Adds a named pipe.</summary>
    /// <exception cref="ImagingException">A folder has this path.</exception>
    public Node AddFifo(string path, NodeMetadata metadata) => Put(path, Node.CreateSpecial(NodeType.Fifo, metadata));

    /// <summary>Adds a socket.</summary>
    /// <inheritdoc cref="AddFifo"/>
    public Node AddSocket(string path, NodeMetadata metadata) => Put(path, Node.CreateSpecial(NodeType.Socket, metadata));

    /// <summary>Adds a node that exists, anything but a folder. One that the tree has already gets another name: a hard link.</summary>
    /// <exception cref="ImagingException">The node is a folder, or a folder has this path.</exception>
    public void Add(string path, Node node)
    {
        if (node.Type == NodeType.Directory) throw new ImagingException($"'{path}' cannot be a hard link to a folder. Use a symbolic link.");
        Put(path, node);
    }

    /// <summary>Removes a name, a folder with all it contains.</summary>
    /// <returns>False if there was none.</returns>
    public bool Remove(string path)
    {
        var names = FileNames.SplitPath(path);
        if (names.Count == 0) throw new ImagingException("The root folder cannot be removed. Remove what it contains.");
        return FindFolder(path, names.SkipLast(1)) is { } parent && parent.ChildMap.Remove(names[^1]);
    }

    /// <summary>All names but the root: a folder before what it contains, each folder in ordinal order, links not followed.</summary>
    public IEnumerable<TreeEntry> Walk()
    {
        // An own stack: a tree may be deeper than the thread's stack.
        var open = new Stack<OpenFolder>();
        open.Push(new OpenFolder("", Root.ChildMap.GetEnumerator()));
        while (open.TryPeek(out var folder))
        {
            if (!folder.Children.MoveNext())
            {
                open.Pop();
                continue;
            }
            var (name, node) = folder.Children.Current;
            var path = folder.Path + "/" + name;
            yield return new TreeEntry(path, node);
            if (node.Type == NodeType.Directory) open.Push(new OpenFolder(path, node.ChildMap.GetEnumerator()));
        }
    }

    /// <summary>Makes nothing younger than a time, for images that can be reproduced.</summary>
    /// <param name="latest">Seconds since 1970-01-01T00:00:00Z.</param>
    public void ClampModificationTimes(long latest)
    {
        foreach (var node in Walk().Select(entry => entry.Node).Prepend(Root))
        {
            if (node.Metadata.ModificationTime > latest) node.Metadata = node.Metadata with { ModificationTime = latest };
        }
    }

    private Node Put(string path, Node node)
    {
        var names = FileNames.SplitPath(path);
        if (names.Count == 0) throw new ImagingException($"'{path}' is the root folder and cannot be a {Describe(node.Type)}. Choose another path.");
        CheckDevice(path, node.Device);
        var walk = WalkTo(path, names.SkipLast(1), node.Metadata.ModificationTime);
        if (walk.Folder.Children.GetValueOrDefault(names[^1])?.Type == NodeType.Directory)
            throw new ImagingException($"'{path}' cannot be a {Describe(node.Type)}: it is a folder already. Remove one of the two.");
        walk.Add(names[^1], node);
        return node;
    }

    private Node? FindFolder(string path, IEnumerable<string> names)
    {
        var walk = new FolderWalk(Root, path);
        return walk.Follow(names, createdAt: null) ? walk.Folder : null;
    }

    private FolderWalk WalkTo(string path, IEnumerable<string> names, long createdAt)
    {
        var walk = new FolderWalk(Root, path);
        walk.Follow(names, createdAt);
        return walk;
    }

    private static void CheckDevice(string path, DeviceNumber device)
    {
        if (device.Major > DeviceNumber.MaximumMajor || device.Minor > DeviceNumber.MaximumMinor)
            throw new ImagingException($"The device '{path}' has the number {device.Major}:{device.Minor}, at most {DeviceNumber.MaximumMajor}:{DeviceNumber.MaximumMinor} is possible. Check the number.");
    }

    private static string Describe(NodeType type) => type switch
    {
        NodeType.File => "file",
        NodeType.Directory => "folder",
        NodeType.SymbolicLink => "symbolic link",
        NodeType.CharacterDevice => "character device",
        NodeType.BlockDevice => "block device",
        NodeType.Fifo => "named pipe",
        _ => "socket",
    };

    private sealed record OpenFolder(string Path, IEnumerator<KeyValuePair<string, Node>> Children);

    /// <summary>Walks from folder to folder the way Linux resolves a path.</summary>
    private sealed class FolderWalk(Node root, string path)
    {
        private readonly List<Node> folders = [root];
        private int linksFollowed;

        public Node Folder => folders[^1];

        /// <summary>Goes down; false where a folder is absent and none is to be created.</summary>
        public bool Follow(IEnumerable<string> names, long? createdAt)
        {
            var pending = new Stack<string>(names.Reverse());
            while (pending.TryPop(out var name))
            {
                if (name == "..")
                {
                    // Only the target of a link can say this; above the root is the root.
                    if (folders.Count > 1) folders.RemoveAt(folders.Count - 1);
                }
                else if (!Folder.ChildMap.TryGetValue(name, out var child))
                {
                    if (createdAt is null) return false;
                    child = Node.CreateDirectory(new NodeMetadata(FolderMode, createdAt.Value));
                    Add(name, child);
                    folders.Add(child);
                }
                else if (child.Type == NodeType.SymbolicLink)
                {
                    Redirect(child.Target, pending);
                }
                else
                {
                    if (child.Type != NodeType.Directory) throw new ImagingException($"'{path}' leads through '{name}', which is a {Describe(child.Type)} and no folder. Change the path.");
                    folders.Add(child);
                }
            }
            return true;
        }

        public void Add(string name, Node node)
        {
            if (node.Type == NodeType.Directory && folders.Count >= MaximumDepth) throw new ImagingException($"'{path}' lies more than {MaximumDepth} folders deep. Shorten the path.");
            Folder.ChildMap[name] = node;
        }

        private void Redirect(string target, Stack<string> pending)
        {
            if (++linksFollowed > MaximumLinksFollowed) throw new ImagingException($"'{path}' leads through more than {MaximumLinksFollowed} symbolic links, the last one to '{target}': they form a loop. Remove one of them.");
            if (target.StartsWith('/')) folders.RemoveRange(1, folders.Count - 1);
            foreach (var name in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".").Reverse()) pending.Push(name);
        }
    }
}
