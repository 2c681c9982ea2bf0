using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>Where the partitions lie, in bytes; all on whole MiB.</summary>
/// <param name="BootOffset">Where the boot partition begins.</param>
/// <param name="BootLength">Its length.</param>
/// <param name="RootOffset">Where the root partition begins.</param>
/// <param name="RootLength">Its length.</param>
/// <param name="VerityLength">Length of the partition of hashes, which begins where the root partition ends; 0 where there is none.</param>
/// <param name="DataOffset">Where the data partition begins: at a fixed distance from the end, so that with the same sizes a new version of the image has it in the same place.</param>
/// <param name="DataLength">Length of the data partition; 0 where there is none.</param>
/// <param name="Length">Length of the disk.</param>
internal sealed record DiskLayout(long BootOffset, long BootLength, long RootOffset, long RootLength, long VerityLength, long DataOffset, long DataLength, long Length)
{
    /// <summary>Where the partition of hashes begins.</summary>
    public long VerityOffset => RootOffset + RootLength;

    private const long Unit = GuidPartitionTable.PreferredAlignment;

    /// <summary>Lays out a disk.</summary>
    /// <param name="bootMinimum">Bytes that the boot partition needs.</param>
    /// <param name="rootMinimum">Bytes that the root partition needs.</param>
    /// <param name="verityLength">Bytes of the hashes of the root partition, which then takes no more than it needs; 0 for none.</param>
    /// <param name="dataLength">Bytes of the data partition, a multiple of 1 MiB; 0 for none.</param>
    /// <param name="diskSize">The size of the disk in bytes, a multiple of 1 MiB; null: as small as can be.</param>
    /// <exception cref="PackerException"><see cref="DiagnosticCodes.DiskTooSmall"/>, with the size that is needed.</exception>
    public static DiskLayout Create(long bootMinimum, long rootMinimum, long verityLength, long dataLength, long? diskSize)
    {
        var bootLength = Alignment.RoundUp(bootMinimum, Unit);
        var rootOffset = Unit + bootLength;
        var smallestRoot = Alignment.RoundUp(rootMinimum, Unit);
        verityLength = Alignment.RoundUp(verityLength, Unit);
        var needed = rootOffset + smallestRoot + verityLength + dataLength + Alignment.RoundUp(GuidPartitionTable.BackupLength, Unit);
        var length = diskSize ?? needed;
        if (length < needed) throw new PackerException(DiagnosticCodes.DiskTooSmall,
            $"A disk of {length >> 20} MiB is too small: {needed >> 20} MiB are needed for the boot files, the system, the app and the room asked for. Set DiskSize to '{needed >> 20}M' or more, remove it, or lower FreeSpace or DataSize.");
        var dataOffset = Alignment.RoundDown(length - GuidPartitionTable.BackupLength, Unit) - dataLength;
        return new DiskLayout(Unit, bootLength, rootOffset, verityLength > 0 ? smallestRoot : dataOffset - rootOffset, verityLength, dataOffset, dataLength, length);
    }
}
