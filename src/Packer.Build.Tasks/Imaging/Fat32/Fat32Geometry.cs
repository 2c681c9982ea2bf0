namespace Packer.Imaging;

/// <summary>Where the parts of a FAT32 volume lie (Microsoft FAT specification 1.03, sections 2 to 4). All numbers count sectors of 512 bytes.</summary>
internal sealed record Fat32Geometry(long Sectors, int SectorsPerCluster, int ReservedSectors, long FatSectors, long Clusters)
{
    public const int SectorSize = FatBootSector.SectorSize;

    /// <summary>Fewer clusters would make it FAT16.</summary>
    public const long MinimumClusters = 65525;

    public const int FatCopies = FatBootSector.FatCopies;
    public const int FatEntrySize = sizeof(uint);

    /// <summary>Sectors are counted in 32 bits.</summary>
    public const long MaximumSize = uint.MaxValue * (long)SectorSize;

    private const int MinimumReservedSectors = 32;
    private const int DataAlignment = 8;
    private const long ComfortableClusters = 70000;
    private const int PageSectors = 8;
    private const int MaximumSectorsPerCluster = 64;
    private const long SectorsForLargerClusters = 1L << 24;

    public int ClusterSize => SectorsPerCluster * SectorSize;

    public long DataSector => ReservedSectors + (FatCopies * FatSectors);

    public static Fat32Geometry Create(long size)
    {
        var sectors = size / SectorSize;
        var perCluster = ChooseSectorsPerCluster(sectors);
        // Counting the file allocation tables' own sectors as clusters makes them a little larger than they need be, which is allowed.
        var fatSectors = Alignment.DivideRoundUp(((sectors / perCluster) + FatTable.FirstCluster) * FatEntrySize, SectorSize);
        var data = Alignment.RoundUp(MinimumReservedSectors + (FatCopies * fatSectors), DataAlignment);
        return new Fat32Geometry(sectors, perCluster, (int)(data - (FatCopies * fatSectors)), fatSectors, Math.Max(0, sectors - data) / perCluster);
    }

    public long ClusterOffset(long cluster) => (DataSector + ((cluster - FatTable.FirstCluster) * SectorsPerCluster)) * SectorSize;

    public long ClustersFor(long bytes) => Alignment.DivideRoundUp(bytes, ClusterSize);

    private static int ChooseSectorsPerCluster(long sectors)
    {
        var count = 1;
        while (count < PageSectors && sectors / (count * 2) > ComfortableClusters) count *= 2;
        for (var limit = SectorsForLargerClusters; count >= PageSectors && count < MaximumSectorsPerCluster && sectors > limit; limit *= 2) count *= 2;
        return count;
    }
}
