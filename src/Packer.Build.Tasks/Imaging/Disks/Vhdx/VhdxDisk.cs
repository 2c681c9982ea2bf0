namespace Packer.Imaging;

/// <summary>What the metadata of a VHDX says of its disk ([MS-VHDX] 2.6.2).</summary>
/// <param name="Length">Length of the disk in bytes.</param>
/// <param name="BlockSize">Length of a block in bytes.</param>
/// <param name="SectorSize">Length of a logical sector in bytes.</param>
internal sealed record VhdxDisk(long Length, long BlockSize, long SectorSize)
{
    /// <summary>After so many blocks the table has an entry for a bitmap of sectors ([MS-VHDX] 2.5.1).</summary>
    public long BlocksPerBitmap => (1L << 23) * SectorSize / BlockSize;
}
