using System.IO.Compression;

namespace Packer.Debian;

/// <summary>
/// The expanded bytes of a packed file, by the extension of its name: .xz, .gz, .zst, or as it is. It ends in <see cref="DebianException"/> where
/// the packed data is damaged or truncated, and where it expands to more than a limit.
/// </summary>
internal sealed class ExpandingStream : ReadOnlyStream
{
    private readonly Stream _decoder;
    private readonly long _limit;
    private readonly string _where;
    private readonly uint? _gzipLength;
    private long _position;

    private ExpandingStream(Stream decoder, long limit, string where, uint? gzipLength) => (_decoder, _limit, _where, _gzipLength) = (decoder, limit, where, gzipLength);

    /// <summary>The number of bytes read so far.</summary>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>Opens packed data.</summary>
    /// <param name="packed">The packed data: a seekable stream that begins and ends with it; not disposed of.</param>
    /// <param name="name">The name whose extension says how it is packed.</param>
    /// <param name="limit">The most bytes that may come out.</param>
    /// <param name="where">The path or address of the file, for messages.</param>
    /// <exception cref="DebianException"><see cref="DebianError.Damaged"/>: packed in a way that is not supported.</exception>
    public static ExpandingStream Open(Stream packed, string name, long limit, string where) => Path.GetExtension(name) switch
    {
        ".xz" => new ExpandingStream(new XzStream(packed), limit, where, null),
        ".gz" => new ExpandingStream(new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true), limit, where, GzipLength(packed, where)),
        // The decoder takes nothing at all for a file without frames.
        ".zst" when packed.Length == 0 => throw DebianException.Damaged(where, "the zstd data is truncated"),
        ".zst" => new ExpandingStream(new ZstdSharp.DecompressionStream(packed, leaveOpen: true), limit, where, null),
        "" or ".tar" => new ExpandingStream(new BufferedStream(packed), limit, where, null),
        var extension => throw DebianException.Damaged(where, $"'{name}' is packed as {extension}, and only .xz, .gz and .zst are supported"),
    };

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = _decoder.Read(buffer);
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or OperationCanceledException or DebianException) && (exception is not IOException || exception is EndOfStreamException))
        {
            // The decoders throw many kinds for damaged data; only an error of the disk is none of theirs.
            throw DebianException.Damaged(_where, exception.Message.TrimEnd('.'), exception);
        }

        _position += count;
        if (_position > _limit)
            throw new DebianException(DebianError.TooLarge, $"{_where} expands to more than {_limit} bytes, which no sound file of this size does. It was not used; take it from another mirror.");
        if (count == 0 && !buffer.IsEmpty && _gzipLength is { } length && length != (uint)_position) throw DebianException.Damaged(_where, "the gzip data is truncated");
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _decoder is not BufferedStream) _decoder.Dispose();
        base.Dispose(disposing);
    }

    // RFC 1952 section 2.3.1, ISIZE: GZipStream takes truncated data for the end, so the length is compared here. Files of several members do
    // not occur in archives.
    private static uint GzipLength(Stream packed, string where)
    {
        if (packed.Length < 18) throw DebianException.Damaged(where, "the gzip data is truncated");
        Span<byte> trailer = stackalloc byte[4];
        packed.Position = packed.Length - 4;
        packed.ReadExactly(trailer);
        packed.Position = 0;
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(trailer);
    }
}
