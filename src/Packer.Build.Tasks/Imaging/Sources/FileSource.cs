namespace Packer.Imaging;

/// <summary>A range of a file of the host. Without a pool the file is opened for each read.</summary>
/// <param name="path">Full path of the file.</param>
/// <param name="start">Where the range begins, in bytes.</param>
/// <param name="length">Length of the range in bytes.</param>
/// <param name="pool">Keeps files open between reads; the caller disposes it after the last read.</param>
internal sealed class FileSource(string path, long start, long length, FilePool? pool = null) : Source
{
    public override long Length => length;

    /// <summary>The file that is read.</summary>
    public string Path => path;

    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        try
        {
            for (var position = start + offset; destination.Length > 0;)
            {
                var count = ReadSome(position, destination);
                if (count == 0) throw new ImagingException($"'{path}' has become shorter: at least {start + length} bytes are expected, it ends before byte {position + 1}. Build again when nothing else writes it.");
                destination = destination[count..];
                position += count;
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new ImagingException($"'{path}' cannot be read: {cause.Message} Check that it exists and that you may read it.", cause);
        }
    }

    private int ReadSome(long position, Span<byte> destination)
    {
        if (pool is not null) return pool.Read(path, position, destination);
        using var handle = FilePool.Open(path);
        return RandomAccess.Read(handle, destination, position);
    }
}
