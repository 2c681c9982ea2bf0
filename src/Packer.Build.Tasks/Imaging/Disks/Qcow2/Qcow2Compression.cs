namespace Packer.Imaging;

/// <summary>How the clusters of a qcow2 file are compressed.</summary>
internal enum Qcow2Compression
{
    /// <summary>Not at all: the fastest to write and to run from.</summary>
    None,

    /// <summary>DEFLATE, which every reader knows.</summary>
    Zlib,

    /// <summary>Zstandard: faster to read. QEMU knows it since release 5.1.</summary>
    Zstd,
}
