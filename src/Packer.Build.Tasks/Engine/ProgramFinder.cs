namespace Packer.Engine;

/// <summary>Finds programs as a shell does.</summary>
internal static class ProgramFinder
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Returns the full path of a program, or null where there is none.</summary>
    /// <param name="name">A full path, or a name without folders.</param>
    /// <param name="searchPath">The value of <c>PATH</c>.</param>
    public static string? Find(string name, string? searchPath)
    {
        if (Path.IsPathFullyQualified(name)) return WithExtension(name);
        // A path relative to a current directory would mean something else in each process.
        if (name.Length == 0 || Path.GetFileName(name) != name) return null;
        foreach (var folder in (searchPath ?? "").Split(Path.PathSeparator))
        {
            if (Path.IsPathFullyQualified(folder) && WithExtension(Path.Combine(folder, name)) is { } found) return found;
        }
        return null;
    }

    private static string? WithExtension(string path)
    {
        if (!OperatingSystem.IsWindows()) return File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != 0 ? path : null;
        if (Path.HasExtension(path) && File.Exists(path)) return path;
        return File.Exists(path + ".exe") ? path + ".exe" : null;
    }
}
