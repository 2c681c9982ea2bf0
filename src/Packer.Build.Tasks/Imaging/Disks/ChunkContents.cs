namespace Packer.Imaging;

/// <summary>What can be computed of each cluster of a <see cref="DiskChunk"/>, once for all files that need it.</summary>
[Flags]
internal enum ChunkContents
{
    /// <summary>The bytes alone.</summary>
    None = 0,

    /// <summary>A DEFLATE stream of its own.</summary>
    Deflate = 1,

    /// <summary>A Zstandard frame of its own.</summary>
    Zstandard = 2,

    /// <summary>The checksum of zlib streams.</summary>
    Adler32 = 4,

    /// <summary>The checksum of gzip.</summary>
    Crc32 = 8,
}
