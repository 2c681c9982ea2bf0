namespace Packer.Engine;

/// <summary>A folder that goes away with its owner.</summary>
internal sealed class TemporaryDirectory : IAsyncDisposable
{
    private const int Tries = 5;

    private TemporaryDirectory(string path) => FullPath = path;

    /// <summary>Full path.</summary>
    public string FullPath { get; }

    /// <summary>Makes a folder with a name that no other has.</summary>
    /// <param name="parent">Full path of the folder to make it in, made where it lacks; null for the system's temporary folder.</param>
    /// <param name="prefix">Start of its name.</param>
    public static TemporaryDirectory Create(string? parent = null, string prefix = "packer-")
    {
        if (parent is null) return new TemporaryDirectory(Directory.CreateTempSubdirectory(prefix).FullName);
        return new TemporaryDirectory(Directory.CreateDirectory(Path.Combine(parent, prefix + Guid.NewGuid().ToString("N"))).FullName);
    }

    /// <summary>Deletes a folder with all that is in it. Waits a little where a virus scanner or an indexer holds a file, as on Windows.</summary>
    /// <param name="path">Full path. Nothing happens where it does not exist.</param>
    /// <exception cref="IOException">Something in it stays open.</exception>
    /// <exception cref="UnauthorizedAccessException">Something in it may not be deleted.</exception>
    public static async Task DeleteAsync(string path)
    {
        for (var left = Tries; Directory.Exists(path); left--)
        {
            try
            {
                Directory.Delete(path, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException)
            {
                // Another one deletes it at the same time.
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && left > 1)
            {
                AllowDeletion(path);
                await Task.Delay(TimeSpan.FromMilliseconds(50 << (Tries - left)));
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await DeleteAsync(FullPath);

    /// <summary>Read-only files (Windows) and folders without write permission (Unix) cannot be emptied; copied trees have both.</summary>
    private static void AllowDeletion(string path)
    {
        try
        {
            var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
            var root = new DirectoryInfo(path);
            foreach (var entry in root.EnumerateFileSystemInfos("*", options).Prepend(root))
            {
                if (OperatingSystem.IsWindows()) entry.Attributes &= ~FileAttributes.ReadOnly;
                else if (entry is DirectoryInfo) entry.UnixFileMode |= UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next try says what stands in the way.
        }
    }
}
