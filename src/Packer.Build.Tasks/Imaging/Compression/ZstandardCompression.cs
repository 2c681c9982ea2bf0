using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Packer.Imaging;

/// <summary>Zstandard (RFC 8878): frames that do not refer to one another, each with its length and its checksum.</summary>
/// <param name="level">From 1 (fastest) to 19 (smallest).</param>
internal sealed class ZstandardCompression(int level) : CompressedStream
{
    /// <summary>An empty frame with its checksum left out: magic number, single segment of 0 bytes, an empty last block.</summary>
    private static ReadOnlySpan<byte> EmptyFrame => [0x28, 0xB5, 0x2F, 0xFD, 0x20, 0, 1, 0, 0];

    /// <inheritdoc/>
    public override int PieceSize => 4 << 20;

    /// <inheritdoc/>
    public override PieceEncoder CreateEncoder() => new Encoder(level);

    /// <inheritdoc/>
    public override void Finish(OutputFile file, bool isEmpty)
    {
        if (isEmpty) file.Write(EmptyFrame);
    }

    private sealed class Encoder : PieceEncoder
    {
        private readonly Compressor compressor;

        public Encoder(int level)
        {
            compressor = new Compressor(level);
            compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        }

        public override void Encode(ReadOnlySpan<byte> piece, CompressedPiece result)
        {
            var room = result.Output.GetSpan(Compressor.GetCompressBound(piece.Length));
            result.Output.Advance(compressor.Wrap(piece, room));
        }

        public override void Dispose() => compressor.Dispose();
    }
}
