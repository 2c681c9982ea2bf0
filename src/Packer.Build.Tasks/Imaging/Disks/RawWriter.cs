using Microsoft.Win32.SafeHandles;

namespace Packer.Imaging;

/// <summary>Writes an image byte for byte. Holes, and blocks that hold only zeros, stay holes in the file.</summary>
internal sealed class RawWriter : IDiskFormatWriter
{
    private const int BlockSize = 4096;
    private const int ChunkSize = 1 << 20;

    /// <inheritdoc/>
    public async Task<WrittenDisk> WriteAsync(SparseImage image, string path, DiskWriteOptions options, CancellationToken token)
    {
        try
        {
            using var handle = SparseFile.Create(path, image.Length);
            try
            {
                // Reading and writing block; the caller's thread shall not.
                return await Task.Run(() => CopyAsync(image, handle, options, token), token).ConfigureAwait(false);
            }
            catch
            {
                handle.Dispose();
                File.Delete(path);
                throw;
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new ImagingException($"'{path}' cannot be written: {cause.Message} Check that the folder exists, that you may write there, and that the disk has room.", cause);
        }
    }

    private static async Task<WrittenDisk> CopyAsync(SparseImage image, SafeFileHandle handle, DiskWriteOptions options, CancellationToken token)
    {
        await using var hash = options.ComputeSha256 ? new BackgroundHash() : null;
        byte[] buffer = new byte[ChunkSize], hashed = new byte[ChunkSize];
        long written = 0;
        for (long position = 0; position < image.Length;)
        {
            token.ThrowIfCancellationRequested();
            var start = Alignment.RoundDown(image.NextData(position), BlockSize);
            var count = (int)Math.Min(ChunkSize, image.Length - start);
            if (count > 0)
            {
                image.Read(start, buffer.AsSpan(0, count));
                written += WriteData(handle, buffer.AsSpan(0, count), start);
            }
            if (hash is not null)
            {
                // While this chunk is hashed the next one is read into the other buffer.
                await hash.AppendAsync(start - position, buffer.AsMemory(0, count), token).ConfigureAwait(false);
                (buffer, hashed) = (hashed, buffer);
            }
            position = start + count;
            options.Progress?.Report(position);
        }
        RandomAccess.FlushToDisk(handle);
        return new WrittenDisk(image.Length, written, hash is null ? null : await hash.FinishAsync().ConfigureAwait(false));
    }

    /// <summary>Writes the stretches of blocks that hold anything but zeros.</summary>
    private static long WriteData(SafeFileHandle handle, ReadOnlySpan<byte> chunk, long offset)
    {
        long written = 0;
        for (var start = 0; start < chunk.Length;)
        {
            var end = start;
            while (end < chunk.Length && Block(chunk, end).ContainsAnyExcept((byte)0)) end += Block(chunk, end).Length;
            if (end > start) RandomAccess.Write(handle, chunk[start..end], offset + start);
            written += end - start;
            start = end < chunk.Length ? end + Block(chunk, end).Length : end;
        }
        return written;
    }

    private static ReadOnlySpan<byte> Block(ReadOnlySpan<byte> chunk, int start) => chunk.Slice(start, Math.Min(BlockSize, chunk.Length - start));
}
