using System.Text;

namespace Packer.Engine;

/// <summary>Writes files so that a reader, and the next start after a power cut, finds the old content or the new, never a part.</summary>
internal static class AtomicFile
{
    private const string TemporaryEnding = ".tmp";

    /// <summary>Writes text in UTF-8 without a byte order mark.</summary>
    /// <param name="path">Full path; a file there is replaced, its folder is made where it lacks.</param>
    /// <param name="text">The whole content.</param>
    /// <param name="token">Stops the writing; the old content stays.</param>
    public static Task WriteAsync(string path, string text, CancellationToken token) => WriteAsync(path, Encoding.UTF8.GetBytes(text), token);

    /// <summary>
    /// Writes bytes. Small files only, whose writing is nothing beside bringing them to the disk: so it is done when it returns, and the builds that
    /// await it need not be suspended, for which the runtime would compile code for each of them first.
    /// </summary>
    /// <param name="path">Full path; a file there is replaced, its folder is made where it lacks.</param>
    /// <param name="bytes">The whole content.</param>
    /// <param name="token">Stops the writing; the old content stays.</param>
    public static Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken token) => WriteAsync(path, stream => stream.Write(bytes.Span), token);

    /// <summary>The same with content that is written piece by piece.</summary>
    /// <param name="path">Full path; a file there is replaced, its folder is made where it lacks.</param>
    /// <param name="write">Writes the whole content.</param>
    /// <param name="token">Stops the writing; the old content stays.</param>
    public static Task WriteAsync(string path, Action<Stream> write, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = TemporaryFor(path);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            Publish(temporary, path);
            return Task.CompletedTask;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>A path beside a file's, for what is written over time and then put in its place by <see cref="Publish"/>.</summary>
    /// <param name="path">Full path of the file.</param>
    public static string TemporaryFor(string path) => $"{path}.{Guid.NewGuid():N}{TemporaryEnding}";

    /// <summary>Deletes what writers of a file left that were killed. The caller knows that nobody writes the file now.</summary>
    /// <param name="path">Full path of the file.</param>
    public static void DeleteUnfinished(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(directory)) return;
        foreach (var temporary in Directory.EnumerateFiles(directory, $"{Path.GetFileName(path)}.*{TemporaryEnding}")) File.Delete(temporary);
    }

    /// <summary>Moves a file that is flushed already to its place, replacing what is there, and makes the move last.</summary>
    /// <param name="temporary">Full path of the file, in the same folder.</param>
    /// <param name="path">Full path of its place.</param>
    public static void Publish(string temporary, string path)
    {
        File.Move(temporary, path, overwrite: true);
        if (!OperatingSystem.IsWindows()) Unix.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Brings a file's content to the disk.</summary>
    /// <param name="path">Full path.</param>
    public static void Flush(string path)
    {
        // Windows flushes only handles that may write; on Unix any will do, also for a file that is read-only.
        var access = OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read;
        using var handle = File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(handle);
    }
}
