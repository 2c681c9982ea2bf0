using System.Globalization;

namespace Packer.Builders.Qemu;

/// <summary>The command line of QEMU: a function of the settings and of what has been prepared, always in the same order.</summary>
internal static class CommandLine
{
    /// <summary>Id of the network in QEMU.</summary>
    public const string Network = "user.0";

    /// <summary>Makes the command line.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="plan">What the machine is made of.</param>
    /// <param name="render">Fills in the fields of the user's own arguments.</param>
    public static IReadOnlyList<string> Create(QemuConfig config, MachinePlan plan, Func<string, string> render)
    {
        var arguments = new QemuArguments();
        arguments.Add("-name", QemuText.Escape(plan.Name));
        arguments.Add("-machine", "type=" + plan.MachineType + (plan.Accelerator == "none" ? "" : ",accel=" + plan.Accelerator));
        if (ProcessorOf(config, plan.Accelerator) is { } processor) arguments.Add("-cpu", processor);
        arguments.Add("-m", Number(config.Memory) + "M");
        arguments.Add("-smp", Processors(config));
        AddFirmware(arguments, config, plan);
        // With an order of the user's own the devices must not have one, or it would have no effect.
        var ordered = !config.QemuArgs.Any(entry => entry.Count > 0 && entry[0] == "-boot");
        AddDisks(arguments, config, plan, ordered);
        if (plan.Floppy is not null) arguments.Add("-drive", $"if=floppy,index=0,format=raw,readonly=on,file={QemuText.Escape(plan.Floppy)}");
        AddKernel(arguments, config, render);
        AddNetwork(arguments, config, plan);
        if (plan.TpmSocket is not null)
        {
            arguments.Add("-chardev", "socket,id=vtpm,path=" + QemuText.Escape(plan.TpmSocket));
            arguments.Add("-tpmdev", "emulator,id=tpm0,chardev=vtpm");
            arguments.Add("-device", config.TpmDeviceType + ",tpmdev=tpm0");
        }
        AddScreen(arguments, config, plan);
        arguments.Add("-serial", "file:" + plan.SerialLog);
        arguments.Add("-qmp", plan.Qmp);
        if (plan.QmpForOthers is { } socket) arguments.Add("-qmp", $"unix:{QemuText.Escape(socket)},server=on,wait=off");
        arguments.Merge([.. config.QemuArgs.Select(entry => (IReadOnlyList<string>)[entry[0], .. entry.Skip(1).Select(render)])]);
        return arguments.ToList();
    }

    /// <summary>The model of the processor; null for QEMU's own choice.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="accelerator">What runs the guest's instructions.</param>
    public static string? ProcessorOf(QemuConfig config, string accelerator)
    {
        if (config.CpuModel is not null) return config.CpuModel;
        return accelerator == AcceleratorTrial.Software && Path.GetFileName(config.QemuBinary).Contains("x86_64", StringComparison.OrdinalIgnoreCase) ? "qemu64,+rdrand" : null;
    }

    private static string Processors(QemuConfig config)
    {
        var product = Math.Max(1, config.Sockets) * Math.Max(1, config.Cores) * Math.Max(1, config.Threads);
        var topology = config.Sockets + config.Cores + config.Threads > 0;
        var count = config.Cpus == 0 || (topology && config.Cpus > product) ? product : config.Cpus;
        return Number(count)
            + (config.Sockets > 0 ? ",sockets=" + Number(config.Sockets) : "")
            + (config.Cores > 0 ? ",cores=" + Number(config.Cores) : "")
            + (config.Threads > 0 ? ",threads=" + Number(config.Threads) : "");
    }

    private static void AddFirmware(QemuArguments arguments, QemuConfig config, MachinePlan plan)
    {
        if (plan.Firmware is { } firmware)
        {
            arguments.Add("-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={QemuText.Escape(firmware.Code)}");
            arguments.Add("-drive", $"if=pflash,unit=1,format=raw,file={QemuText.Escape(firmware.Variables)}");
        }
        if (config.Firmware is not { } bios) return;
        if (config.UsePflash) arguments.Add("-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={QemuText.Escape(bios)}");
        else arguments.Add("-bios", bios);
    }

