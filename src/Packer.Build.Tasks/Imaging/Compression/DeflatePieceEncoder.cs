using System.Buffers;

namespace Packer.Imaging;

/// <summary>
/// Compresses pieces to blocks of DEFLATE (RFC 1951) that are not the final ones. Each is followed by an empty stored block, so that the next one begins at a
/// whole byte.
/// </summary>
internal sealed class DeflatePieceEncoder(DeflateEffort effort) : PieceEncoder
{
    /// <summary>The final block that ends the stream, empty.</summary>
    public static ReadOnlySpan<byte> End => [1, 0, 0, 0xFF, 0xFF];

    private readonly DeflateEncoder encoder = new(effort);
    private readonly byte[] block = new byte[DeflateEncoder.MaximumInput];

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> piece, CompressedPiece result)
    {
        result.Crc = Crc32.Compute(piece);
        while (piece.Length > 0)
        {
            var bytes = piece[..Math.Min(piece.Length, DeflateEncoder.MaximumInput)];
            piece = piece[bytes.Length..];
            Append(encoder.Encode(bytes, block), bytes, result.Output);
        }
    }

    private void Append(int bits, ReadOnlySpan<byte> bytes, ArrayBufferWriter<byte> output)
    {
        if (bits == 0)
        {
            StoredDeflate.Write(bytes, final: false, output.Write);
            return;
        }
        // Not the final one after all. The bits after its end are zero: three of them begin the empty block, its length follows at the next whole byte.
        block[0] &= 0xFE;
        var length = (bits + 7) / 8;
        output.Write(block.AsSpan(0, length));
        output.Write((length * 8) - bits >= 3 ? [0, 0, 0xFF, 0xFF] : [0, 0, 0, 0xFF, 0xFF]);
    }
}
