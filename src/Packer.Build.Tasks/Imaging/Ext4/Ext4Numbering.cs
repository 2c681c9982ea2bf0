using static Packer.Imaging.Ext4Format;

namespace Packer.Imaging;

/// <summary>Gives each node its inode, in an order that depends on the tree alone, which is also the order of the content on disk.</summary>
internal sealed class Ext4Numbering
{
    /// <summary>Most names of one file (EXT4_LINK_MAX).</summary>
    public const int MaximumLinks = 65000;

    private const string LostAndFound = "lost+found";
    private const int LostAndFoundMode = 700;

    private readonly Dictionary<Node, Ext4InodeEntry> byNode = new(ReferenceEqualityComparer.Instance);
    private readonly List<Ext4InodeEntry> entries = [];
    private readonly Node root;
    private readonly Node lostAndFound;
    private uint next = FirstFreeInode;

    public Ext4Numbering(FileTree tree, long timestamp)
    {
        root = tree.Root;
        lostAndFound = root.Children.GetValueOrDefault(LostAndFound) ?? Node.CreateDirectory(new NodeMetadata(Permissions.Octal(LostAndFoundMode), timestamp));
        if (lostAndFound.Type != NodeType.Directory) throw new ImagingException($"'/{LostAndFound}' is not a folder, which every ext4 file system needs there. Remove it.");
        Number();
    }

    public IReadOnlyList<Ext4InodeEntry> Entries => entries;

    public uint LastInode => next - 1;

    public Ext4InodeEntry this[Node node] => byNode[node];

    /// <summary>What a folder holds, with the <c>lost+found</c> that the tree need not have.</summary>
    public IEnumerable<KeyValuePair<string, Node>> ChildrenOf(Node folder)
    {
        if (folder != root || root.Children.ContainsKey(LostAndFound)) return folder.Children;
        return folder.Children.Append(new(LostAndFound, lostAndFound)).OrderBy(child => child.Key, StringComparer.Ordinal);
    }

    private void Number()
    {
        var pending = new Stack<Ext4InodeEntry>();
        pending.Push(Add("", root, RootInode, RootInode));
        while (pending.TryPop(out var folder))
        {
            var folders = new List<Ext4InodeEntry>();
            foreach (var (name, node) in ChildrenOf(folder.Node))
            {
                if (byNode.TryGetValue(node, out var known))
                {
                    CountLink(known);
                    continue;
                }
                var entry = Add(folder.Path + "/" + name, node, node == lostAndFound ? LostAndFoundInode : next++, folder.Number);
                if (node.Type == NodeType.Directory) folders.Add(entry);
            }
            folder.Links += folders.Count;
            for (var index = folders.Count - 1; index >= 0; index--) pending.Push(folders[index]);
        }
    }

    private Ext4InodeEntry Add(string path, Node node, uint number, uint parent)
    {
        var entry = new Ext4InodeEntry(path, node, number, parent);
        byNode.Add(node, entry);
        entries.Add(entry);
        return entry;
    }

    private static void CountLink(Ext4InodeEntry entry)
    {
        if (++entry.Links > MaximumLinks) throw new ImagingException($"'{entry.Path}' has more than {MaximumLinks} hard links, the most that ext4 allows. Make copies of the file.");
    }
}
