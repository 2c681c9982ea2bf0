using System.Buffers;

namespace Packer.Imaging;

/// <summary>The bytes as they are; long stretches of zeros become holes.</summary>
internal sealed class NoCompression : CompressedStream
{
    /// <inheritdoc/>
    public override int PieceSize => 1 << 20;

    /// <inheritdoc/>
    public override PieceEncoder CreateEncoder() => new Encoder();

    /// <inheritdoc/>
    public override void Append(OutputFile file, CompressedPiece piece) => file.WriteSparse(piece.Output.WrittenSpan);

    private sealed class Encoder : PieceEncoder
    {
        public override void Encode(ReadOnlySpan<byte> piece, CompressedPiece result) => result.Output.Write(piece);
    }
}
