namespace Packer.Imaging;

/// <summary>The header of a sparse extent, and its copy at the end (VMware, "Virtual Disk Format 5.0", "Hosted Sparse Extent Header").</summary>
internal static class VmdkHeader
{
    public const int SectorSize = 512;
    public const int GrainsPerTable = 512;

    /// <summary>Sectors before the first grain.</summary>
    public const int OverheadSectors = 128;

    /// <summary>Sectors of the descriptor, from sector 1 on.</summary>
    public const int DescriptorSectors = 20;

    /// <summary>Stands in the first header for the place of the directory, which the copy at the end knows.</summary>
    public const long DirectoryAtEnd = -1;

    private const uint Magic = 0x564D444B;

    /// <summary>The version of stream-optimized extents; vSphere refuses others.</summary>
    private const int Version = 3;

    /// <summary>The new line test is valid; grains are compressed; there are markers.</summary>
    private const uint Flags = 0x30001;

    private const int DescriptorSector = 1;
    private const int Deflate = 1;

    /// <param name="capacity">Sectors of the disk.</param>
    /// <param name="directorySector">Where the grain directory is.</param>
    public static byte[] ToBytes(long capacity, long directorySector)
    {
        var bytes = new byte[SectorSize];
        var header = bytes.AsSpan();
        header.PutUInt32(0, Magic);
        header.PutUInt32(4, Version);
        header.PutUInt32(8, Flags);
        header.PutInt64(12, capacity);
        header.PutInt64(20, DiskChunk.ClusterSize / SectorSize);
        header.PutInt64(28, DescriptorSector);
        header.PutInt64(36, DescriptorSectors);
        header.PutUInt32(44, GrainsPerTable);
        header.PutInt64(56, directorySector);
        header.PutInt64(64, OverheadSectors);
        // Shows damage by transfers that change line ends.
        "\n \r\n"u8.CopyTo(header[73..]);
        header.PutUInt16(77, Deflate);
        return bytes;
    }
}
