using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>Makes a disk of the trees of its partitions. Nothing is copied: the disk refers to the files.</summary>
internal static class DiskComposer
{
    // For what a boot loader or a person may put there, such as a random seed.
    private const long BootFreeSpace = 1 << 20;
    private const string BiosName = "packer-bios";
    private const string BootName = "packer-boot";
    private const string RootName = "packer-root";
    private const string VerityName = "packer-verity";
    private const string DataName = "packer-data";

    /// <summary>Composes the disk.</summary>
    /// <param name="identity">Gives the ids.</param>
    /// <param name="boot">The content of the boot partition.</param>
    /// <param name="root">The content of the root partition; null for a disk without one.</param>
    /// <param name="verified">The same as a file system with its hashes, where it is checked as it is read; else null.</param>
    /// <param name="commandLine">The parameters of the kernel.</param>
    /// <param name="architecture">The processor.</param>
    /// <param name="config">The settings.</param>
    /// <param name="timestamp">When the file systems were made.</param>
    /// <exception cref="PackerException"><see cref="DiagnosticCodes.DiskTooSmall"/>.</exception>
    public static SparseImage Compose(ImageIdentity identity, FileTree boot, FileTree? root, VerifiedRoot? verified, string commandLine, MachineArchitecture architecture, ApplianceConfig config, long timestamp)
    {
        var bootOptions = new Fat32Options { VolumeId = identity.BootVolume, Label = "PACKER", DiskOffset = GuidPartitionTable.PreferredAlignment };
        var rootOptions = RootOptions(identity, timestamp);
        var layout = DiskLayout.Create(
            Fat32Writer.MinimumSize(boot, bootOptions, BootFreeSpace),
            verified?.FileSystem.Length ?? (root is null ? 0 : Ext4Writer.MinimumSize(root, rootOptions, config.IsImmutable ? 0 : config.FreeSpace.Bytes)),
            verified?.Hashes.Image.Length ?? 0, config.DataSize?.Bytes ?? 0, config.DiskSize?.Bytes);

        var disk = new SparseImage(layout.Length);
        List<Partition> partitions =
        [
            new(PartitionTypes.EfiSystem, identity.BootPartition, BootName, layout.BootOffset, layout.BootLength),
            .. root is null ? [] : (Partition[])[new Partition(architecture.RootPartition, verified?.Partition ?? identity.RootPartition, RootName, layout.RootOffset, layout.RootLength)],
            .. verified is null ? [] : (Partition[])[new Partition(architecture.RootVerityPartition, verified.HashPartition, VerityName, layout.VerityOffset, layout.VerityLength)],
            .. layout.DataLength == 0 ? [] : (Partition[])[new Partition(PartitionTypes.LinuxData, identity.DataPartition, DataName, layout.DataOffset, layout.DataLength)],
        ];
        var volume = Fat32Writer.Create(boot, layout.BootLength, bootOptions);
        if (config.BootMode == ApplianceConfig.Unified || !architecture.HasBios)
        {
            // A unified kernel image is a program for UEFI; a BIOS can start nothing.
            GuidPartitionTable.AddTo(disk, identity.Disk, partitions);
        }
        else
        {
            partitions.Add(new Partition(PartitionTypes.BiosBoot, identity.BiosPartition, BiosName, BiosLoader.Offset, layout.BootOffset - BiosLoader.Offset));
            GuidPartitionTable.AddTo(disk, identity.Disk, partitions, BiosLoader.BootSector);
            disk.Add(BiosLoader.Offset, BiosLoader.Create(Place(BootTree.Kernel), Place(BootTree.RamDisk), commandLine));
        }
        disk.AddImage(layout.BootOffset, volume.Image);
        if (root is not null) disk.AddImage(layout.RootOffset, verified?.FileSystem ?? Ext4Writer.Create(root, layout.RootLength, rootOptions));
        if (verified is not null) disk.AddImage(layout.VerityOffset, verified.Hashes.Image);
        if (layout.DataLength > 0) disk.AddImage(layout.DataOffset, Ext4Writer.Create(new FileTree(timestamp), layout.DataLength, new Ext4Options { Uuid = identity.DataFileSystem, Timestamp = timestamp, Label = DataName }));
        return disk;

        (long, long) Place(string path) => (layout.BootOffset + volume.FileOffsets[path], boot.Get(path).Data.Length);
    }

    /// <summary>How the root file system is made.</summary>
    public static Ext4Options RootOptions(ImageIdentity identity, long timestamp) => new() { Uuid = identity.RootFileSystem, Timestamp = timestamp, Label = RootName };
}
