namespace Packer.Imaging;

/// <summary>A name in a folder of one hierarchy.</summary>
/// <param name="Name">The name in the tree.</param>
/// <param name="Identifier">The bytes of its identifier.</param>
/// <param name="Node">What it stands for.</param>
/// <param name="Folder">The folder, where it stands for one.</param>
internal sealed record Iso9660Name(string Name, byte[] Identifier, Node Node, Iso9660Folder? Folder);

/// <summary>A folder of one hierarchy.</summary>
internal sealed class Iso9660Folder(Node node, Iso9660Folder? parent, byte[] identifier)
{
    public Node Node => node;

    /// <summary>The folder that contains it; the root contains itself.</summary>
    public Iso9660Folder Parent => parent ?? this;

    public bool IsRoot => parent is null;

    /// <summary>Its identifier in the path table; a zero byte for the root.</summary>
    public byte[] Identifier => identifier;

    /// <summary>Its number in the path table, from 1.</summary>
    public int Number { get; set; }

    /// <summary>In the order of their identifiers.</summary>
    public List<Iso9660Name> Names { get; } = [];

    /// <summary>Length in bytes, whole blocks.</summary>
    public long Length { get; set; }

    /// <summary>Blocks of the continuation area behind it.</summary>
    public long ContinuationBlocks { get; set; }

    /// <summary>The block behind the folder.</summary>
    public long EndBlock => Block + (Length / Iso9660Format.BlockSize);

    /// <summary>Where it lies, once that is known.</summary>
    public long Block { get; set; }
}
