using System.Buffers;
using System.Buffers.Binary;
using K4os.Compression.LZ4;

namespace Packer.Imaging;

/// <summary>LZ4 (LZ4 Frame Format 1.6.4): one frame of independent blocks of 4 MiB, each with its checksum.</summary>
/// <param name="level">From 1 (fastest) to 9 (smallest); from 3 on the slower method "HC" is used, as by <c>lz4</c>.</param>
/// <param name="contentLength">Length of what is compressed.</param>
internal sealed class Lz4Compression(int level, long contentLength) : CompressedStream
{
    private const uint Magic = 0x184D2204;
    private const int HeaderLength = 15;

    /// <summary>Version 1, independent blocks, a checksum a block, the length of the content.</summary>
    private const byte Flags = 0x40 | 0x20 | 0x10 | 0x08;

    /// <summary>Blocks of at most 4 MiB.</summary>
    private const byte BlockDescriptor = 0x70;

    private const uint StoredBlock = 1u << 31;

    /// <inheritdoc/>
    public override int PieceSize => 4 << 20;

    /// <inheritdoc/>
    public override PieceEncoder CreateEncoder() => new Encoder(level < 3 ? LZ4Level.L00_FAST : (LZ4Level)level);

    /// <inheritdoc/>
    public override void Begin(OutputFile file)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        header[4] = Flags;
        header[5] = BlockDescriptor;
        BinaryPrimitives.WriteInt64LittleEndian(header[6..], contentLength);
        header[^1] = (byte)(XxHash32.Compute(header[4..^1]) >> 8);
        file.Write(header);
    }

    /// <inheritdoc/>
    public override void Finish(OutputFile file, bool isEmpty) => file.Write([0, 0, 0, 0]);

    private sealed class Encoder(LZ4Level level) : PieceEncoder
    {
        public override void Encode(ReadOnlySpan<byte> piece, CompressedPiece result)
        {
            var room = result.Output.GetSpan(sizeof(uint) + LZ4Codec.MaximumOutputSize(piece.Length) + sizeof(uint));
            // Where a block would not be shorter it is stored as it is.
            var length = LZ4Codec.Encode(piece, room[sizeof(uint)..], level);
            var isStored = length <= 0 || length >= piece.Length;
            if (isStored)
            {
                piece.CopyTo(room[sizeof(uint)..]);
                length = piece.Length;
            }
            BinaryPrimitives.WriteUInt32LittleEndian(room, (uint)length | (isStored ? StoredBlock : 0));
            var block = room.Slice(sizeof(uint), length);
            BinaryPrimitives.WriteUInt32LittleEndian(room[(sizeof(uint) + length)..], XxHash32.Compute(block));
            result.Output.Advance(sizeof(uint) + length + sizeof(uint));
        }
    }
}
