namespace Packer.Imaging;

/// <summary>Gives the folders and files of a volume their clusters and puts them there.</summary>
/// <param name="image">The volume.</param>
/// <param name="table">Where clusters are taken.</param>
/// <param name="clusterSize">Bytes of a cluster.</param>
/// <param name="clusterOffset">Where a cluster begins in the volume, in bytes.</param>
internal sealed class FatContent(SparseImage image, FatTable table, int clusterSize, Func<long, long> clusterOffset)
{
    /// <summary>Where each file that is not empty begins, in bytes, by its path.</summary>
    public Dictionary<string, long> FileOffsets { get; } = new(StringComparer.Ordinal);

    /// <summary>Clusters that a folder and the files in it take, the folders in it not counted.</summary>
    public static long ClustersOf(FatFolder folder, bool hasLabel, int clusterSize) =>
        FolderClusters(folder, hasLabel, clusterSize) + FileClusters(folder, clusterSize);

    /// <summary>Clusters that the files of a folder take.</summary>
    public static long FileClusters(FatFolder folder, int clusterSize) =>
        folder.Node.Children.Values.Where(node => node.Type == NodeType.File).Sum(node => Alignment.DivideRoundUp(node.Data.Length, clusterSize));

    /// <summary>Places all.</summary>
    /// <param name="layout">The folders, the root first.</param>
    /// <param name="label">Label of the volume, 11 characters, or null.</param>
    /// <param name="rootOffset">Where the root folder lies if it has a place of its own and no clusters.</param>
    public void Place(IReadOnlyList<FatFolder> layout, string? label, long? rootOffset = null)
    {
        foreach (var folder in layout)
        {
            if (folder.Parent is not null || rootOffset is null) folder.FirstCluster = table.Allocate(FolderClusters(folder, label is not null, clusterSize));
            folder.Parent?.FirstClusters.Add(folder.Path[(folder.Path.LastIndexOf('/') + 1)..], folder.FirstCluster);
            foreach (var (name, node) in folder.Node.Children.Where(child => child.Value.Type == NodeType.File)) PlaceFile(folder, name, node);
        }
        foreach (var folder in layout)
        {
            var offset = folder.Parent is null && rootOffset is { } root ? root : clusterOffset(folder.FirstCluster);
            image.Add(offset, FatDirectory.Encode(folder, label));
        }
    }

    private static long FolderClusters(FatFolder folder, bool hasLabel, int clusterSize) => Math.Max(1, Alignment.DivideRoundUp(FatDirectory.Size(folder, hasLabel), clusterSize));

    private void PlaceFile(FatFolder folder, string name, Node node)
    {
        var cluster = node.Data.Length == 0 ? 0 : table.Allocate(Alignment.DivideRoundUp(node.Data.Length, clusterSize));
        folder.FirstClusters.Add(name, cluster);
        if (cluster == 0) return;
        image.Add(clusterOffset(cluster), node.Data);
        FileOffsets.Add(folder.Path + "/" + name, clusterOffset(cluster));
    }
}
