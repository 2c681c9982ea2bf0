using System.Buffers.Binary;
using System.Numerics;

namespace Packer.Imaging;

/// <summary>Reads Microsoft's VHDX, dynamic and fixed ([MS-VHDX], version 1.0). A log that was not replayed, or a parent, is refused.</summary>
internal static class VhdxReader
{
    private const int HeaderSize = 4096;
    private const int RegionTableSize = 1 << 16;
    private const int MetadataTableSize = 1 << 16;
    private const int ChecksumOffset = 4;
    private const int EntrySize = 32;
    private const int MaximumEntries = 2047;
    private const int MinimumBlockSize = 1 << 20;
    private const int MaximumBlockSize = 256 << 20;

    /// <summary>[MS-VHDX] 2.6.1.2: a reader must know the item.</summary>
    private const uint IsRequiredItem = 4;

    /// <summary>[MS-VHDX] 2.6.2.1: the disk has a parent.</summary>
    private const uint HasParent = 2;

    private static readonly long[] HeaderOffsets = [1 << 16, 2 << 16];
    private static readonly long[] RegionTableOffsets = [3 << 16, 4 << 16];

    public static ReadOnlySpan<byte> Mark => "vhdxfile"u8;

    /// <exception cref="ImagingException">The file is damaged, or of a sort that is not read here.</exception>
    public static VhdxSource Open(DiskFile file)
    {
        if (!file.Read(0, Mark.Length).AsSpan().SequenceEqual(Mark)) throw file.Damaged("its first bytes are not those of the format");
        CheckLog(file, CurrentHeader(file));
        var (table, metadata) = ReadRegions(file);
        var disk = ReadMetadata(file, metadata);
        var entries = VhdxSource.EntryCount(disk);
        if (entries * sizeof(ulong) > table.Length) throw file.Damaged("its table of blocks is shorter than the disk needs");
        return new VhdxSource(file, disk, table.Offset);
    }

    /// <summary>The header with a right checksum that was written last ([MS-VHDX] 2.2.2).</summary>
    private static byte[] CurrentHeader(DiskFile file) =>
        HeaderOffsets.Where(offset => file.Holds(offset, HeaderSize)).Select(offset => file.Read(offset, HeaderSize))
            .Where(header => header.AsSpan().StartsWith("head"u8) && HasRightChecksum(header))
            .MaxBy(header => BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(8)))
        ?? throw file.Damaged("neither of its two headers has a right checksum");

    private static void CheckLog(DiskFile file, byte[] header)
    {
        var version = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(66));
        if (version != 1) throw file.Unsupported($"it is version {version} of the format, and only 1 is known", "Convert it with the program that wrote it.");
        if (new Guid(header.AsSpan(48, 16)) != Guid.Empty)
            throw file.Unsupported("it was not closed, and its log has changes that are not in the disk yet", "Let the program that writes it end, or replay the log with 'qemu-img check -r all'.");
    }

    /// <summary>The places of the table of blocks and of the metadata ([MS-VHDX] 2.2.3).</summary>
    private static (DataRange Table, DataRange Metadata) ReadRegions(DiskFile file)
    {
        var regions = RegionTableOffsets.Where(offset => file.Holds(offset, RegionTableSize)).Select(offset => file.Read(offset, RegionTableSize))
            .FirstOrDefault(table => table.AsSpan().StartsWith("regi"u8) && HasRightChecksum(table)) ?? throw file.Damaged("neither of its two tables of regions has a right checksum");
        DataRange? table = null, metadata = null;
        for (var index = 0; index < Count(file, BinaryPrimitives.ReadUInt32LittleEndian(regions.AsSpan(8))); index++)
        {
            var entry = regions.AsSpan(16 + (index * EntrySize), EntrySize);
            var place = new DataRange(BinaryPrimitives.ReadInt64LittleEndian(entry[16..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]));
            var id = new Guid(entry[..16]);
            if (id == VhdxHeaders.TableRegion) table = place;
            else if (id == VhdxHeaders.MetadataRegion) metadata = place;
            else if ((BinaryPrimitives.ReadUInt32LittleEndian(entry[28..]) & 1) != 0) throw file.Unsupported($"it has the unknown region {id}", "Convert it with the program that wrote it.");
        }
        if (table is not { } blocks || metadata is not { } items) throw file.Damaged("it has no table of blocks or no metadata");
        if (!file.Holds(blocks.Offset, blocks.Length) || !file.Holds(items.Offset, items.Length)) throw file.Damaged("its table of blocks or its metadata is not within the file");
        return (blocks, items);
    }

    /// <summary>What disk it is ([MS-VHDX] 2.6).</summary>
    private static VhdxDisk ReadMetadata(DiskFile file, DataRange region)
    {
        if (region.Length < MetadataTableSize) throw file.Damaged("its metadata is too short");
        var table = file.Read(region.Offset, MetadataTableSize);
        if (!table.AsSpan().StartsWith("metadata"u8)) throw file.Damaged("its metadata has not its mark");
        ulong? length = null;
        uint? blockSize = null, sectorSize = null;
        for (var index = 0; index < Count(file, BinaryPrimitives.ReadUInt16LittleEndian(table.AsSpan(10))); index++)
        {
            var entry = table.AsSpan(EntrySize + (index * EntrySize), EntrySize);
            var offset = region.Offset + BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]);
            var id = new Guid(entry[..16]);
            if (id == VhdxMetadata.FileParameters) blockSize = BlockSize(file, file.Read(offset, 8));
            else if (id == VhdxMetadata.DiskLength) length = BinaryPrimitives.ReadUInt64LittleEndian(file.Read(offset, sizeof(ulong)));
            else if (id == VhdxMetadata.LogicalSector) sectorSize = BinaryPrimitives.ReadUInt32LittleEndian(file.Read(offset, sizeof(uint)));
            else if (id != VhdxMetadata.DiskId && id != VhdxMetadata.PhysicalSector && (BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]) & IsRequiredItem) != 0)
                throw file.Unsupported($"it has the unknown metadata {id}", "Convert it with the program that wrote it.");
        }
        if (length is not { } bytes || blockSize is not { } block || sectorSize is not { } sector) throw file.Damaged("its metadata does not say how large the disk and its blocks are");
        if (bytes > VhdxFormat.MaximumLength) throw file.Damaged($"the size of its disk would be {bytes} bytes");
        if (!BitOperations.IsPow2(block) || block is < MinimumBlockSize or > MaximumBlockSize) throw file.Damaged($"its blocks would have {block} bytes");
        return sector is 512 or 4096 ? new VhdxDisk((long)bytes, block, sector) : throw file.Damaged($"its sectors would have {sector} bytes");
    }

    private static uint BlockSize(DiskFile file, byte[] parameters)
    {
        if ((BinaryPrimitives.ReadUInt32LittleEndian(parameters.AsSpan(4)) & HasParent) != 0)
            throw file.Unsupported("it holds only the differences to another file, its parent", "Merge the two first, with Hyper-V's Merge-VHD.");
        return BinaryPrimitives.ReadUInt32LittleEndian(parameters);
    }

    private static int Count(DiskFile file, uint count) => count <= MaximumEntries ? (int)count : throw file.Damaged($"a table would have {count} entries");

    private static bool HasRightChecksum(byte[] bytes)
    {
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(ChecksumOffset));
        var crc = Crc32C.Append(Crc32C.Append(Crc32C.Initial, bytes.AsSpan(0, ChecksumOffset)), (uint)0);
        return stored == ~Crc32C.Append(crc, bytes.AsSpan(ChecksumOffset + sizeof(uint)));
    }
}
