using System.Globalization;
using Packer.Builders.Qemu;
using Packer.Engine.Planning;

namespace Packer.Running;

/// <summary>All that the command line is made of besides the hardware.</summary>
internal sealed record RunFiles
{
    /// <summary>Name of the machine.</summary>
    public required string Name { get; init; }

    public required DiskFile Disk { get; init; }

    /// <summary>The firmware for UEFI, with variables of the machine's own; null for BIOS.</summary>
    public Firmware? Firmware { get; init; }

    /// <summary>What runs the machine's instructions: <c>kvm</c>, <c>hvf</c>, <c>whpx</c> or <c>tcg</c>.</summary>
    public required string Accelerator { get; init; }

    /// <summary>QEMU's version.</summary>
    public required Version Version { get; init; }

    public required IReadOnlyList<PortForward> Ports { get; init; }

    /// <summary>Full path of the file that gets what the machine writes to its first serial port.</summary>
    public required string SerialLog { get; init; }

    /// <summary>Value of <c>-qmp</c>.</summary>
    public required string Qmp { get; init; }
}

/// <summary>
/// The command line of QEMU for starting a finished image: a pure function, so that it can be looked at for systems that are not at hand. The disk is opened
/// for reading only; what the guest writes goes to a temporary file that ends with the machine (<c>snapshot=on</c>).
/// </summary>
internal static class RunCommandLine
{
    private const string Software = AcceleratorTrial.Software;
    private const string Whpx = "whpx";

    /// <summary>The first version whose emulator keeps the flags around <c>cmpxchg16b</c>.</summary>
    private static readonly Version FirstGoodEmulator = new(8, 0);

    /// <summary>The first version that signs Arm's pointers by a method of its own where asked to.</summary>
    private static readonly Version FirstWithFastSignatures = new(6, 0);

    /// <summary>Makes the command line.</summary>
    public static IReadOnlyList<string> Create(MachineSettings machine, RunFiles run)
    {
        var arguments = new List<string>
        {
            "-name", QemuText.Escape(run.Name),
            "-machine", "type=" + machine.MachineType,
            // Without its own interrupt controller Windows' hypervisor loses interrupts ("whpx: injection failed").
            "-accel", run.Accelerator == Whpx ? "whpx,kernel-irqchip=off" : run.Accelerator,
        };
        if (Processor(machine, run) is { } processor) arguments.AddRange(["-cpu", processor]);
        arguments.AddRange(["-m", Number(machine.Memory) + "M", "-nodefaults", "-no-user-config", "-display", "none"]);
        // A screen that nobody looks at, but that can be kept when something goes wrong.
        arguments.AddRange(machine.IsArm64 ? ["-device", "virtio-gpu-pci"] : ["-vga", "std"]);
        if (run.Firmware is { } firmware) AddFirmware(arguments, run.Accelerator, firmware);
        AddDisk(arguments, machine, run.Disk);
        arguments.AddRange(["-netdev", "user,id=net" + string.Concat(run.Ports.Select(port => $",hostfwd=tcp:127.0.0.1:{Number(port.Host)}-:{Number(port.Guest)}"))]);
        arguments.AddRange(["-device", machine.NetDevice + ",netdev=net"]);
        if (MustHide(machine, run) && machine.HasSystemdBoot) arguments.AddRange(["-smbios", "type=11,value=io.systemd.boot.kernel-cmdline-extra=clearcpuid=cx16,value=io.systemd.stub.kernel-cmdline-extra=clearcpuid=cx16"]);
        arguments.AddRange(["-serial", "file:" + run.SerialLog, "-qmp", run.Qmp]);
        return arguments;
    }

    /// <summary>
    /// What is done against the defect of QEMU's emulator before version 8, which now and then damages the flags around the instruction <c>cmpxchg16b</c> and so
    /// makes Linux crash; null where it does not bite.
    /// </summary>
    public static string? Remedy(MachineSettings machine, RunFiles run) => !MustHide(machine, run) ? null
        : $"QEMU {run.Version} emulates the instruction cmpxchg16b with a defect that makes Linux crash now and then (mended in QEMU 8). "
            + (machine.HasSystemdBoot
                ? "The kernel of the image is told to do without it (clearcpuid=cx16, through SMBIOS)."
                : "The processor of the machine is without it (cx16=off); a program that cannot do without it, such as one of .NET NativeAOT, does not start then.");

    private static bool MustHide(MachineSettings machine, RunFiles run) => run.Accelerator == Software && !machine.IsArm64 && run.Version < FirstGoodEmulator;

    private static string? Processor(MachineSettings machine, RunFiles run)
    {
        // The best that each can give; Windows' hypervisor takes neither "host" nor "max" everywhere.
        var model = machine.CpuModel ?? run.Accelerator switch
        {
            Whpx => null,
            // Signing pointers by the method of Arm takes half of the emulator's time.
            Software => machine.IsArm64 && run.Version >= FirstWithFastSignatures ? "max,pauth-impdef=on" : "max",
            _ => "host",
        };
        return MustHide(machine, run) && !machine.HasSystemdBoot ? $"{model},cx16=off" : model;
    }

    private static void AddFirmware(List<string> arguments, string accelerator, Firmware firmware)
    {
        // Windows' hypervisor cannot run code from flash memory. As a ROM the firmware keeps its variables in memory.
        if (accelerator == Whpx)
        {
            arguments.AddRange(["-bios", firmware.Code]);
            return;
        }
        arguments.AddRange(["-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={QemuText.Escape(firmware.Code)}"]);
        arguments.AddRange(["-drive", $"if=pflash,unit=1,format=raw,file={QemuText.Escape(firmware.Variables)}"]);
    }

    private static void AddDisk(List<string> arguments, MachineSettings machine, DiskFile disk)
    {
        if (disk.Format == DiskFile.Program)
        {
            arguments.AddRange(["-kernel", disk.Path]);
            return;
        }
        arguments.AddRange(["-drive", $"if=none,id=disk,format={disk.Format},snapshot=on,file={QemuText.Escape(disk.Path)}"]);
        switch (machine.DiskInterface)
        {
            case "virtio-scsi": arguments.AddRange(["-device", "virtio-scsi-pci,id=scsi0", "-device", "scsi-hd,bus=scsi0.0,drive=disk,bootindex=0"]); break;
            case "scsi": arguments.AddRange(["-device", "lsi53c895a,id=scsi0", "-device", "scsi-hd,bus=scsi0.0,drive=disk,bootindex=0"]); break;
            case "sata": arguments.AddRange(["-device", "ich9-ahci,id=ahci0", "-device", "ide-hd,bus=ahci0.0,drive=disk,bootindex=0"]); break;
            case "nvme": arguments.AddRange(["-device", "nvme,serial=disk,drive=disk,bootindex=0"]); break;
            case "ide": arguments.AddRange(["-device", "ide-hd,drive=disk,bootindex=0"]); break;
            case "sd": arguments.AddRange(["-device", "sdhci-pci,id=sdhci0", "-device", "sd-card,drive=disk"]); break;
            default: arguments.AddRange(["-device", "virtio-blk-pci,drive=disk,bootindex=0"]); break;
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
