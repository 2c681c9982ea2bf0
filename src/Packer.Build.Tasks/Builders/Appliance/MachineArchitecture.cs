using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>What of an image depends on the processor of its machine.</summary>
internal sealed record MachineArchitecture
{
    public static readonly MachineArchitecture X64 = new()
    {
        RuntimeIdentifier = "linux-x64",
        Debian = "amd64",
        ElfMachine = 62,
        Loader = "/lib64/ld-linux-x86-64.so.2",
        Libraries = "x86_64-linux-gnu",
        Firmware = "x64",
        RootPartition = PartitionTypes.LinuxRootX64,
        RootVerityPartition = PartitionTypes.LinuxRootVerityX64,
        SerialConsole = "ttyS0,115200",
        HasBios = true,
    };

    public static readonly MachineArchitecture Arm64 = new()
    {
        RuntimeIdentifier = "linux-arm64",
        Debian = "arm64",
        ElfMachine = 183,
        Loader = "/lib/ld-linux-aarch64.so.1",
        Libraries = "aarch64-linux-gnu",
        Firmware = "aa64",
        RootPartition = PartitionTypes.LinuxRootArm64,
        RootVerityPartition = PartitionTypes.LinuxRootVerityArm64,
        SerialConsole = "ttyAMA0,115200",
        HasBios = false,
    };

    /// <summary>.NET's runtime identifier of its apps.</summary>
    public required string RuntimeIdentifier { get; init; }

    /// <summary>Debian's name of it, which is Go's too.</summary>
    public required string Debian { get; init; }

    /// <summary>Its number in ELF files (e_machine).</summary>
    public required int ElfMachine { get; init; }

    /// <summary>The loader of programs that use glibc.</summary>
    public required string Loader { get; init; }

    /// <summary>Debian's name of the folder of libraries: the GNU triplet (Debian Policy 9.1.1).</summary>
    public required string Libraries { get; init; }

    /// <summary>How programs for its UEFI firmware are called (UEFI specification, section 3.5.1.1), in lower case.</summary>
    public required string Firmware { get; init; }

    /// <summary>Type of the partition of the root file system.</summary>
    public required Guid RootPartition { get; init; }

    /// <summary>Type of the partition of the hashes of the root file system.</summary>
    public required Guid RootVerityPartition { get; init; }

    /// <summary>The kernel's name of the first serial port, with its speed.</summary>
    public required string SerialConsole { get; init; }

    /// <summary>Whether there are such machines with a BIOS.</summary>
    public required bool HasBios { get; init; }

    /// <summary>Debian's kernel for clouds and hypervisors.</summary>
    public string CloudKernel => $"{PackageSet.KernelPrefix}cloud-{Debian}";

    /// <summary>The architecture of a runtime identifier; that of x86-64 for all that are not known, whose apps are then found to be for another one.</summary>
    public static MachineArchitecture Of(string runtimeIdentifier) => runtimeIdentifier == Arm64.RuntimeIdentifier ? Arm64 : X64;
}
