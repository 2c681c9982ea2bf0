namespace Packer.Imaging;

/// <summary>A node that has been given its inode.</summary>
internal sealed class Ext4InodeEntry(string path, Node node, uint number, uint parent)
{
    /// <summary>The first of its names, for messages.</summary>
    public string Path => path;

    public Node Node => node;

    public uint Number => number;

    /// <summary>Inode of the folder that holds it; meaningful for folders only.</summary>
    public uint Parent => parent;

    /// <summary>Names of a file; for a folder its own name, its <c>.</c> and the <c>..</c> of each folder in it.</summary>
    public int Links { get; set; } = node.Type == NodeType.Directory ? 2 : 1;
}
