namespace Packer.Engine.Planning;

/// <summary>Paths as they are written to files: relative to a folder where they lie below it, with <c>/</c>.</summary>
internal static class PortablePath
{
    public static string Relative(string path, string baseDirectory)
    {
        var relative = Path.GetRelativePath(baseDirectory, path);
        return (IsOutside(relative) ? path : relative).Replace('\\', '/');
    }

    public static string Full(string path, string baseDirectory) =>
        Path.GetFullPath(path.Replace('/', Path.DirectorySeparatorChar), baseDirectory);

    /// <summary>Whether a path is a folder or lies below it.</summary>
    public static bool IsWithin(string path, string directory) => !IsOutside(Path.GetRelativePath(directory, path));

    private static bool IsOutside(string relative) =>
        Path.IsPathRooted(relative) || relative == ".." || relative.StartsWith("../", StringComparison.Ordinal) || relative.StartsWith("..\\", StringComparison.Ordinal);
}
