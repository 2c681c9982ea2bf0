using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>Divides a tree by when its files came into it.</summary>
/// <param name="tree">The tree.</param>
internal sealed class RootLayers(FileTree tree)
{
    private readonly List<(string Description, HashSet<Node> Nodes)> parts = [];

    /// <summary>Makes a part of what is there now and was not there before.</summary>
    public void Close(string description) => parts.Add((description, [.. tree.Walk().Select(entry => entry.Node).Where(node => !parts.Any(part => part.Nodes.Contains(node)))]));

    /// <summary>The parts, each with what is left of it in the tree.</summary>
    public IReadOnlyList<OciLayer> All => [.. parts.Select(part => new OciLayer(part.Description, [.. tree.Walk().Where(entry => part.Nodes.Contains(entry.Node))]))];
}
