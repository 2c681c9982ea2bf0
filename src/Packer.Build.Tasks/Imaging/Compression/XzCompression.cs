using System.Buffers;
using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>xz (The .xz File Format 1.2.1): one stream of blocks of 4 MiB that do not refer to one another, each with its lengths and a CRC-32.</summary>
/// <param name="level">From 1 (fastest) to 9 (smallest).</param>
internal sealed class XzCompression(int level) : CompressedStream
{
    private const int BlockSize = 4 << 20;

    /// <summary>The dictionary of 4 MiB as section 5.3.1 writes it: 2 to the power of (20 / 2 + 12).</summary>
    private const byte DictionarySize = 20;

    private const byte CheckIsCrc32 = 1;
    private const int CheckLength = 4;
    private const int FlagsLength = 2;
    private const byte HasBothLengths = 0xC0;
    private const byte Lzma2Filter = 0x21;
    private const int MaximumBlockHeader = 64;

    private readonly List<(long UnpaddedLength, long Length)> blocks = [];

    private static ReadOnlySpan<byte> HeaderMagic => [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];

    private static ReadOnlySpan<byte> FooterMagic => "YZ"u8;

    private static ReadOnlySpan<byte> StreamFlags => [0, CheckIsCrc32];

    /// <inheritdoc/>
    public override int PieceSize => BlockSize;

    /// <inheritdoc/>
    public override PieceEncoder CreateEncoder() => new Encoder(LzmaEffort.OfLevel(level));

    /// <inheritdoc/>
    public override void Begin(OutputFile file)
    {
        file.Write(HeaderMagic);
        file.Write(StreamFlags);
        WriteNumber(file, Crc32.Compute(StreamFlags));
    }

    /// <inheritdoc/>
    public override void Append(OutputFile file, CompressedPiece piece)
    {
        base.Append(file, piece);
        var length = piece.Output.WrittenCount;
        blocks.Add((length + CheckLength, piece.Length));
        Pad(file, length);
        WriteNumber(file, piece.Crc);
    }

    /// <inheritdoc/>
    public override void Finish(OutputFile file, bool isEmpty)
    {
        var index = new ArrayBufferWriter<byte>();
        Put(index, 0);
        WriteInteger(index, blocks.Count);
        foreach (var (unpaddedLength, length) in blocks)
        {
            WriteInteger(index, unpaddedLength);
            WriteInteger(index, length);
        }
        while (index.WrittenCount % 4 != 0) Put(index, 0);
        file.Write(index.WrittenSpan);
        WriteNumber(file, Crc32.Compute(index.WrittenSpan));
        // The footer: the index's length in units of four bytes less one, the flags again, both with their checksum before them.
        Span<byte> footer = stackalloc byte[sizeof(uint) + FlagsLength];
        BinaryPrimitives.WriteUInt32LittleEndian(footer, (uint)(((index.WrittenCount + CheckLength) / 4) - 1));
        StreamFlags.CopyTo(footer[sizeof(uint)..]);
        WriteNumber(file, Crc32.Compute(footer));
        file.Write(footer);
        file.Write(FooterMagic);
    }

    private static void Pad(OutputFile file, long length) => file.Write(new byte[Alignment.RoundUp(length, 4) - length]);

    private static void Put(ArrayBufferWriter<byte> output, params ReadOnlySpan<byte> bytes) => output.Write(bytes);

    private static void WriteNumber(OutputFile file, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        file.Write(bytes);
    }

    /// <summary>A number of as many bytes as it needs, the lowest seven bits first (section 1.2).</summary>
    private static void WriteInteger(ArrayBufferWriter<byte> output, long value)
    {
        for (; value > 0x7F; value >>= 7) Put(output, (byte)(value | 0x80));
        Put(output, (byte)value);
    }

    /// <summary>Makes whole blocks but for the padding and the check after them.</summary>
    private sealed class Encoder(LzmaEffort effort) : PieceEncoder
    {
        private readonly Lzma2Encoder encoder = new(effort, BlockSize);
        private readonly ArrayBufferWriter<byte> compressed = new();
        private readonly ArrayBufferWriter<byte> header = new(MaximumBlockHeader);

        public override void Encode(ReadOnlySpan<byte> piece, CompressedPiece result)
        {
            compressed.ResetWrittenCount();
            encoder.Encode(piece, compressed);
            WriteHeader(piece.Length, result.Output);
            result.Output.Write(compressed.WrittenSpan);
            result.Crc = Crc32.Compute(piece);
        }

        private void WriteHeader(int length, ArrayBufferWriter<byte> output)
        {
            header.ResetWrittenCount();
            Put(header, 0, HasBothLengths);
            WriteInteger(header, compressed.WrittenCount);
            WriteInteger(header, length);
            Put(header, Lzma2Filter, 1, DictionarySize);
            while (header.WrittenCount % 4 != 0) Put(header, 0);
            // Its own length in units of four bytes, without its checksum.
            var bytes = header.WrittenSpan.ToArray();
            bytes[0] = (byte)(bytes.Length / 4);
            output.Write(bytes);
            var room = output.GetSpan(sizeof(uint));
            BinaryPrimitives.WriteUInt32LittleEndian(room, Crc32.Compute(bytes));
            output.Advance(sizeof(uint));
        }
    }
}
