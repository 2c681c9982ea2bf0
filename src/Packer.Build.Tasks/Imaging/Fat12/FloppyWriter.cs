using System.Text;

namespace Packer.Imaging;

/// <summary>
/// Makes a floppy of 3½ inches and 1.44 MB of a tree of files and folders: FAT12 with long names and without a partition table (Microsoft FAT
/// specification 1.03, sections 2 to 4 and 6). The result depends on the arguments only; times are in UTC; modes and owners are lost.
/// </summary>
internal static class FloppyWriter
{
    /// <summary>Bytes of the image.</summary>
    public const int Size = Sectors * FatBootSector.SectorSize;

    /// <summary>Bytes that files and folders have, the root folder not counted; each file and folder takes a multiple of 512.</summary>
    public const int Capacity = Clusters * FatBootSector.SectorSize;

    private const int Sectors = SectorsPerTrack * Heads * Tracks;
    private const int SectorsPerTrack = 18;
    private const int Heads = 2;
    private const int Tracks = 80;
    private const int ReservedSectors = 1;
    private const int FatSectors = 9;
    private const int RootEntries = 224;
    private const int RootSector = ReservedSectors + (FatBootSector.FatCopies * FatSectors);
    private const int DataSector = RootSector + (RootEntries * FatDirectory.EntrySize / FatBootSector.SectorSize);
    private const int Clusters = Sectors - DataSector;
    private const byte Media = 0xF0;
    private const uint MediaEntry = 0xFF0;
    private const uint EndOfChain = 0xFFF;
    private const int FirstInstruction = 0x3E;

    private static class BootField
    {
        public const int RootEntries = 17, Sectors = 19, FatSectors = 22, Signature = 38, VolumeId = 39, Label = 43, Type = 54;
    }

    /// <summary>Makes the image, <see cref="Size"/> bytes.</summary>
    /// <param name="tree">Files and folders only; it is not changed.</param>
    /// <param name="options">All else.</param>
    /// <exception cref="ImagingException">The tree does not fit, or FAT cannot hold something of it.</exception>
    public static SparseImage Create(FileTree tree, FloppyOptions options)
    {
        var label = options.Label.Length == 0 ? null : FatNames.CheckLabel(options.Label);
        var layout = FatLayout.Create(tree);
        CheckFits(layout, label is not null);
        var image = new SparseImage(Size);
        var table = new FatTable(MediaEntry, EndOfChain);
        new FatContent(image, table, FatBootSector.SectorSize, ClusterOffset).Place(layout, label, RootSector * FatBootSector.SectorSize);
        image.Add(0, CreateBootSector(options.VolumeId, label));
        var bytes = Encode(table);
        for (var copy = 0; copy < FatBootSector.FatCopies; copy++) image.Add((ReservedSectors + (copy * FatSectors)) * FatBootSector.SectorSize, bytes);
        return image;
    }

    private static long ClusterOffset(long cluster) => (DataSector + cluster - FatTable.FirstCluster) * FatBootSector.SectorSize;

    private static void CheckFits(List<FatFolder> layout, bool hasLabel)
    {
        var entries = FatDirectory.Size(layout[0], hasLabel) / FatDirectory.EntrySize;
        if (entries > RootEntries)
            throw new ImagingException($"The root folder of a floppy has room for {RootEntries} entries, and its names need {entries}: a long name takes several. Leave some out, shorten names, or put files into a folder.");
        var clusters = FatContent.FileClusters(layout[0], FatBootSector.SectorSize) + layout.Skip(1).Sum(folder => FatContent.ClustersOf(folder, hasLabel, FatBootSector.SectorSize));
        if (clusters > Clusters)
            throw new ImagingException($"The files need {clusters * FatBootSector.SectorSize} bytes, and a floppy has {Capacity}. Leave some out, or use a CD.");
    }

    private static byte[] CreateBootSector(uint volumeId, string? label)
    {
        var sector = FatBootSector.Create(FirstInstruction, sectorsPerCluster: 1, ReservedSectors, Media, SectorsPerTrack, Heads);
        sector.PutUInt16(BootField.RootEntries, RootEntries);
        sector.PutUInt16(BootField.Sectors, Sectors);
        sector.PutUInt16(BootField.FatSectors, FatSectors);
        sector[BootField.Signature] = FatBootSector.ExtendedSignature;
        sector.PutUInt32(BootField.VolumeId, volumeId);
        Encoding.ASCII.GetBytes(label ?? FatBootSector.NoLabel, sector.AsSpan(BootField.Label));
        "FAT12   "u8.CopyTo(sector.AsSpan(BootField.Type));
        return sector;
    }

    /// <summary>Two entries of twelve bits in three bytes, the least significant ones first.</summary>
    private static byte[] Encode(FatTable table)
    {
        var bytes = new byte[FatSectors * FatBootSector.SectorSize];
        for (var index = 0; index < table.Entries.Count; index++)
        {
            var entry = table.Entries[index];
            var offset = index * 3 / 2;
            if (index % 2 == 0)
            {
                bytes[offset] = (byte)entry;
                bytes[offset + 1] |= (byte)(entry >> 8);
            }
            else
            {
                bytes[offset] |= (byte)((entry & 0xF) << 4);
                bytes[offset + 1] = (byte)(entry >> 4);
            }
        }
        return bytes;
    }
}
