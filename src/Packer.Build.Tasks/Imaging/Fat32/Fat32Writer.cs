using System.Buffers.Binary;
using System.Text;
using static Packer.Imaging.Fat32Geometry;

namespace Packer.Imaging;

/// <summary>
/// Makes a FAT32 volume with long names of a tree of files and folders (Microsoft FAT specification 1.03). Every file lies in one piece. The
/// result depends on the arguments only; times are in UTC; modes and owners are lost, and a file with two names is stored twice.
/// </summary>
internal sealed class Fat32Writer
{
    private const uint EndOfChain = 0x0FFFFFFF;
    private const uint MediaEntry = 0x0FFFFFF8;
    private const byte FixedDisk = 0xF8;
    private const int FirstInstruction = 0x5A;
    private const int InfoSector = 1;
    private const int BackupSector = 6;

    private readonly Fat32Options options;
    private readonly Fat32Geometry geometry;
    private readonly SparseImage image;
    private readonly FatTable table = new(MediaEntry, EndOfChain);
    private readonly string? label;

    private static class BootField
    {
        public const int HiddenSectors = 28, Sectors = 32, FatSectors = 36, RootCluster = 44, InfoSector = 48, BackupSector = 50, Drive = 64, Signature = 66;
        public const int VolumeId = 67, Label = 71, Type = 82;
    }

    private static class InfoField
    {
        public const int LeadSignature = 0, Signature = 484, FreeClusters = 488, NextFreeCluster = 492;
    }

    private Fat32Writer(Fat32Geometry geometry, long size, Fat32Options options)
    {
        this.geometry = geometry;
        this.options = options;
        image = new SparseImage(size);
        label = options.Label.Length == 0 ? null : FatNames.CheckLabel(options.Label);
    }

    /// <summary>Makes the volume.</summary>
    /// <param name="tree">Files and folders only; it is not changed.</param>
    /// <param name="size">Size in bytes, at least <see cref="MinimumSize(FileTree, Fat32Options, long)"/>; what is no multiple of 512 stays unused.</param>
    /// <param name="options">All else.</param>
    /// <exception cref="ImagingException">The size is too small or too large, or FAT cannot hold something of the tree.</exception>
    public static Fat32Volume Create(FileTree tree, long size, Fat32Options options)
    {
        if (options.DiskOffset % SectorSize != 0 || options.DiskOffset / SectorSize is < 0 or > uint.MaxValue) throw new ArgumentOutOfRangeException(nameof(options), "The volume begins at a sector of its disk.");
        if (size > MaximumSize) throw new ImagingException($"A FAT32 volume of {size} bytes is not possible, {MaximumSize} is the most. Make it smaller.");
        var layout = FatLayout.Create(tree);
        var geometry = Fat32Geometry.Create(size);
        if (MissingClusters(layout, geometry, options, 0) > 0)
        {
            var needed = MinimumSize(layout, options, 0);
            throw new ImagingException($"The files do not fit into a FAT32 volume of {size} bytes. Make it at least {needed} bytes ({Alignment.DivideRoundUp(needed, 1 << 20)} MiB) large.");
        }
        return new Fat32Writer(geometry, size, options).Write(layout);
    }

    /// <summary>The smallest size, in bytes, that holds a tree and leaves some space free.</summary>
    /// <param name="tree">What the volume will contain.</param>
    /// <param name="options">As for <see cref="Create"/>.</param>
    /// <param name="freeSpace">Bytes to be free.</param>
    /// <exception cref="ImagingException">FAT cannot hold something of the tree, or it is too large.</exception>
    public static long MinimumSize(FileTree tree, Fat32Options options, long freeSpace = 0) => MinimumSize(FatLayout.Create(tree), options, freeSpace);

    private static long MinimumSize(List<FatFolder> layout, Fat32Options options, long freeSpace)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(freeSpace);
        for (var size = MinimumClusters * SectorSize; size <= MaximumSize;)
        {
            var geometry = Fat32Geometry.Create(size);
            var missing = MissingClusters(layout, geometry, options, freeSpace);
            if (missing <= 0) return size;
            size += missing * geometry.ClusterSize;
        }
        throw new ImagingException($"The files need a FAT32 volume of more than {MaximumSize} bytes, the most that is possible. Leave some out.");
    }

    private static long MissingClusters(List<FatFolder> layout, Fat32Geometry geometry, Fat32Options options, long freeSpace)
    {
        var needed = geometry.ClustersFor(freeSpace) + layout.Sum(folder => FatContent.ClustersOf(folder, options.Label.Length > 0, geometry.ClusterSize));
        return Math.Max(needed, MinimumClusters) - geometry.Clusters;
    }

    private Fat32Volume Write(List<FatFolder> layout)
    {
        var content = new FatContent(image, table, geometry.ClusterSize, geometry.ClusterOffset);
        content.Place(layout, label);
        WriteTables();
        WriteBootSectors(0);
        WriteBootSectors(BackupSector);
        return new Fat32Volume(image, content.FileOffsets);
    }

    private void WriteTables()
    {
        var bytes = new byte[table.Entries.Count * FatEntrySize];
        for (var index = 0; index < table.Entries.Count; index++) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(index * FatEntrySize), table.Entries[index]);
        for (var copy = 0; copy < FatCopies; copy++) image.Add((geometry.ReservedSectors + (copy * geometry.FatSectors)) * SectorSize, bytes);
    }

    private void WriteBootSectors(int sector)
    {
        image.Add(sector * SectorSize, CreateBootSector());
        image.Add((sector + InfoSector) * SectorSize, CreateInfoSector());
        image.Add((sector + InfoSector + 1) * SectorSize, FatBootSector.CreateSigned());
    }

    private byte[] CreateBootSector()
    {
        var sector = FatBootSector.Create(FirstInstruction, geometry.SectorsPerCluster, geometry.ReservedSectors, FixedDisk, sectorsPerTrack: 63, heads: 255);
        sector.PutUInt32(BootField.HiddenSectors, options.DiskOffset / SectorSize);
        sector.PutUInt32(BootField.Sectors, geometry.Sectors);
        sector.PutUInt32(BootField.FatSectors, geometry.FatSectors);
        sector.PutUInt32(BootField.RootCluster, FatTable.FirstCluster);
        sector.PutUInt16(BootField.InfoSector, InfoSector);
        sector.PutUInt16(BootField.BackupSector, BackupSector);
        sector[BootField.Drive] = 0x80;
        sector[BootField.Signature] = FatBootSector.ExtendedSignature;
        sector.PutUInt32(BootField.VolumeId, options.VolumeId);
        Encoding.ASCII.GetBytes(label ?? FatBootSector.NoLabel, sector.AsSpan(BootField.Label));
        "FAT32   "u8.CopyTo(sector.AsSpan(BootField.Type));
        return sector;
    }

    private byte[] CreateInfoSector()
    {
        var sector = FatBootSector.CreateSigned();
        "RRaA"u8.CopyTo(sector.AsSpan(InfoField.LeadSignature));
        "rrAa"u8.CopyTo(sector.AsSpan(InfoField.Signature));
        sector.PutUInt32(InfoField.FreeClusters, geometry.Clusters - (table.Entries.Count - FatTable.FirstCluster));
        sector.PutUInt32(InfoField.NextFreeCluster, table.Entries.Count);
        return sector;
    }
}
