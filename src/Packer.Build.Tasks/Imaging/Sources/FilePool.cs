using Microsoft.Win32.SafeHandles;

namespace Packer.Imaging;

/// <summary>Keeps the files that were read last open, at most a given number. Safe for several threads; disposing it closes all.</summary>
internal sealed class FilePool(int capacity = FilePool.DefaultCapacity) : IDisposable
{
    /// <summary>Well below the 256 open files that the most frugal systems grant to a process.</summary>
    public const int DefaultCapacity = 64;

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<OpenFile>> files = new(StringComparer.Ordinal);
    private readonly LinkedList<OpenFile> mostRecentFirst = [];
    private bool disposed;

    /// <summary>Reads up to <paramref name="destination"/>'s length from a place in a file; 0 means the file ends there.</summary>
    public int Read(string path, long offset, Span<byte> destination)
    {
        var file = Take(path);
        try
        {
            return RandomAccess.Read(file.Handle, destination, offset);
        }
        finally
        {
            Return(file);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            while (mostRecentFirst.Last is { } oldest) Drop(oldest);
        }
    }

    internal static SafeFileHandle Open(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

    private OpenFile Take(string path)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (files.TryGetValue(path, out var node))
            {
                mostRecentFirst.Remove(node);
            }
            else
            {
                node = new LinkedListNode<OpenFile>(new OpenFile(path, Open(path)));
                while (mostRecentFirst.Count >= capacity) Drop(mostRecentFirst.Last!);
                files.Add(path, node);
            }
            mostRecentFirst.AddFirst(node);
            node.Value.Readers++;
            return node.Value;
        }
    }

    private void Return(OpenFile file)
    {
        lock (gate)
        {
            file.Readers--;
            CloseIfUnused(file);
        }
    }

    private void Drop(LinkedListNode<OpenFile> node)
    {
        mostRecentFirst.Remove(node);
        files.Remove(node.Value.Path);
        node.Value.Dropped = true;
        CloseIfUnused(node.Value);
    }

    // A file that another thread is still reading closes when that thread returns it.
    private static void CloseIfUnused(OpenFile file)
    {
        if (file.Dropped && file.Readers == 0) file.Handle.Dispose();
    }

    private sealed class OpenFile(string path, SafeFileHandle handle)
    {
        public string Path { get; } = path;

        public SafeFileHandle Handle { get; } = handle;

        public int Readers { get; set; }

        public bool Dropped { get; set; }
    }
}
