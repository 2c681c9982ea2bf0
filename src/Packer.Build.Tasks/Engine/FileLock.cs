using System.Globalization;
using System.Text;

namespace Packer.Engine;

/// <summary>
/// A lock that holds across processes and within one: an open file that nobody else can open so (<c>flock</c> on Unix), which the system
/// lets go when its process dies. The file goes away with the lock.
/// </summary>
internal sealed class FileLock : IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(200);

    private readonly string path;
    private FileStream? stream;

    private FileLock(string path, FileStream stream)
    {
        this.path = path;
        this.stream = stream;
    }

    /// <summary>Takes the lock, waiting until it is free.</summary>
    /// <param name="path">Full path of the lock file; its folder is made where it lacks.</param>
    /// <param name="token">Stops the waiting.</param>
    /// <param name="waiting">Called once, before the first wait, with the id of the process that holds the lock, or null where not known.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be made.</exception>
    public static async Task<FileLock> AcquireAsync(string path, CancellationToken token, Action<int?>? waiting = null)
    {
        var wait = ShortestWait;
        while (true)
        {
            token.ThrowIfCancellationRequested();
            if (TryAcquire(path) is { } taken) return taken;
            waiting?.Invoke(ReadOwner(path));
            waiting = null;
            await Task.Delay(wait, token);
            if (wait < LongestWait) wait *= 2;
        }
    }

    /// <summary>Takes the lock, or returns null where another holds it.</summary>
    /// <param name="path">Full path of the lock file; its folder is made where it lacks.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be made.</exception>
    public static FileLock? TryAcquire(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            var stream = TryOpen(path);
            if (stream is null) return null;
            try
            {
                // The holder before may have deleted the file between our opening and our locking it: then this lock is on a file that nobody
                // else will ever open. Only a file that the path still leads to counts, and a text that is its alone tells.
                var text = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {Guid.NewGuid():N}\n"));
                stream.SetLength(0);
                stream.Write(text);
                stream.Flush();
                if (OperatingSystem.IsWindows() || Unix.TryReadStart(path, text.Length) is { } seen && seen.AsSpan().SequenceEqual(text))
                {
                    return new FileLock(path, stream);
                }
            }
            catch
            {
                stream.Dispose();
                throw;
            }
            stream.Dispose();
        }
    }

    /// <summary>The id of the process that holds the lock, for messages; null where it cannot be read.</summary>
    /// <param name="path">Full path of the lock file.</param>
    public static int? ReadOwner(string path)
    {
        var bytes = OperatingSystem.IsWindows() ? TryReadShared(path) : Unix.TryReadStart(path, 64);
        if (bytes is null) return null;
        var text = Encoding.ASCII.GetString(bytes);
        var end = text.IndexOf(' ', StringComparison.Ordinal);
        return end > 0 && int.TryParse(text.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
    }

    /// <summary>Lets the lock go and removes its file.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref stream, null) is not { } held) return;
        // The file is deleted while it is still locked, so that what is deleted is surely ours. Windows deletes it on closing.
        if (!OperatingSystem.IsWindows())
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A lock file that stays does no harm.
            }
        }
        held.Dispose();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            // Windows lets others read the owner's id; on Unix any share but None would let them lock the file, too.
            return OperatingSystem.IsWindows()
                ? new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1, FileOptions.DeleteOnClose)
                : new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException exception) when (FileErrors.IsHeldByAnother(exception))
        {
            return null;
        }
        catch (UnauthorizedAccessException) when (OperatingSystem.IsWindows() && File.Exists(path))
        {
            // The file is about to vanish: its last handle is being closed.
            return null;
        }
    }

    private static byte[]? TryReadShared(string path)
    {
        try
        {
            using var reader = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            var buffer = new byte[64];
            return buffer[..reader.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
