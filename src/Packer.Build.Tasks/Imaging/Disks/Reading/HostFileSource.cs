using Microsoft.Win32.SafeHandles;

namespace Packer.Imaging;

/// <summary>A file of the host that stays open. Its holes are found where the host tells of them.</summary>
internal sealed class HostFileSource : Source, IDisposable
{
    private readonly string path;
    private readonly SafeFileHandle handle;

    private HostFileSource(string path, SafeFileHandle handle)
    {
        this.path = path;
        this.handle = handle;
        Length = RandomAccess.GetLength(handle);
    }

    public override long Length { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="ImagingException">That is not possible.</exception>
    public static HostFileSource Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = FilePool.Open(path);
            return new HostFileSource(path, handle);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            handle?.Dispose();
            throw Error(cause, path);
        }
    }

    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        try
        {
            while (destination.Length > 0)
            {
                var count = RandomAccess.Read(handle, destination, offset);
                if (count == 0) throw new ImagingException($"'{path}' has become shorter: it had {Length} bytes, and now ends at byte {offset}. Try again when nothing else writes it.");
                destination = destination[count..];
                offset += count;
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw Error(cause, path);
        }
    }

    public override long NextData(long offset) => offset >= Length ? Length : Math.Min(FileHoles.NextData(handle, offset, Length), Length);

    public override long NextHole(long offset) => offset >= Length ? Length : Math.Min(FileHoles.NextHole(handle, offset, Length), Length);

    public void Dispose() => handle.Dispose();

    private static ImagingException Error(Exception cause, string path) =>
        new($"'{path}' cannot be read: {cause.Message} Check that it exists, that you may read it, and that nothing writes it.", cause);
}
