using System.Globalization;
using Packer.Builders.Appliance;
using Packer.Builders.Qemu;
using Packer.Configuration;
using Packer.Engine.Planning;

namespace Packer.Running;

/// <summary>
/// The hardware that an image is started on. What a VM builder built its image on is what the image knows; an appliance, and any other disk, gets a PC of today, or
/// what QEMU has for arm64.
/// </summary>
internal sealed record MachineSettings
{
    private const string VmBuilder = "qemu";
    private const string ApplianceBuilder = "appliance";
    private const string UefiVariables = "efivars.fd";
    private const string Arm64 = "aarch64";
    private const string X64Program = "qemu-system-x86_64";
    private const int DefaultMemory = 512;

    /// <summary>For an appliance whose root file system is in memory.</summary>
    private const int DefaultMemoryWithRoot = 1024;

    /// <summary>The program of QEMU.</summary>
    public string Program { get; init; } = X64Program;

    public string MachineType { get; init; } = "q35";

    /// <summary>The processor, or null for the one that fits the accelerator.</summary>
    public string? CpuModel { get; init; }

    /// <summary>In MiB.</summary>
    public int Memory { get; init; } = DefaultMemory;

    public string DiskInterface { get; init; } = "virtio";

    public string NetDevice { get; init; } = "virtio-net-pci";

    public bool Uefi { get; init; }

    /// <summary>Full path of the variables of UEFI that belong to the image, or null for empty ones.</summary>
    public string? Variables { get; init; }

    /// <summary>The accelerator that the user wants, or null for the best.</summary>
    public string? Accelerator { get; init; }

    /// <summary>Whether systemd-boot or systemd's stub starts the image's kernel, which take parameters from the firmware (systemd-boot(7), systemd-stub(7), SMBIOS type 11).</summary>
    public bool HasSystemdBoot { get; init; }

    public bool IsArm64 => Firmware.ArchitectureOf(Program) == Arm64;

    /// <summary>What fits an image.</summary>
    /// <param name="plan">Its plan.</param>
    /// <param name="files">Full paths of its files.</param>
    public static MachineSettings Of(ImagePlan plan, IReadOnlyList<string> files)
    {
        var config = plan.Builder.Config;
        var variables = files.FirstOrDefault(file => Path.GetFileName(file) == UefiVariables);
        var isAppliance = plan.Builder.Name == ApplianceBuilder;
        var isArm64 = isAppliance && plan.App is { } app && MachineArchitecture.Of(app.RuntimeIdentifier) == MachineArchitecture.Arm64;
        var settings = new MachineSettings
        {
            Program = isArm64 ? "qemu-system-" + Arm64 : X64Program,
            MachineType = isArm64 ? "virt" : "q35",
            Memory = plan.Run.Memory ?? (isAppliance && Text(config, "root") == ApplianceConfig.InMemory ? DefaultMemoryWithRoot : DefaultMemory),
            Uefi = isArm64 || (plan.Run.Firmware is { } firmware ? firmware == RunPlan.Uefi : isAppliance || variables is not null),
            Variables = variables,
            Accelerator = plan.Run.Accelerator,
            HasSystemdBoot = isAppliance,
        };
        if (plan.Builder.Name != VmBuilder) return settings;

        settings = settings with { Program = Text(config, "qemu_binary") ?? settings.Program };
        return settings with
        {
            MachineType = Text(config, "machine_type") ?? (settings.IsArm64 ? "virt" : "pc"),
            CpuModel = Text(config, "cpu_model"),
            Memory = plan.Run.Memory ?? (int.TryParse(Text(config, "memory"), NumberStyles.None, CultureInfo.InvariantCulture, out var memory) ? memory : DefaultMemory),
            DiskInterface = Text(config, "disk_interface") ?? settings.DiskInterface,
            NetDevice = Text(config, "net_device") ?? settings.NetDevice,
            Accelerator = settings.Accelerator ?? Text(config, "accelerator"),
            Uefi = settings.Uefi || settings.IsArm64,
        };
    }

    private static string? Text(MergedConfig config, string key) => config.Find(key)?.Value.ToString() is { Length: > 0 } text ? text : null;
}
