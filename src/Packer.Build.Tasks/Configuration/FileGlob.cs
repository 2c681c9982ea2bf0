namespace Packer.Configuration;

/// <summary>Finds files by a pattern: <c>*</c> and <c>?</c> within one name, <c>**</c> for any number of folders.</summary>
internal static class FileGlob
{
    /// <summary>Whether a path holds a pattern.</summary>
    public static bool IsPattern(string path) => path.AsSpan().ContainsAny('*', '?');

    /// <summary>
    /// The files, or files and directories, that match, full paths in ordinal order. Upper and lower case differ except on Windows. Symbolic links to folders are not followed
    /// below <c>**</c>, so that a cycle of links ends.
    /// </summary>
    /// <param name="pattern">The pattern, relative or full.</param>
    /// <param name="directory">The full path that a relative pattern starts from.</param>
    /// <param name="withDirectories">Whether directories match too; with <c>**</c>, which finds what is in them, they never do.</param>
    public static List<string> Expand(string pattern, string directory, bool withDirectories = false)
    {
        var parts = ConfigPaths.NormalizeSeparators(pattern).Split('/');
        var literal = 0;
        while (!IsPattern(parts[literal]))
        {
            literal++;
        }

        var prefix = string.Join('/', parts.AsSpan(0, literal));
        var root = literal == 0 ? directory : Path.GetFullPath(prefix.Length == 0 || prefix.EndsWith(':') ? prefix + "/" : prefix, directory);
        var found = new List<string>();
        Walk(root, parts.AsSpan(literal), withDirectories && !parts.Contains("**"), found);
        found.Sort(StringComparer.Ordinal);

        // Two ways of '**' through the same folders find a file twice.
        for (var index = found.Count - 1; index > 0; index--)
        {
            if (found[index] == found[index - 1])
            {
                found.RemoveAt(index);
            }
        }

        return found;
    }

    private static void Walk(string directory, ReadOnlySpan<string> parts, bool withDirectories, List<string> found)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        var part = parts[0];
        var rest = parts[1..];
        if (part == "**")
        {
            while (!rest.IsEmpty && rest[0] == "**")
            {
                rest = rest[1..];
            }

            Walk(directory, rest.IsEmpty ? ["*"] : rest, withDirectories, found);
            foreach (var child in Directory.EnumerateDirectories(directory))
            {
                if ((File.GetAttributes(child) & FileAttributes.ReparsePoint) == 0)
                {
                    Walk(child, parts, withDirectories, found);
                }
            }

            return;
        }

        if (rest.IsEmpty)
        {
            foreach (var file in withDirectories ? Directory.EnumerateFileSystemEntries(directory) : Directory.EnumerateFiles(directory))
            {
                if (NamePattern.Matches(part, Path.GetFileName(file.AsSpan()), OperatingSystem.IsWindows()))
                {
                    found.Add(file);
                }
            }

            return;
        }

        if (part.Length == 0 || part == ".")
        {
            Walk(directory, rest, withDirectories, found);
        }
        else if (!IsPattern(part))
        {
            Walk(Path.GetFullPath(part, directory), rest, withDirectories, found);
        }
        else
        {
            foreach (var child in Directory.EnumerateDirectories(directory))
            {
                if (NamePattern.Matches(part, Path.GetFileName(child.AsSpan()), OperatingSystem.IsWindows()))
                {
                    Walk(child, rest, withDirectories, found);
                }
            }
        }
    }
}
