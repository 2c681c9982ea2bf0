using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Packer.Imaging;

/// <summary>
/// Reads VMware's VMDK where it is one sparse file: monolithicSparse, and streamOptimized with its directory at the end (VMware, "Virtual Disk Format 5.0",
/// "Hosted Sparse Extents"). A disk in several files, or with a parent, is refused.
/// </summary>
internal static class VmdkReader
{
    public const uint Magic = 0x564D444B;

    private const int SectorSize = VmdkHeader.SectorSize;
    private const int EntrySize = 4;
    private const int MaximumVersion = 3;
    private const int MaximumTableEntries = 512;
    private const int MaximumDescriptorSize = 1 << 20;
    private const long MaximumCapacity = (64L << 40) / SectorSize;
    private const ushort Deflate = 1;

    /// <summary>The copy of the header stands before the last sector.</summary>
    private const int FooterDistance = 2 * SectorSize;

    private const string InOneFile = "Convert it to one file first: 'vmware-vdiskmanager -r disk.vmdk -t 0 one.vmdk', or 'qemu-img convert -O vmdk disk.vmdk one.vmdk'.";

    [Flags]
    private enum Features : uint
    {
        None = 0,
        ZeroedGrains = 4,
        Compressed = 1 << 16,
        Markers = 1 << 17,
    }

    /// <summary>How the text begins that describes a disk in several files.</summary>
    public static ReadOnlySpan<byte> DescriptorMark => "# Disk DescriptorFile"u8;

    /// <exception cref="ImagingException">The file is damaged, or of a sort that is not read here.</exception>
    public static VmdkSource Open(DiskFile file)
    {
        if (file.Read(0, (int)Math.Min(file.Length, DescriptorMark.Length)).AsSpan().SequenceEqual(DescriptorMark)) throw file.Unsupported("it only describes a disk that is in other files", InOneFile);
        var header = file.Read(0, SectorSize);
        CheckMagic(file, header);
        CheckDescriptor(file, header);
        if (BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(56)) == VmdkHeader.DirectoryAtEnd)
        {
            header = file.Read(file.Length - FooterDistance, SectorSize);
            CheckMagic(file, header);
        }
        return Open(file, header);
    }

    private static VmdkSource Open(DiskFile file, ReadOnlySpan<byte> header)
    {
        var features = (Features)BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        var capacity = BinaryPrimitives.ReadInt64LittleEndian(header[12..]);
        var grain = BinaryPrimitives.ReadInt64LittleEndian(header[20..]);
        var tableEntries = BinaryPrimitives.ReadUInt32LittleEndian(header[44..]);
        var directory = BinaryPrimitives.ReadInt64LittleEndian(header[56..]);
        if (capacity is < 0 or > MaximumCapacity) throw file.Damaged($"the size of its disk would be {unchecked((ulong)capacity)} sectors");
        if (grain is < 1 or > BlockSource.MaximumCompressedBlock / SectorSize || !BitOperations.IsPow2(grain)) throw file.Damaged($"its grains would have {grain} sectors");
        if (tableEntries is 0 or > MaximumTableEntries) throw file.Damaged($"its grain tables would have {tableEntries} entries");
        var compressed = features.HasFlag(Features.Compressed);
        if (compressed && (!features.HasFlag(Features.Markers) || BinaryPrimitives.ReadUInt16LittleEndian(header[77..]) != Deflate))
            throw file.Unsupported("its grains are compressed in a way that is not known", InOneFile);
        var tables = Alignment.DivideRoundUp(Alignment.DivideRoundUp(capacity, grain), tableEntries);
        if (directory < 0 || directory > file.Length / SectorSize || !file.Holds(directory * SectorSize, tables * EntrySize)) throw file.Damaged("its grain directory is not within the file");
        return new VmdkSource(file, capacity * SectorSize, grain * SectorSize, directory * SectorSize, (int)tableEntries, compressed, features.HasFlag(Features.ZeroedGrains));
    }

    private static void CheckMagic(DiskFile file, ReadOnlySpan<byte> header)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic) throw file.Damaged("its header, or the copy of it at the end, has not its mark");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        if (version is 0 or > MaximumVersion) throw file.Unsupported($"it is version {version} of the format, and only 1 to {MaximumVersion} are known", InOneFile);
    }

    /// <summary>The descriptor tells whether the file is the whole disk.</summary>
    private static void CheckDescriptor(DiskFile file, ReadOnlySpan<byte> header)
    {
        var sector = BinaryPrimitives.ReadInt64LittleEndian(header[28..]);
        var sectors = BinaryPrimitives.ReadInt64LittleEndian(header[36..]);
        if (sector == 0) throw file.Unsupported("it is one of several files of a disk, without the descriptor", InOneFile);
        if (sector < 0 || sector > file.Length / SectorSize || sectors is < 1 or > MaximumDescriptorSize / SectorSize) throw file.Damaged("its descriptor is not within the file");
        var bytes = file.Read(sector * SectorSize, (int)sectors * SectorSize);
        var lines = Encoding.UTF8.GetString(bytes).TrimEnd('\0').Split('\n', StringSplitOptions.TrimEntries);
        var parent = Value(lines, "parentCID");
        if (parent is not null && !parent.Equals("ffffffff", StringComparison.OrdinalIgnoreCase))
            throw file.Unsupported("it holds only the differences to another file, its parent", InOneFile);
        var type = Value(lines, "createType");
        if (type is not ("monolithicSparse" or "streamOptimized")) throw file.Unsupported($"it is of the type '{type}', and only monolithicSparse and streamOptimized are one file", InOneFile);
    }

    private static string? Value(IEnumerable<string> lines, string key) => lines.FirstOrDefault(line => line.StartsWith(key, StringComparison.OrdinalIgnoreCase) && line.Contains('=', StringComparison.Ordinal))
        ?.Split('=', 2)[1].Trim().Trim('"');
}
