namespace Packer.Imaging;

/// <summary>A folder that has been given its clusters.</summary>
internal sealed class FatFolder(string path, Node node, FatFolder? parent)
{
    /// <summary>Its path; empty for the root.</summary>
    public string Path => path;

    public Node Node => node;

    public FatFolder? Parent => parent;

    /// <summary>Short names by long names.</summary>
    public IReadOnlyDictionary<string, string> ShortNames { get; } = FatNames.Assign(path, node.Children.Keys);

    public uint FirstCluster { get; set; }

    /// <summary>The first cluster of each child; 0 for an empty file.</summary>
    public Dictionary<string, uint> FirstClusters { get; } = new(StringComparer.Ordinal);
}
