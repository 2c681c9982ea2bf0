namespace Packer.Imaging;

/// <summary>
/// QEMU's qcow2, version 3 (QEMU, docs/interop/qcow2.rst), with clusters of 64 KiB. Compressed clusters lie side by side, several in one
/// cluster of the file; what does not shrink is stored as it is.
/// </summary>
/// <param name="compression">How clusters are compressed.</param>
internal sealed class Qcow2Format(Qcow2Compression compression) : IDiskFormat
{
    /// <inheritdoc/>
    public ChunkContents Needs => compression switch
    {
        Qcow2Compression.Zlib => ChunkContents.Deflate,
        Qcow2Compression.Zstd => ChunkContents.Zstandard,
        _ => ChunkContents.None,
    };

    /// <inheritdoc/>
    public bool IsSequential => false;

    /// <inheritdoc/>
    public IDiskSink Begin(SparseImage image, OutputFile file) => new Qcow2Sink(image.Length, file, compression);
}
