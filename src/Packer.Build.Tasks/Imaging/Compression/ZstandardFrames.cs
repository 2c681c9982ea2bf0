using System.Collections.Concurrent;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Packer.Imaging;

/// <summary>Expands short frames of Zstandard (RFC 8878). Safe for several threads. A frame goes straight to its destination, so that no window that it asks for is made.</summary>
internal sealed class ZstandardFrames : IDisposable
{
    private readonly ConcurrentBag<Decompressor> idle = [];

    /// <summary>Fills the destination from one frame or several; what follows them is not looked at.</summary>
    /// <exception cref="InvalidDataException">They are damaged or too short.</exception>
    public void Expand(ReadOnlySpan<byte> stored, Span<byte> destination)
    {
        if (!idle.TryTake(out var decompressor)) decompressor = new Decompressor();
        try
        {
            while (destination.Length > 0)
            {
                var frame = FrameLength(stored);
                var count = decompressor.Unwrap(stored[..frame], destination);
                if (frame == 0 || count == 0) throw new InvalidDataException("the compressed data ends too early");
                stored = stored[frame..];
                destination = destination[count..];
            }
        }
        catch (ZstdException cause)
        {
            throw new InvalidDataException(cause.Message, cause);
        }
        finally
        {
            idle.Add(decompressor);
        }
    }

    public void Dispose()
    {
        while (idle.TryTake(out var decompressor)) decompressor.Dispose();
    }

    private static unsafe int FrameLength(ReadOnlySpan<byte> stored)
    {
        fixed (byte* start = stored)
        {
            var length = Methods.ZSTD_findFrameCompressedSize(start, (nuint)stored.Length);
            return length <= (nuint)stored.Length ? (int)length : throw new InvalidDataException("the compressed data is not Zstandard, or is cut short");
        }
    }
}
