using System.Buffers;
using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>
/// BGZF (SAM specification v1, section 4.1): gzip members of less than 64 KiB, each with its length in its header, so that a reader can begin at any of them.
/// </summary>
/// <param name="level">From 1 (fastest) to 9 (smallest).</param>
internal sealed class BgzfCompression(int level) : CompressedStream
{
    /// <summary>Bytes of a member before it is compressed, as bgzip has it: stored as they are they still fit.</summary>
    private const int MemberSize = 0xFF00;

    private const int MembersOfPiece = 16;

    /// <summary>The member without content by which readers know that nothing is missing.</summary>
    private static ReadOnlySpan<byte> EndMark => [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, (byte)'B', (byte)'C', 2, 0, 0x1B, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <inheritdoc/>
    public override int PieceSize => MembersOfPiece * MemberSize;

    /// <inheritdoc/>
    public override PieceEncoder CreateEncoder() => new Encoder(DeflateEffort.OfLevel(level));

    /// <inheritdoc/>
    public override void Finish(OutputFile file, bool isEmpty) => file.Write(EndMark);

    private sealed class Encoder(DeflateEffort effort) : PieceEncoder
    {
        private const int HeaderLength = 18;
        private const int LengthOffset = 16;
        private const int TrailerLength = 8;

        private readonly DeflateEncoder encoder = new(effort);
        private readonly byte[] block = new byte[DeflateEncoder.MaximumInput];

        public override void Encode(ReadOnlySpan<byte> piece, CompressedPiece result)
        {
            while (piece.Length > 0)
            {
                var bytes = piece[..Math.Min(piece.Length, MemberSize)];
                piece = piece[bytes.Length..];
                AppendMember(bytes, result.Output);
            }
        }

        private void AppendMember(ReadOnlySpan<byte> bytes, ArrayBufferWriter<byte> output)
        {
            var compressed = (encoder.Encode(bytes, block) + 7) / 8;
            var length = HeaderLength + (compressed > 0 ? compressed : StoredDeflate.Length(bytes.Length)) + TrailerLength;
            Span<byte> header = stackalloc byte[HeaderLength];
            EndMark[..LengthOffset].CopyTo(header);
            BinaryPrimitives.WriteUInt16LittleEndian(header[LengthOffset..], (ushort)(length - 1));
            output.Write(header);
            if (compressed > 0) output.Write(block.AsSpan(0, compressed));
            else StoredDeflate.Write(bytes, final: true, output.Write);
            Span<byte> trailer = stackalloc byte[TrailerLength];
            BinaryPrimitives.WriteUInt32LittleEndian(trailer, Crc32.Compute(bytes));
            BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], (uint)bytes.Length);
            output.Write(trailer);
        }
    }
}
