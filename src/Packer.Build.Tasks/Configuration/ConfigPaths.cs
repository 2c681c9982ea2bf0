namespace Packer.Configuration;

/// <summary>Paths as people write them in projects that are built on every system.</summary>
internal static class ConfigPaths
{
    /// <summary>Makes <c>\</c> a separator on every system; the result has only <c>/</c>.</summary>
    public static string NormalizeSeparators(string path) => path.Replace('\\', '/');

    /// <summary>Makes a path full against a full directory, or against the user's home folder where it begins with <c>~/</c>.</summary>
    public static string MakeFull(string path, string directory)
    {
        var normal = NormalizeSeparators(path);
        return normal.StartsWith("~/", StringComparison.Ordinal)
            ? Path.GetFullPath(normal[2..], Environment.GetFolderPath(Environment.SpecialFolder.UserProfile))
            : Path.GetFullPath(normal, directory);
    }
}
