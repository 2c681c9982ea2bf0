namespace Packer.Imaging;

/// <summary>Compresses pieces of a stream, each so that the ones before it do not matter. An instance is used by one thread at a time.</summary>
internal abstract class PieceEncoder : IDisposable
{
    /// <summary>Compresses a piece.</summary>
    /// <param name="piece">At least one byte, at most <see cref="CompressedStream.PieceSize"/>.</param>
    /// <param name="result">Takes the bytes and what the format needs to know of them; its length is set already.</param>
    public abstract void Encode(ReadOnlySpan<byte> piece, CompressedPiece result);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
