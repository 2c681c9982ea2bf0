namespace Packer.Debian;

/// <summary>A buffered input that counts what is taken of it, because the .xz format aligns and records its parts by their position.</summary>
internal sealed class XzInput(Stream input) : ReadOnlyStream
{
    private readonly byte[] _buffer = new byte[64 << 10];
    private int _next;
    private int _end;
    private long _taken;

    /// <summary>The number of bytes taken so far.</summary>
    public override long Position
    {
        get => _taken;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int ReadByte()
    {
        if (_next == _end && !Fill()) return -1;
        _taken++;
        return _buffer[_next++];
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_next == _end && !Fill()) return 0;
        var count = Math.Min(buffer.Length, _end - _next);
        _buffer.AsSpan(_next, count).CopyTo(buffer);
        _next += count;
        _taken += count;
        return count;
    }

    private bool Fill()
    {
        _next = 0;
        _end = input.Read(_buffer, 0, _buffer.Length);
        return _end > 0;
    }
}
