using System.Security.Cryptography;

namespace Packer.Imaging;

/// <summary>An image as one gzip member (RFC 1952), compressed on several cores. The image is a multiple of a cluster long.</summary>
internal sealed class GzipFormat : IDiskFormat
{
    /// <inheritdoc/>
    public ChunkContents Needs => ChunkContents.Deflate | ChunkContents.Crc32;

    /// <inheritdoc/>
    public bool IsSequential => true;

    /// <summary>SHA-256 of what was compressed, in lower-case hex; empty until the file is complete.</summary>
    public string ContentSha256 { get; private set; } = "";

    /// <inheritdoc/>
    public IDiskSink Begin(SparseImage image, OutputFile file)
    {
        if (image.Length % DiskChunk.ClusterSize != 0) throw new ArgumentException($"The length is no multiple of {DiskChunk.ClusterSize}.", nameof(image));
        return new Sink(this, image.Length, file);
    }

    private sealed class Sink(GzipFormat format, long length, OutputFile file) : IDiskSink
    {
        private static readonly byte[] Zeros = new byte[DiskChunk.ClusterSize];

        private readonly GzipWriter gzip = new(file);
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long position;

        /// <inheritdoc/>
        public void Write(DiskChunk chunk)
        {
            SkipTo(chunk.Offset);
            for (var cluster = 0; cluster < DiskChunk.ClusterCount && position < length; cluster++, position += DiskChunk.ClusterSize)
            {
                gzip.Append(chunk, cluster);
                hash.AppendData(chunk.Cluster(cluster));
            }
        }

        /// <inheritdoc/>
        public void Finish()
        {
            SkipTo(length);
            gzip.Finish();
            using (hash) format.ContentSha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        }

        private void SkipTo(long offset)
        {
            for (; position < offset; position += DiskChunk.ClusterSize)
            {
                gzip.Append(Zeros);
                hash.AppendData(Zeros);
            }
        }
    }
}
