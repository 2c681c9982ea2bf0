namespace Packer.Engine;

/// <summary>
/// Publishes a folder in one move. At every moment, also after a crash or a power cut, the old folder or the new one is there whole, once
/// <see cref="Recover"/> has run. The caller holds the lock of the folder.
/// </summary>
internal static class DirectorySwap
{
    /// <summary>Puts a finished folder in its place. The old one is kept until the new one is there.</summary>
    /// <param name="partial">Full path of the finished folder.</param>
    /// <param name="final">Full path of its place, on the same file system.</param>
    /// <returns>Ends when the old one is deleted; nothing needs to wait for that but the end of the build.</returns>
    public static Task Publish(string partial, string final)
    {
        Recover(final);
        FlushTree(partial);
        var parent = Path.GetDirectoryName(final)!;
        var old = Old(final);
        Directory.CreateDirectory(parent);
        var replaces = Directory.Exists(final);
        if (replaces) Directory.Move(final, old);
        try
        {
            Directory.Move(partial, final);
        }
        catch when (replaces)
        {
            Directory.Move(old, final);
            throw;
        }
        if (!OperatingSystem.IsWindows()) Unix.FlushDirectory(parent);
        return replaces ? Task.Run(() => DeleteOld(old)) : Task.CompletedTask;
    }

    private static void DeleteOld(string old)
    {
        try
        {
            Directory.Delete(old, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another program has a file of the old image open. The new one is in place all the same; the next build deletes the rest.
        }
    }

    /// <summary>Finishes, or takes back, what a crash interrupted. Does nothing where nothing was.</summary>
    /// <param name="final">Full path of the place.</param>
    public static void Recover(string final)
    {
        var old = Old(final);
        if (!Directory.Exists(old)) return;
        if (Directory.Exists(final)) Directory.Delete(old, recursive: true);
        else Directory.Move(old, final);
    }

    /// <summary>Whether <see cref="Recover"/> has something to do.</summary>
    /// <param name="final">Full path of the place.</param>
    public static bool IsUnfinished(string final) => Directory.Exists(Old(final));

    private static string Old(string final) => Path.TrimEndingDirectorySeparator(final) + ".old";

    private static void FlushTree(string directory)
    {
        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos())
        {
            if (entry.LinkTarget is not null) continue;
            if (entry is DirectoryInfo) FlushTree(entry.FullName);
            else AtomicFile.Flush(entry.FullName);
        }
        if (!OperatingSystem.IsWindows()) Unix.FlushDirectory(directory);
    }
}
