namespace Packer.Imaging;

/// <summary>
/// Writes one compressed stream made of pieces that are compressed each on its own, on as many cores as there are. Where the pieces begin depends on the format
/// and its level alone, so the bytes are the same whatever the machine.
/// </summary>
internal abstract class CompressedStream
{
    /// <summary>Bytes of every piece but the last.</summary>
    public abstract int PieceSize { get; }

    /// <summary>Makes what compresses pieces, one for each that works at the same time.</summary>
    public abstract PieceEncoder CreateEncoder();

    /// <summary>Writes what comes before the first piece.</summary>
    public virtual void Begin(OutputFile file)
    {
    }

    /// <summary>Writes a piece, in the order of the stream.</summary>
    public virtual void Append(OutputFile file, CompressedPiece piece) => file.Write(piece.Output.WrittenSpan);

    /// <summary>Writes what comes after the last piece.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isEmpty">Whether there was no piece.</param>
    public virtual void Finish(OutputFile file, bool isEmpty)
    {
    }
}
