using System.Buffers.Binary;
using System.IO.Compression;

namespace Packer.Imaging;

/// <summary>
/// Compresses bytes to one gzip member (RFC 1952) with zlib on all cores: each block is compressed on its own and flushed, so that the next one begins at a
/// whole byte. Memory does not depend on the length.
/// </summary>
internal static class ParallelGzip
{
    private const int BlockSize = 1 << 20;
    private const int MaximumWorkers = 16;
    private const int SpareWorkers = 2;

    private static ReadOnlySpan<byte> Header => [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];

    /// <summary>Appends the member to a file.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="level">1, the fastest, to 9, the smallest.</param>
    /// <param name="file">The file.</param>
    /// <param name="token">Stops the writing.</param>
    /// <exception cref="ImagingException">The bytes cannot be read, or the file cannot be written.</exception>
    public static async Task WriteAsync(Source content, int level, OutputFile file, CancellationToken token)
    {
        uint crc = 0;
        var workers = Enumerable.Range(0, Math.Min(Environment.ProcessorCount, MaximumWorkers) + SpareWorkers).Select(_ => new Block(level));
        file.Write(Header);
        await OrderedPipeline.RunAsync(Offsets(content.Length), workers, (block, offset) => block.Load(content, offset), block =>
        {
            file.Write(block.Compressed);
            crc = Crc32.Combine(crc, block.Crc, Crc32.Shift(block.Length));
            return Task.CompletedTask;
        }, token).ConfigureAwait(false);
        // An empty block of fixed codes, which says that it is the last.
        var end = new byte[10];
        end[0] = 3;
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(2), crc);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(6), unchecked((uint)content.Length));
        file.Write(end);
    }

    private static IEnumerable<long> Offsets(long length)
    {
        for (long offset = 0; offset < length; offset += BlockSize) yield return offset;
    }

    private sealed class Block(int level)
    {
        private readonly byte[] data = new byte[BlockSize];
        private readonly MemoryStream output = new();

        public uint Crc { get; private set; }

        public int Length { get; private set; }

        public ReadOnlySpan<byte> Compressed => output.GetBuffer().AsSpan(0, (int)output.Length);

        public void Load(Source content, long offset)
        {
            Length = (int)Math.Min(BlockSize, content.Length - offset);
            var bytes = data.AsSpan(0, Length);
            content.Read(offset, bytes);
            Crc = Crc32.Compute(bytes);
            output.SetLength(0);
            var compressed = new DeflateStream(output, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true);
            compressed.Write(bytes);
            compressed.Flush();
            var length = output.Length;
            compressed.Dispose();
            // What the end of the stream adds says that nothing follows.
            output.SetLength(length);
        }
    }
}
