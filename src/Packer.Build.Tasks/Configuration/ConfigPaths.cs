namespace Packer.Configuration;

/// <summary>Paths as people write them in projects that are built on every system.</summary>
internal static class ConfigPaths
{
    /// <summary>Makes <c>\</c> a separator on every system; the result has only <c>/</c>.</summary>
    public static string NormalizeSeparators(string path) => path.Replace('\\', '/');

    /// <summary>Makes a path full against a full directory.</summary>
    public static string MakeFull(string path, string directory) => Path.GetFullPath(NormalizeSeparators(path), directory);
}
