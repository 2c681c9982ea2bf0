using System.Buffers;
using SharpCompress.Compressors;
using SharpCompress.Compressors.BZip2;

namespace Packer.Imaging;

/// <summary>bzip2: streams of 900 kB that do not refer to one another, as <c>pbzip2</c> makes them. There is one level only.</summary>
internal sealed class Bzip2Compression : CompressedStream
{
    /// <summary>A stream of no block: "BZh9", the mark of its end and a checksum of zero.</summary>
    private static ReadOnlySpan<byte> EmptyStream => [(byte)'B', (byte)'Z', (byte)'h', (byte)'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, 0, 0, 0, 0];

    /// <inheritdoc/>
    public override int PieceSize => 900_000;

    /// <inheritdoc/>
    public override PieceEncoder CreateEncoder() => new Encoder();

    /// <inheritdoc/>
    public override void Finish(OutputFile file, bool isEmpty)
    {
        if (isEmpty) file.Write(EmptyStream);
    }

    private sealed class Encoder : PieceEncoder
    {
        private readonly MemoryStream compressed = new();

        public override void Encode(ReadOnlySpan<byte> piece, CompressedPiece result)
        {
            compressed.SetLength(0);
            using (var stream = BZip2Stream.Create(compressed, CompressionMode.Compress, decompressConcatenated: false, leaveOpen: true)) stream.Write(piece);
            result.Output.Write(compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        }

        public override void Dispose() => compressed.Dispose();
    }
}
