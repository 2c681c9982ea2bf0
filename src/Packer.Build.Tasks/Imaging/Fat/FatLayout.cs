namespace Packer.Imaging;

/// <summary>Checks a tree and puts its folders into the order in which a FAT volume holds them.</summary>
internal static class FatLayout
{
    /// <summary>All folders: one before those in it, and its files before those of the folders in it.</summary>
    /// <exception cref="ImagingException">FAT cannot hold something of the tree.</exception>
    public static List<FatFolder> Create(FileTree tree)
    {
        var folders = new List<FatFolder>();
        var pending = new Stack<FatFolder>([new FatFolder("", tree.Root, null)]);
        while (pending.TryPop(out var folder))
        {
            folders.Add(folder);
            if (FatDirectory.Size(folder, hasLabel: true) > FatDirectory.MaximumSize) throw new ImagingException($"The folder '{folder.Path}' has too many names for FAT. Spread them over several folders.");
            foreach (var (name, node) in folder.Node.Children.Reverse())
            {
                Check(folder.Path + "/" + name, node);
                if (node.Type == NodeType.Directory) pending.Push(new FatFolder(folder.Path + "/" + name, node, folder));
            }
        }
        return folders;
    }

    private static void Check(string path, Node node)
    {
        if (node.Type is not (NodeType.File or NodeType.Directory)) throw new ImagingException($"'{path}' is neither a file nor a folder, and FAT holds nothing else. Leave it out.");
        if (node.Data.Length > uint.MaxValue) throw new ImagingException($"'{path}' has {node.Data.Length} bytes, a file on FAT has {uint.MaxValue} at most. Split it.");
    }
}
