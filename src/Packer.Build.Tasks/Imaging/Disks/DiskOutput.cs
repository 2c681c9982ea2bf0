namespace Packer.Imaging;

/// <summary>A file to write.</summary>
/// <param name="Format">Its form.</param>
/// <param name="Path">Its full path. A file that exists is replaced.</param>
internal sealed record DiskOutput(IDiskFormat Format, string Path);