    private static void AddDisks(QemuArguments arguments, QemuConfig config, MachinePlan plan, bool ordered)
    {
        var cdInterface = config.CdromInterface ?? (plan.MachineType.StartsWith("virt", StringComparison.Ordinal) || plan.MachineType == "microvm" ? "virtio-scsi" : "ide");
        var interfaces = new List<string>();
        if (plan.Disks.Count > 0) interfaces.Add(config.DiskInterface);
        if (plan.Cds.Count > 0) interfaces.Add(cdInterface);
        // A PC of today ("q35") has no IDE but SATA, at which its IDE devices are; the old one has no SATA of its own.
        if (interfaces.Contains("sata")) arguments.Add("-device", "ich9-ahci,id=ahci0");
        if (interfaces.Contains("scsi")) arguments.Add("-device", "lsi53c895a,id=scsi0");
        if (interfaces.Contains("virtio-scsi")) arguments.Add("-device", "virtio-scsi-pci,id=virtio-scsi0");
        if (interfaces.Contains("sd")) arguments.Add("-device", "sdhci-pci,id=sdhci0");

        var sataPort = 0;
        // QEMU itself gives the first place to a kernel that is booted directly, and wants each place taken once.
        var bootIndex = config.KernelPath is null ? 0 : 1;
        for (var index = 0; index < plan.Disks.Count; index++)
        {
            var id = "disk" + Number(index);
            arguments.Add("-drive", $"if=none,id={id},file={QemuText.Escape(plan.Disks[index])},format={plan.DiskFormat},cache={config.DiskCache},discard={config.DiskDiscard}"
                + (config.DiskDetectZeroes == "off" ? "" : ",detect-zeroes=" + config.DiskDetectZeroes));
            arguments.Add("-device", Device(config.DiskInterface, id, isCd: false, ref sataPort) + Boot(bootable: config.DiskInterface != "sd"));
        }
        for (var index = 0; index < plan.Cds.Count; index++)
        {
            var id = "cdrom" + Number(index);
            arguments.Add("-drive", $"if=none,id={id},file={QemuText.Escape(plan.Cds[index])},format=raw,media=cdrom,readonly=on");
            arguments.Add("-device", Device(cdInterface, id, isCd: true, ref sataPort) + Boot(bootable: true));
        }

        // The disk first: it is passed over as long as it is empty, and the installed system starts from it after that.
        string Boot(bool bootable) => ordered && bootable ? ",bootindex=" + Number(bootIndex++) : "";
    }

    private static string Device(string kind, string drive, bool isCd, ref int sataPort) => kind switch
    {
        "virtio" => $"virtio-blk-pci,drive={drive}",
        "virtio-scsi" => $"{(isCd ? "scsi-cd" : "scsi-hd")},bus=virtio-scsi0.0,drive={drive}",
        "scsi" => $"{(isCd ? "scsi-cd" : "scsi-hd")},bus=scsi0.0,drive={drive}",
        "sata" => $"{(isCd ? "ide-cd" : "ide-hd")},bus=ahci0.{Number(sataPort++)},drive={drive}",
        "sd" => $"sd-card,drive={drive}",
        "nvme" => $"nvme,serial={drive},drive={drive}",
        _ => $"{(isCd ? "ide-cd" : "ide-hd")},drive={drive}",
    };

    private static void AddKernel(QemuArguments arguments, QemuConfig config, Func<string, string> render)
    {
        if (config.KernelPath is null) return;
        arguments.Add("-kernel", config.KernelPath);
        if (config.InitrdPath is not null) arguments.Add("-initrd", config.InitrdPath);
        if (config.KernelArgs is not null) arguments.Add("-append", render(config.KernelArgs));
    }

    private static void AddNetwork(QemuArguments arguments, QemuConfig config, MachinePlan plan)
    {
        if (config.NetBridge is { } bridge) arguments.Add("-netdev", $"bridge,id={Network},br={bridge}");
        else arguments.Add("-netdev", $"user,id={Network}" + (plan.HostPort is { } port ? $",hostfwd=tcp:127.0.0.1:{Number(port)}-:{Number(plan.GuestPort)}" : ""));
        arguments.Add("-device", $"{config.NetDevice},netdev={Network}" + (plan.HardwareAddress is null ? "" : ",mac=" + plan.HardwareAddress));
    }

    private static void AddScreen(QemuArguments arguments, QemuConfig config, MachinePlan plan)
    {
        if (config.Vga is not null) arguments.Add("-vga", config.Vga);
        if (!plan.HasDisplay) arguments.Add("-display", "none");
        else if (!config.UseDefaultDisplay && config.Display != "none") arguments.Add("-display", config.Display ?? (OperatingSystem.IsMacOS() ? "cocoa" : OperatingSystem.IsWindows() ? "sdl" : "gtk"));
        if (plan.VncPort is { } vnc) arguments.Add("-vnc", $"{config.VncBindAddress}:{Number(vnc - 5900)}" + (config.VncUsePassword || config.VncPassword is not null ? ",password=on" : ""));
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
