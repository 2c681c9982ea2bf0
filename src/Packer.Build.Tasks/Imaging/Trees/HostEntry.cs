namespace Packer.Imaging;

/// <summary>A file, folder or link of the host that is about to enter a tree.</summary>
/// <param name="Path">Its path in the tree.</param>
/// <param name="HostPath">Its full path on the host.</param>
/// <param name="Type">File, folder or symbolic link.</param>
internal readonly record struct HostEntry(string Path, string HostPath, NodeType Type);
