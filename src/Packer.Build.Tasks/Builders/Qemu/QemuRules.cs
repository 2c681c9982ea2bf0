namespace Packer.Builders.Qemu;

/// <summary>What the settings of the builder <c>qemu</c> must keep to beyond their types.</summary>
internal static class QemuRules
{
    private const int VncPasswordLength = 8;

    /// <summary>Checks the settings.</summary>
    public static void Check(QemuConfig config, ConfigValidation validation)
    {
        CheckDisks(config, validation);
        CheckFirmware(config, validation);
        CheckPorts(config, validation);
        CheckArguments(config, validation);
    }

    private static void CheckDisks(QemuConfig config, ConfigValidation validation)
    {
        CheckSize(config.DiskSize, nameof(QemuConfig.DiskSize), validation);
        foreach (var size in config.DiskAdditionalSize) CheckSize(size, nameof(QemuConfig.DiskAdditionalSize), validation);
        if (config is { Format: "raw", DiskCompression: true })
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(QemuConfig.DiskCompression), "'DiskCompression' is for the format qcow2, and 'Format' is 'raw'. Remove one of them.");
        if (config is { UseBackingFile: true, DiskImage: false })
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(QemuConfig.UseBackingFile), "'UseBackingFile' needs a disk image to stand on. Set DiskImage=\"true\" with the image's address in 'IsoUrl', or remove it.");
        if (config is { UseBackingFile: true, Format: not "qcow2" })
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(QemuConfig.UseBackingFile), $"'UseBackingFile' is for the format qcow2, and 'Format' is '{config.Format}'. Remove one of them.");
        if (config is { SkipResizeDisk: true, DiskImage: false })
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(QemuConfig.SkipResizeDisk), "'SkipResizeDisk' is for disk images. Set DiskImage=\"true\", or remove it.");
        if (config is { IsoSkipCache: true, DiskImage: true })
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(QemuConfig.IsoSkipCache), "'IsoSkipCache' is for CDs, and a disk image is copied before it is used. Remove one of 'IsoSkipCache' and 'DiskImage'.");
        if (config.VmName is { } name && (name.Length == 0 || Path.GetFileName(name) != name || name is "." or ".."))
            validation.Error(DiagnosticCodes.WrongValue, nameof(QemuConfig.VmName), $"'VmName' is '{name}', which cannot be the name of a file. Give a name without folders.");
    }

    private static void CheckSize(string? size, string key, ConfigValidation validation)
    {
        if (size is not null && !DiskSizeText.TryParse(size, out _))
            validation.Error(DiagnosticCodes.WrongValue, key, $"'{key}' is '{size}'. Give a number with b, K, M, G or T, such as 40G; without one of them it is in MiB.");
    }

    private static void CheckFirmware(QemuConfig config, ConfigValidation validation)
    {
        var efi = config.EfiBoot == true || config.EfiFirmwareCode is not null || config.EfiFirmwareVars is not null;
        if (efi && config.Firmware is not null)
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(QemuConfig.Firmware), "both 'Firmware' and UEFI ('EfiBoot', 'EfiFirmwareCode' or 'EfiFirmwareVars') are set. Remove one of them.");
        if (config.EfiFirmwareCode is null != config.EfiFirmwareVars is null)
            validation.Error(DiagnosticCodes.RequiredKeyMissing, config.EfiFirmwareCode is null ? nameof(QemuConfig.EfiFirmwareVars) : nameof(QemuConfig.EfiFirmwareCode),
                "only one of 'EfiFirmwareCode' and 'EfiFirmwareVars' is set, and they belong together. Set both, or neither to let them be found.");
        if (config is { EfiBoot: false, EfiFirmwareCode: not null })
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(QemuConfig.EfiBoot), "'EfiBoot' is false, and 'EfiFirmwareCode' is set. Remove one of them.");
        if (config is { UseTpm1: true, Vtpm: false })
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(QemuConfig.UseTpm1), "'UseTpm1' is set without 'Vtpm'. Set Vtpm=\"true\", or remove it.");
        if (config.KernelPath is null && (config.InitrdPath ?? config.KernelArgs) is not null)
            validation.Error(DiagnosticCodes.RequiredKeyMissing, nameof(QemuConfig.KernelPath), "'InitrdPath' and 'KernelArgs' need a kernel. Set 'KernelPath' too.");
    }

    private static void CheckPorts(QemuConfig config, ConfigValidation validation)
    {
        if (config.HostPortMin > config.HostPortMax)
            validation.Error(DiagnosticCodes.WrongValue, nameof(QemuConfig.HostPortMin), $"'HostPortMin' ({config.HostPortMin}) is greater than 'HostPortMax' ({config.HostPortMax}). Exchange them.");
        if (config.VncPortMin > config.VncPortMax)
            validation.Error(DiagnosticCodes.WrongValue, nameof(QemuConfig.VncPortMin), $"'VncPortMin' ({config.VncPortMin}) is greater than 'VncPortMax' ({config.VncPortMax}). Exchange them.");
        if (config.VncPassword is { IsReference: false } password && password.Reveal().Length > VncPasswordLength)
            validation.Error(DiagnosticCodes.WrongValue, nameof(QemuConfig.VncPassword), $"'VncPassword' is longer than {VncPasswordLength} characters, which is all that VNC looks at. Shorten it.");
        if (config.NetBridge is not null && !OperatingSystem.IsLinux())
            validation.Error(DiagnosticCodes.WrongValue, nameof(QemuConfig.NetBridge), "'NetBridge' is for Linux. Remove it, so that QEMU's own network is used.");
    }

    private static void CheckArguments(QemuConfig config, ConfigValidation validation)
    {
        foreach (var entry in config.QemuArgs)
        {
            if (entry.Count == 0 || !entry[0].StartsWith('-'))
                validation.Error(DiagnosticCodes.WrongValue, nameof(QemuConfig.QemuArgs), $"an entry of 'QemuArgs' is [{string.Join(", ", entry.Select(part => $"\"{part}\""))}]. Each begins with a switch: [\"-cpu\", \"max\"].");
        }
    }
}
