using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>
/// The ids of a disk and its parts: from the names of image and suite alone, so that a rebuild keeps them and two images differ in them.
/// </summary>
internal sealed record ImageIdentity(string Image, string Suite)
{
    public Guid Disk => Id("disk");

    public Guid BiosPartition => Id("bios");

    public Guid BootPartition => Id("boot");

    public Guid RootPartition => Id("root");

    public Guid RootFileSystem => Id("ext4");

    public Guid DataPartition => Id("data");

    public Guid DataFileSystem => Id("data ext4");

    public Guid VerityTree => Id("verity");

    /// <summary>What the hashes of this image's file systems begin with.</summary>
    public byte[] VeritySalt => SHA256.HashData(Encoding.UTF8.GetBytes($"packer.appliance/{Suite}/{Image}/salt"));

    public uint BootVolume => BinaryPrimitives.ReadUInt32BigEndian(Id("fat").ToByteArray(bigEndian: true));

    /// <summary>The parameters of the kernel (Linux, Documentation/admin-guide/kernel-parameters).</summary>
    /// <param name="config">The settings.</param>
    /// <param name="architecture">The processor.</param>
    /// <param name="rootHash">The hash by which the root file system is checked, in hex; null where it is not.</param>
    public string KernelCommandLine(ApplianceConfig config, MachineArchitecture architecture, string? rootHash = null)
    {
        // The last console is the one that programs write to. After a panic there are ten seconds to read it.
        string[] own =
        [
            // A root file system in memory takes what it needs, and not half of the memory at the most as a tmpfs does.
            .. config.Root == ApplianceConfig.InMemory ? ["packer.root=ram", "rootfstype=ramfs"]
                // As systemd has it, which finds both partitions by the hash (UAPI Discoverable Partitions Specification).
                : rootHash is not null ? ["roothash=" + rootHash, "ro"]
                : (string[])[string.Create(CultureInfo.InvariantCulture, $"root=PARTUUID={RootPartition:D}"), config.Immutable ? "ro" : "rw"],
            .. config.DataSize is null ? [] : (string[])[string.Create(CultureInfo.InvariantCulture, $"packer.data=PARTUUID={DataPartition:D}")], "console=tty0", "console=" + architecture.SerialConsole, "panic=10",
            // A Debian says what it starts.
            .. config.Shape == ApplianceConfig.Debian ? [] : (string[])["quiet"],
        ];
        return string.Join(' ', own.Concat(config.KernelArguments));
    }

    private Guid Id(string part) => DeterministicGuid.Create($"packer.appliance/{Suite}/{Image}/{part}");
}
