using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Packer.Imaging;

/// <summary>
/// Computes hashes of what one thread gives it in order, on a thread of its own: hashing takes about as long as writing. The thread is started with the first
/// hash.
/// </summary>
/// <param name="token">Ends waiting and hashing.</param>
internal sealed class HashWorker(CancellationToken token) : IDisposable
{
    private const int PartLength = 1 << 18;

    /// <summary>So many parts may wait, which bounds the memory.</summary>
    private const int MaximumParts = 16;

    private static readonly byte[] Zeros = new byte[1 << 16];

    private readonly List<IncrementalHash> hashes = [];
    private readonly ConcurrentBag<NativeBuffer> free = [];
    private BlockingCollection<Part>? parts;
    private Task worker = Task.CompletedTask;
    private volatile bool stopped;

    /// <summary>A SHA-256 of all that is given from here on.</summary>
    public IncrementalHash Start()
    {
        Drain();
        if (parts is null)
        {
            var queue = parts = new BlockingCollection<Part>(MaximumParts);
            worker = Task.Factory.StartNew(() => Run(queue), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hashes.Add(hash);
        return hash;
    }

    /// <summary>Ends a hash and returns it in lower-case hex.</summary>
    public string Finish(IncrementalHash hash)
    {
        Drain();
        hashes.Remove(hash);
        using (hash) return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Hashes bytes; they are copied.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (hashes.Count == 0) return;
        while (bytes.Length > 0)
        {
            var length = Math.Min(bytes.Length, PartLength);
            if (!free.TryTake(out var buffer)) buffer = new NativeBuffer(PartLength);
            bytes[..length].CopyTo(buffer.Span);
            parts!.Add(new Part(buffer, length, null), token);
            bytes = bytes[length..];
        }
    }

    /// <summary>Hashes so many zeros.</summary>
    public void AppendZeros(long count)
    {
        if (hashes.Count > 0) parts!.Add(new Part(null, count, null), token);
    }

    public void Dispose()
    {
        // What is left to hash interests nobody.
        stopped = true;
        parts?.CompleteAdding();
        worker.Wait(CancellationToken.None);
        parts?.Dispose();
        foreach (var buffer in free) buffer.Dispose();
        free.Clear();
        foreach (var hash in hashes) hash.Dispose();
        hashes.Clear();
    }

    /// <summary>Waits until all is hashed that was given.</summary>
    private void Drain()
    {
        if (parts is null) return;
        using var done = new ManualResetEventSlim();
        parts.Add(new Part(null, 0, done), token);
        done.Wait(CancellationToken.None);
        token.ThrowIfCancellationRequested();
    }

    private void Run(BlockingCollection<Part> queue)
    {
        foreach (var part in queue.GetConsumingEnumerable(CancellationToken.None))
        {
            if (!stopped) Hash(part);
            if (part.Buffer is not null) free.Add(part.Buffer);
            part.Done?.Set();
        }
    }

    private void Hash(Part part)
    {
        if (part.Buffer is not null)
        {
            foreach (var hash in hashes) hash.AppendData(part.Buffer.Span[..(int)part.Length]);
            return;
        }
        for (var left = part.Length; left > 0 && !stopped && !token.IsCancellationRequested; left -= Zeros.Length)
            foreach (var hash in hashes) hash.AppendData(Zeros, 0, (int)Math.Min(Zeros.Length, left));
    }

    /// <param name="Buffer">Bytes in a buffer that is given back; null for zeros.</param>
    /// <param name="Length">How many bytes.</param>
    /// <param name="Done">Is set when all before it is hashed.</param>
    /// <remarks>No value type, over which the queue would be compiled anew in every build.</remarks>
    private sealed record Part(NativeBuffer? Buffer, long Length, ManualResetEventSlim? Done);
}
