using System.Security.Cryptography;

namespace Packer.Imaging;

/// <summary>Bytes with a known length that can be read at any place, by several threads at once.</summary>
internal abstract class Source
{
    private const int PieceLength = 1 << 20;

    private delegate void PieceConsumer(ReadOnlySpan<byte> piece);

    /// <summary>Length in bytes; never changes.</summary>
    public abstract long Length { get; }

    /// <summary>Fills the destination with the bytes from <paramref name="offset"/> on; the range lies within <see cref="Length"/>.</summary>
    /// <exception cref="ImagingException">The bytes cannot be had.</exception>
    public abstract void Read(long offset, Span<byte> destination);

    /// <summary>The first place at or after <paramref name="offset"/> that may hold data, or <see cref="Length"/>. What lies before it is zero.</summary>
    public virtual long NextData(long offset) => Math.Min(offset, Length);

    /// <summary>The first place at or after <paramref name="offset"/> where a hole (zeros) begins, or <see cref="Length"/>.</summary>
    public virtual long NextHole(long offset) => Length;

    /// <summary>All ranges between holes, in order, none empty, none touching the next.</summary>
    public IEnumerable<DataRange> DataRanges()
    {
        for (var start = NextData(0); start < Length;)
        {
            var end = NextHole(start);
            yield return new DataRange(start, end - start);
            start = NextData(end);
        }
    }

    /// <summary>The whole content; for sources known to be small.</summary>
    public byte[] ReadAll()
    {
        var bytes = new byte[Length];
        Read(0, bytes);
        return bytes;
    }

    /// <summary>The SHA-256 of all bytes, in lower-case hex.</summary>
    /// <exception cref="ImagingException">The bytes cannot be had.</exception>
    public string ComputeSha256(CancellationToken token)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendTo(hash, 0, Length, token);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Gives the bytes of a range to a hash, a piece at a time.</summary>
    /// <exception cref="ImagingException">The bytes cannot be had.</exception>
    public void AppendTo(IncrementalHash hash, long offset, long length, CancellationToken token) => ForEachPiece(offset, length, hash.AppendData, token);

    /// <summary>Writes all bytes to a stream, a piece at a time.</summary>
    /// <exception cref="ImagingException">The bytes cannot be had.</exception>
    public void CopyTo(Stream stream, CancellationToken token) => ForEachPiece(0, Length, stream.Write, token);

    private void ForEachPiece(long offset, long length, PieceConsumer consume, CancellationToken token)
    {
        var buffer = new byte[(int)Math.Min(length, PieceLength)];
        for (long done = 0; done < length; done += buffer.Length)
        {
            token.ThrowIfCancellationRequested();
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - done));
            Read(offset + done, part);
            consume(part);
        }
    }

    protected void CheckRange(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
    }
}
