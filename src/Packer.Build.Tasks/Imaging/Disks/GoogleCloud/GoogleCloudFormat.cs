namespace Packer.Imaging;

/// <summary>
/// What Google Compute Engine imports: a gzip-compressed archive in GNU's old tar format with the one file <c>disk.raw</c>, its size whole GiB (Google
/// Cloud, "Manually import boot disks"). It is what <c>tar --format=oldgnu -Sczf</c> makes there: holes take no room.
/// </summary>
internal sealed class GoogleCloudFormat(DiskIdentity identity) : IDiskFormat
{
    /// <inheritdoc/>
    public ChunkContents Needs => ChunkContents.Deflate | ChunkContents.Crc32;

    /// <inheritdoc/>
    public bool IsSequential => true;

    /// <inheritdoc/>
    public IDiskSink Begin(SparseImage image, OutputFile file) => new GoogleCloudSink(image, file, identity.Timestamp);
}
