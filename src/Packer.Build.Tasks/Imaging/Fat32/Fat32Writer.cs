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
    private const int InfoSector = 1;
    private const int BackupSector = 6;
    private const int BootSignatureOffset = 510;
    private const int BootSignature = 0xAA55;
    private const string NoLabel = "NO NAME";

    private readonly Fat32Options options;
    private readonly Fat32Geometry geometry;
    private readonly SparseImage image;
    private readonly List<Fat32Folder> folders = [];
    private readonly List<uint> table = [MediaEntry, EndOfChain];
    private readonly Dictionary<string, long> fileOffsets = new(StringComparer.Ordinal);
    private readonly string? label;

    private static class BootField
    {
        public const int Jump = 0, Maker = 3, SectorSize = 11, SectorsPerCluster = 13, ReservedSectors = 14, FatCopies = 16, Media = 21, SectorsPerTrack = 24, Heads = 26;
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
        label = options.Label.Length == 0 ? null : Fat32Names.CheckLabel(options.Label);
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
        var layout = Layout(tree);
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
    public static long MinimumSize(FileTree tree, Fat32Options options, long freeSpace = 0) => MinimumSize(Layout(tree), options, freeSpace);

    private static long MinimumSize(List<Fat32Folder> layout, Fat32Options options, long freeSpace)
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

    /// <summary>All folders: one before those in it, and its files before those of the folders in it.</summary>
    private static List<Fat32Folder> Layout(FileTree tree)
    {
        var folders = new List<Fat32Folder>();
        var pending = new Stack<Fat32Folder>([new Fat32Folder("", tree.Root, null)]);
        while (pending.TryPop(out var folder))
        {
            folders.Add(folder);
            if (Fat32Directory.Size(folder, hasLabel: true) > Fat32Directory.MaximumSize) throw new ImagingException($"The folder '{folder.Path}' has too many names for FAT. Spread them over several folders.");
            foreach (var (name, node) in folder.Node.Children.Reverse())
            {
                Check(folder.Path + "/" + name, node);
                if (node.Type == NodeType.Directory) pending.Push(new Fat32Folder(folder.Path + "/" + name, node, folder));
            }
        }
        return folders;
    }

    private static void Check(string path, Node node)
    {
        if (node.Type is not (NodeType.File or NodeType.Directory)) throw new ImagingException($"'{path}' is neither a file nor a folder, and FAT holds nothing else. Leave it out.");
        if (node.Data.Length > uint.MaxValue) throw new ImagingException($"'{path}' has {node.Data.Length} bytes, a file on FAT has {uint.MaxValue} at most. Split it.");
    }

    private static long MissingClusters(List<Fat32Folder> layout, Fat32Geometry geometry, Fat32Options options, long freeSpace)
    {
        var needed = geometry.ClustersFor(freeSpace);
        foreach (var folder in layout)
        {
            needed += FolderClusters(folder, geometry, options);
            foreach (var node in folder.Node.Children.Values.Where(node => node.Type == NodeType.File)) needed += geometry.ClustersFor(node.Data.Length);
        }
        return Math.Max(needed, MinimumClusters) - geometry.Clusters;
    }

    private static long FolderClusters(Fat32Folder folder, Fat32Geometry geometry, Fat32Options options) =>
        Math.Max(1, geometry.ClustersFor(Fat32Directory.Size(folder, options.Label.Length > 0)));

    private Fat32Volume Write(List<Fat32Folder> layout)
    {
        foreach (var folder in layout)
        {
            folders.Add(folder);
            folder.FirstCluster = Allocate(FolderClusters(folder, geometry, options));
            folder.Parent?.FirstClusters.Add(folder.Path[(folder.Path.LastIndexOf('/') + 1)..], folder.FirstCluster);
            foreach (var (name, node) in folder.Node.Children.Where(child => child.Value.Type == NodeType.File)) PlaceFile(folder, name, node);
        }
        foreach (var folder in folders) image.Add(geometry.ClusterOffset(folder.FirstCluster), Fat32Directory.Encode(folder, label));
        WriteTables();
        WriteBootSectors(0);
        WriteBootSectors(BackupSector);
        return new Fat32Volume(image, fileOffsets);
    }

    private void PlaceFile(Fat32Folder folder, string name, Node node)
    {
        var cluster = node.Data.Length == 0 ? 0 : Allocate(geometry.ClustersFor(node.Data.Length));
        folder.FirstClusters.Add(name, cluster);
        if (cluster == 0) return;
        image.Add(geometry.ClusterOffset(cluster), node.Data);
        fileOffsets.Add(folder.Path + "/" + name, geometry.ClusterOffset(cluster));
    }

    private uint Allocate(long clusters)
    {
        var first = (uint)table.Count;
        for (var index = 1L; index < clusters; index++) table.Add((uint)table.Count + 1);
        table.Add(EndOfChain);
        return first;
    }

    private void WriteTables()
    {
        var bytes = new byte[table.Count * FatEntrySize];
        for (var index = 0; index < table.Count; index++) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(index * FatEntrySize), table[index]);
        for (var copy = 0; copy < FatCopies; copy++) image.Add((geometry.ReservedSectors + (copy * geometry.FatSectors)) * SectorSize, bytes);
    }

    private void WriteBootSectors(int sector)
    {
        image.Add(sector * SectorSize, CreateBootSector());
        image.Add((sector + InfoSector) * SectorSize, CreateInfoSector());
        image.Add((sector + InfoSector + 1) * SectorSize, CreateSignedSector());
    }

    private byte[] CreateBootSector()
    {
        var sector = CreateSignedSector();
        ReadOnlySpan<byte> jumpOverFields = [0xEB, 0x58, 0x90];
        jumpOverFields.CopyTo(sector.AsSpan(BootField.Jump));
        "PACKER  "u8.CopyTo(sector.AsSpan(BootField.Maker));
        sector.PutUInt16(BootField.SectorSize, SectorSize);
        sector[BootField.SectorsPerCluster] = (byte)geometry.SectorsPerCluster;
        sector.PutUInt16(BootField.ReservedSectors, geometry.ReservedSectors);
        sector[BootField.FatCopies] = FatCopies;
        sector[BootField.Media] = FixedDisk;
        sector.PutUInt16(BootField.SectorsPerTrack, 63);
        sector.PutUInt16(BootField.Heads, 255);
        sector.PutUInt32(BootField.HiddenSectors, options.DiskOffset / SectorSize);
        sector.PutUInt32(BootField.Sectors, geometry.Sectors);
        sector.PutUInt32(BootField.FatSectors, geometry.FatSectors);
        sector.PutUInt32(BootField.RootCluster, FirstCluster);
        sector.PutUInt16(BootField.InfoSector, InfoSector);
        sector.PutUInt16(BootField.BackupSector, BackupSector);
        sector[BootField.Drive] = 0x80;
        sector[BootField.Signature] = 0x29;
        sector.PutUInt32(BootField.VolumeId, options.VolumeId);
        Encoding.ASCII.GetBytes(label ?? NoLabel.PadRight(Fat32Names.ShortNameLength), sector.AsSpan(BootField.Label));
        "FAT32   "u8.CopyTo(sector.AsSpan(BootField.Type));
        return sector;
    }

    private byte[] CreateInfoSector()
    {
        var sector = CreateSignedSector();
        "RRaA"u8.CopyTo(sector.AsSpan(InfoField.LeadSignature));
        "rrAa"u8.CopyTo(sector.AsSpan(InfoField.Signature));
        sector.PutUInt32(InfoField.FreeClusters, geometry.Clusters - (table.Count - FirstCluster));
        sector.PutUInt32(InfoField.NextFreeCluster, table.Count);
        return sector;
    }

    private static byte[] CreateSignedSector()
    {
        var sector = new byte[SectorSize];
        sector.PutUInt16(BootSignatureOffset, BootSignature);
        return sector;
    }
}
