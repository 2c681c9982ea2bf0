namespace Packer.Imaging;

/// <summary>Reads the blocks of a dynamic VHD ("Block Allocation Table and Data Blocks").</summary>
/// <param name="file">The file.</param>
/// <param name="length">Length of the disk in bytes.</param>
/// <param name="blockSize">Length of a block in bytes.</param>
/// <param name="tableOffset">Where the table of blocks is.</param>
internal sealed class VhdDynamicSource(DiskFile file, long length, long blockSize, long tableOffset) : BlockSource(file, length, blockSize)
{
    private const int EntrySize = 4;
    private const int SectorSize = 512;
    private const uint Absent = uint.MaxValue;

    private readonly TableReader table = new(file);

    /// <summary>A bit for each sector stands before the block, in whole sectors.</summary>
    private readonly long bitmapSize = Alignment.RoundUp(Alignment.DivideRoundUp(blockSize / SectorSize, 8), SectorSize);

    protected override BlockPlace Locate(long block)
    {
        var sector = table.BigUInt32(tableOffset + (block * EntrySize));
        return sector == Absent ? BlockPlace.Zero : BlockPlace.Plain((sector * (long)SectorSize) + bitmapSize);
    }
}
