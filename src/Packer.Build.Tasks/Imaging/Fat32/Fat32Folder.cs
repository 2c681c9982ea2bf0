namespace Packer.Imaging;

/// <summary>A folder that has been given its clusters.</summary>
internal sealed class Fat32Folder(string path, Node node, Fat32Folder? parent)
{
    /// <summary>Its path; empty for the root.</summary>
    public string Path => path;

    public Node Node => node;

    public Fat32Folder? Parent => parent;

    /// <summary>Short names by long names.</summary>
    public IReadOnlyDictionary<string, string> ShortNames { get; } = Fat32Names.Assign(path, node.Children.Keys);

    public uint FirstCluster { get; set; }

    /// <summary>The first cluster of each child; 0 for an empty file.</summary>
    public Dictionary<string, uint> FirstClusters { get; } = new(StringComparer.Ordinal);
}
