namespace Packer.Debian;

/// <summary>A range of a seekable stream, as a stream of its own.</summary>
internal sealed class PartStream(Stream whole, long offset, long length) : Stream
{
    private long _position;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => _position = value;
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Clamp(length - _position, 0, buffer.Length);
        if (count == 0) return 0;
        whole.Position = offset + _position;
        count = whole.Read(buffer[..count]);
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int start, int count) => Read(buffer.AsSpan(start, count));

    /// <inheritdoc/>
    public override long Seek(long to, SeekOrigin origin) =>
        _position = origin switch { SeekOrigin.Begin => to, SeekOrigin.Current => _position + to, _ => length + to };

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int start, int count) => throw new NotSupportedException();
}
