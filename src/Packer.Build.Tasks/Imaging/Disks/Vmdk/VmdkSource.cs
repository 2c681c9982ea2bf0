using System.Buffers.Binary;

namespace Packer.Imaging;

/// <summary>Reads the grains of a sparse extent (VMware, "Virtual Disk Format 5.0", "Grain Directory and Grain Tables").</summary>
/// <param name="file">The file.</param>
/// <param name="length">Length of the disk in bytes.</param>
/// <param name="grainSize">Length of a grain in bytes.</param>
/// <param name="directoryOffset">Where the grain directory is.</param>
/// <param name="tableEntries">Grains of a grain table.</param>
/// <param name="compressed">Whether grains are compressed, each with a marker.</param>
/// <param name="zeroedGrains">Whether the entry 1 stands for a grain of zeros.</param>
internal sealed class VmdkSource(DiskFile file, long length, long grainSize, long directoryOffset, int tableEntries, bool compressed, bool zeroedGrains) : BlockSource(file, length, grainSize)
{
    private const int SectorSize = VmdkHeader.SectorSize;
    private const int EntrySize = 4;

    /// <summary>Sector of the disk (8 bytes), length of the data (4 bytes).</summary>
    private const int MarkerSize = 12;

    private readonly TableReader tables = new(file);

    protected override BlockPlace Locate(long block)
    {
        var table = Table(block / tableEntries);
        if (table == 0) return BlockPlace.Zero;
        var sector = tables.LittleUInt32(table + (block % tableEntries * EntrySize));
        if (sector == 0 || (zeroedGrains && sector == 1)) return BlockPlace.Zero;
        return compressed ? LocateCompressed(block, sector * (long)SectorSize) : BlockPlace.Plain(sector * (long)SectorSize);
    }

    protected override long NextMapped(long block)
    {
        while (block < BlockCount && Table(block / tableEntries) == 0) block = (block / tableEntries + 1) * tableEntries;
        return block;
    }

    protected override void Expand(long block, ReadOnlyMemory<byte> stored, Span<byte> destination)
    {
        try
        {
            Inflater.InflateZlib(stored, destination);
        }
        catch (InvalidDataException cause)
        {
            throw File.Damaged($"the compressed grain {block} cannot be expanded ({cause.Message.TrimEnd('.')})", cause);
        }
    }

    private long Table(long index) => tables.LittleUInt32(directoryOffset + (index * EntrySize)) * (long)SectorSize;

    private BlockPlace LocateCompressed(long block, long offset)
    {
        Span<byte> marker = stackalloc byte[MarkerSize];
        File.Read(offset, marker);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(marker[8..]);
        if (BinaryPrimitives.ReadInt64LittleEndian(marker) != block * (BlockSize / SectorSize)) throw File.Damaged($"at offset {offset} there is another grain than {block}");
        // What does not shrink becomes a little longer.
        if (size == 0 || size > (2 * BlockSize) + SectorSize) throw File.Damaged($"the compressed grain {block} would have {size} bytes");
        return BlockPlace.Compressed(offset + MarkerSize, (int)size);
    }
}
