namespace Packer.Imaging;

/// <summary>A name in a tree and what it stands for.</summary>
/// <param name="Path">Full path with a leading slash.</param>
/// <param name="Node">The node; a hard link gives the same one again.</param>
internal readonly record struct TreeEntry(string Path, Node Node);
