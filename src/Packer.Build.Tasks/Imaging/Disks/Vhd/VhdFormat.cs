namespace Packer.Imaging;

/// <summary>
/// Microsoft's VHD ("Virtual Hard Disk Image Format Specification", version 1.0). The size of the disk is rounded up to 1 MiB, as Azure demands.
/// </summary>
internal sealed class VhdFormat(VhdType type, DiskIdentity identity) : IDiskFormat
{
    /// <summary>The largest disk that Hyper-V and Azure take: 2040 GiB.</summary>
    public const long MaximumLength = 2040L << 30;

    private const long LengthUnit = 1 << 20;

    /// <inheritdoc/>
    public ChunkContents Needs => ChunkContents.None;

    /// <inheritdoc/>
    public bool IsSequential => true;

    /// <inheritdoc/>
    public IDiskSink Begin(SparseImage image, OutputFile file)
    {
        var length = Math.Max(LengthUnit, Alignment.RoundUp(image.Length, LengthUnit));
        if (length > MaximumLength)
            throw new ImagingException($"'{file.Path}' cannot be written: a VHD holds at most {MaximumLength >> 30} GiB, and the disk has {length >> 30}. Choose another format, or a smaller disk.");
        var footer = VhdFooter.ToBytes(type, length, identity);
        return type == VhdType.Fixed ? new VhdFixedSink(file, length, footer) : new VhdDynamicSink(image, file, length, footer);
    }
}
