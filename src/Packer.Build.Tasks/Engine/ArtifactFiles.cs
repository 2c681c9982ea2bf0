namespace Packer.Engine;

/// <summary>The files that an artifact's paths stand for.</summary>
internal static class ArtifactFiles
{
    /// <summary>The path itself, or all files below it where it is a folder, in the order of their names.</summary>
    public static IEnumerable<string> Expand(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : [path];
}
