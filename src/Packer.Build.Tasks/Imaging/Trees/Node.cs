namespace Packer.Imaging;

/// <summary>
/// One file, folder, link or device, without its name: a hard link is the same node under two names. Only a <see cref="FileTree"/> makes nodes.
/// </summary>
internal sealed class Node
{
    private static readonly IReadOnlyDictionary<string, byte[]> NoAttributes = new Dictionary<string, byte[]>();
    private static readonly NodeMap NoChildren = new();

    private SortedDictionary<string, byte[]>? attributes;

    private Node(NodeType type, NodeMetadata metadata)
    {
        Type = type;
        Metadata = metadata;
        ChildMap = type == NodeType.Directory ? new NodeMap() : NoChildren;
    }

    public NodeType Type { get; }

    public NodeMetadata Metadata
    {
        get;
        set => field = (value.Mode & ~Permissions.All) == 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "A mode has twelve bits.");
    }

    /// <summary>Content of a file; empty for all else.</summary>
    public Source Data { get; private init; } = BytesSource.Empty;

    /// <summary>Target of a symbolic link (see <see cref="FileNames"/> for its bytes); empty for all else.</summary>
    public string Target { get; private init; } = "";

    /// <summary>Number of a character or block device.</summary>
    public DeviceNumber Device { get; private init; }

    /// <summary>What a folder contains, by name in ordinal order.</summary>
    public IReadOnlyDictionary<string, Node> Children => ChildMap;

    /// <summary>Extended attributes by full name (<c>security.capability</c>) in ordinal order.</summary>
    public IReadOnlyDictionary<string, byte[]> ExtendedAttributes => attributes ?? NoAttributes;

    internal NodeMap ChildMap { get; }

    public static Node CreateDirectory(NodeMetadata metadata) => new(NodeType.Directory, metadata);

    public static Node CreateFile(Source data, NodeMetadata metadata) => new(NodeType.File, metadata) { Data = data };

    public static Node CreateSymbolicLink(string target, NodeMetadata metadata) => new(NodeType.SymbolicLink, metadata) { Target = target };

    public static Node CreateDevice(NodeType type, DeviceNumber device, NodeMetadata metadata) => new(type, metadata) { Device = device };

    public static Node CreateSpecial(NodeType type, NodeMetadata metadata) => new(type, metadata);

    /// <summary>Sets or replaces an extended attribute.</summary>
    public void SetExtendedAttribute(string name, byte[] value) => (attributes ??= new(StringComparer.Ordinal))[name] = value;
}
