using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Packer.Imaging;

/// <summary>A file that is written from front to back, with holes, and can be hashed while it is written.</summary>
internal sealed class OutputFile : IDisposable
{
    /// <summary>Holes are multiples of this: the blocks of nearly all file systems.</summary>
    private const int BlockSize = 4096;

    private const int BufferSize = 1 << 18;

    /// <summary>After so many bytes the host's disk begins to take them, so that little is left to wait for at the end.</summary>
    private const long WriteBackInterval = 32L << 20;

    private static readonly byte[] Zeros = new byte[BlockSize];

    private readonly SafeFileHandle handle;
    private readonly byte[] buffer = new byte[BufferSize];
    private readonly HashWorker hashes;
    private Task writeBack = Task.CompletedTask;
    private long writtenBack;
    private long flushed;
    private int buffered;

    private OutputFile(string path, SafeFileHandle handle, CancellationToken token)
    {
        Path = path;
        this.handle = handle;
        hashes = new HashWorker(token);
    }

    public string Path { get; }

    /// <summary>Where the next byte goes.</summary>
    public long Position => flushed + buffered;

    /// <summary>Bytes that were written, not left as holes.</summary>
    public long DataLength { get; private set; }

    /// <summary>Creates a file or empties one.</summary>
    /// <exception cref="ImagingException">That is not possible.</exception>
    public static OutputFile Create(string path, CancellationToken token)
    {
        try
        {
            return new OutputFile(path, SparseFile.Create(path, 0), token);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw Error(path, cause);
        }
    }

    /// <summary>Writes a whole file and returns the SHA-256 of its bytes in lower-case hex. After an error part of it is left.</summary>
    /// <param name="path">Full path of the file; one that exists is replaced.</param>
    /// <param name="write">Writes it from front to back.</param>
    /// <param name="token">Stops the writing.</param>
    /// <exception cref="ImagingException">It cannot be written.</exception>
    public static async Task<string> WriteHashedAsync(string path, Func<OutputFile, Task> write, CancellationToken token)
    {
        using var file = Create(path, token);
        var hash = file.StartHash();
        await write(file).ConfigureAwait(false);
        file.Complete();
        return file.FinishHash(hash);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BufferSize - buffered)
        {
            Flush();
            if (bytes.Length >= BufferSize)
            {
                Append(bytes);
                return;
            }
        }
        bytes.CopyTo(buffer.AsSpan(buffered));
        buffered += bytes.Length;
    }

    /// <summary>Writes bytes among which there may be long stretches of zeros, and leaves holes for these.</summary>
    public void WriteSparse(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var data = Stretch(bytes, zero: false);
            Write(bytes[..data]);
            bytes = bytes[data..];
            var hole = Stretch(bytes, zero: true);
            if (hole > 0) Skip(hole);
            bytes = bytes[hole..];
        }
    }

    /// <summary>Leaves a hole: zeros that take no room where the file system has holes.</summary>
    public void Skip(long count)
    {
        if (count < BlockSize)
        {
            Write(Zeros.AsSpan(0, (int)count));
            return;
        }
        Flush();
        flushed += count;
        hashes.AppendZeros(count);
    }

    /// <summary>Fills up with zeros to a multiple of a length.</summary>
    public void AlignTo(int multiple)
    {
        var gap = Alignment.RoundUp(Position, multiple) - Position;
        if (gap > 0) Skip(gap);
    }

    /// <summary>Writes over what was left out before. No hash sees it.</summary>
    public void Patch(long offset, ReadOnlySpan<byte> bytes)
    {
        Flush();
        WriteAt(offset, bytes);
    }

    /// <summary>Hashes all that is written from here on, until the hash is asked for with <see cref="FinishHash"/>.</summary>
    public IncrementalHash StartHash()
    {
        Flush();
        return hashes.Start();
    }

    /// <summary>The SHA-256 of all that was written since <see cref="StartHash"/>, in lower-case hex.</summary>
    public string FinishHash(IncrementalHash hash)
    {
        Flush();
        return hashes.Finish(hash);
    }

    /// <summary>Gives the file its length and returns when the host's disk has it.</summary>
    public void Complete()
    {
        Flush();
        Guarded(() =>
        {
            writeBack.GetAwaiter().GetResult();
            RandomAccess.SetLength(handle, flushed);
            RandomAccess.FlushToDisk(handle);
        });
    }

    public void Dispose()
    {
        hashes.Dispose();
        // It uses the handle; what became of it counts only where the file is completed.
        ((IAsyncResult)writeBack).AsyncWaitHandle.WaitOne();
        handle.Dispose();
    }

    private void Flush()
    {
        var count = buffered;
        buffered = 0;
        if (count > 0) Append(buffer.AsSpan(0, count));
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        WriteAt(flushed, bytes);
        hashes.Append(bytes);
        flushed += bytes.Length;
        if (flushed - writtenBack < WriteBackInterval || !writeBack.IsCompleted) return;
        var (start, length) = (writtenBack, flushed - writtenBack);
        writtenBack = flushed;
        writeBack = Task.Run(() => WriteBack.Start(handle, start, length));
    }

    private void WriteAt(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(handle, bytes, offset);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw Error(Path, cause);
        }
        DataLength += bytes.Length;
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw Error(Path, cause);
        }
    }

    /// <summary>How many bytes at the start lie in blocks of zeros only, or in blocks of anything else.</summary>
    private static int Stretch(ReadOnlySpan<byte> bytes, bool zero)
    {
        var end = 0;
        while (end < bytes.Length)
        {
            var block = bytes.Slice(end, Math.Min(BlockSize, bytes.Length - end));
            if (block.ContainsAnyExcept((byte)0) == zero) break;
            end += block.Length;
        }
        return end;
    }

    private static ImagingException Error(string path, Exception cause) =>
        new($"'{path}' cannot be written: {cause.Message} Check that the folder exists, that you may write there, and that the disk has room.", cause);
}
