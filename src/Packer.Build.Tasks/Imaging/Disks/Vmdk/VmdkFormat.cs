namespace Packer.Imaging;

/// <summary>
/// VMware's VMDK in the form for transport, streamOptimized (VMware, "Virtual Disk Format 5.0", "Stream-Optimized Compressed Sparse Extents"):
/// compressed grains of 64 KiB one after the other, each with a marker, their tables between them, and a footer.
/// </summary>
internal sealed class VmdkFormat(DiskIdentity identity) : IDiskFormat
{
    /// <inheritdoc/>
    public ChunkContents Needs => VmdkSink.Needs;

    /// <inheritdoc/>
    public bool IsSequential => true;

    /// <inheritdoc/>
    public IDiskSink Begin(SparseImage image, OutputFile file) => new VmdkSink(image.Length, file, identity);
}
