namespace Packer.Imaging;

/// <summary>Microsoft's VHDX, dynamic, with blocks of 2 MiB ([MS-VHDX], version 1.0). The size of the disk is rounded up to 4 KiB, its physical sector.</summary>
internal sealed class VhdxFormat(DiskIdentity identity) : IDiskFormat
{
    /// <summary>The largest disk: 64 TiB.</summary>
    public const long MaximumLength = 64L << 40;

    /// <inheritdoc/>
    public ChunkContents Needs => ChunkContents.None;

    /// <inheritdoc/>
    public bool IsSequential => true;

    /// <inheritdoc/>
    public IDiskSink Begin(SparseImage image, OutputFile file)
    {
        var length = Math.Max(VhdxMetadata.PhysicalSectorSize, Alignment.RoundUp(image.Length, VhdxMetadata.PhysicalSectorSize));
        if (length > MaximumLength)
            throw new ImagingException($"'{file.Path}' cannot be written: a VHDX holds at most {MaximumLength >> 40} TiB. Choose another format, or a smaller disk.");
        return new VhdxSink(image, file, length, identity);
    }
}
