using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>The rules of <see cref="ApplianceConfig"/> that attributes cannot say.</summary>
internal static class ApplianceRules
{
    private const long DiskUnit = 1 << 20;

    /// <summary>Reports every fault: the code, the property and the message.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="error">Is told.</param>
    public static void Check(ApplianceConfig config, Action<string, string?, string> error)
    {
        CheckMirror(config.DebianMirror, nameof(config.DebianMirror));
        CheckMirror(config.DebianSecurityMirror, nameof(config.DebianSecurityMirror));
        if (!IsSuite(config.DebianSuite)) Wrong(nameof(config.DebianSuite), $"'{config.DebianSuite}' is not the name of a suite. Give a name such as 'trixie'.");
        foreach (var package in config.Packages.Where(package => !IsPackage(package)))
            Wrong(nameof(config.Packages), $"'{package}' is not the name of a Debian package: lower-case letters, digits and the characters '+', '-' and '.', two at least. Separate names by ';'.");
        if (config.KernelPackage is { } kernel && (!IsPackage(kernel) || !kernel.StartsWith(PackageSet.KernelPrefix, StringComparison.Ordinal)))
            Wrong(nameof(config.KernelPackage), $"'{kernel}' is not the name of a Debian kernel, which begins with '{PackageSet.KernelPrefix}'. Take '{MachineArchitecture.X64.CloudKernel}' or '{PackageSet.KernelPrefix}amd64', for example.");
        if (config.HostName is { } name && !HostNames.IsValid(name))
            Wrong(nameof(config.HostName), $"'{name}' cannot be the name of a host. Take letters, digits and hyphens, dots between the labels, {HostNames.MaximumLength} characters at most.");
        NetworkServices.Check(config, Wrong);
        AppRules.Check(config.User, config.WorkingDirectory, config.Environment, config.Arguments, Wrong);
        AddedFiles.Check(config, Wrong);
        Systemd.SystemdRules.Check(config, error);
        foreach (var argument in config.KernelArguments.Where(argument => argument.Length == 0 || argument.Any(char.IsControl) || !argument.All(char.IsAscii)))
            Wrong(nameof(config.KernelArguments), $"'{argument}' cannot be a parameter of the kernel. Take one line of ASCII characters.");
        if (config.DiskSize is { } size && size.Bytes % DiskUnit != 0) Wrong(nameof(config.DiskSize), $"'{size}' is not a multiple of 1 MiB. Round it, for example to '{Math.Max(1, size.Bytes / DiskUnit)}M'.");

        if (config.DataSize is { } data && data.Bytes % DiskUnit != 0) Wrong(nameof(config.DataSize), $"'{data}' is not a multiple of 1 MiB. Round it, for example to '{Math.Max(1, data.Bytes / DiskUnit)}M'.");
        if (config.DataSize is not null && !ApplianceFormats.NeedDisk(config))
            error(DiagnosticCodes.ConflictingKeys, nameof(config.DataSize), $"'DataSize' makes a partition, but no disk is written: 'Formats' is '{string.Join(';', config.Formats)}'. Add the format of a disk, or remove 'DataSize'.");

        if (config.Formats.Count == 0) Wrong(nameof(config.Formats), $"there is no format, so nothing would be written. Name one, such as '{DiskFormats.Raw}'.");
        if (config.DiskSize is { } large && large.Bytes > VhdFormat.MaximumLength && config.Formats.Contains(DiskFormats.Vhd, StringComparer.Ordinal))
            Wrong(nameof(config.DiskSize), $"'{large}' is more than the {VhdFormat.MaximumLength >> 30} GiB that a VHD holds. Take a smaller disk, or '{DiskFormats.Vhdx}' in place of '{DiskFormats.Vhd}'.");

        if (config.Formats.Contains(ApplianceFormats.Unified, StringComparer.Ordinal))
        {
            if (config.BootMode != ApplianceConfig.Unified)
                Wrong(nameof(config.Formats), $"'{ApplianceFormats.Unified}' writes the unified kernel image, and this image has none. Set BootMode to '{ApplianceConfig.Unified}', or remove the format.");
            else if (config.Root == ApplianceConfig.OnDisk && !ApplianceFormats.NeedDisk(config))
                Wrong(nameof(config.Formats), $"'{ApplianceFormats.Unified}' alone would start a kernel that finds no root file system. Set Root to '{ApplianceConfig.InMemory}', or add the format of a disk.");
        }

        if (config.Verity && (config.BootMode != ApplianceConfig.Unified || config.Root != ApplianceConfig.OnDisk))
            Wrong(nameof(config.Verity), $"the hash of the root file system stands in the unified kernel image, and the file system on a disk. Set BootMode to '{ApplianceConfig.Unified}' and Root to '{ApplianceConfig.OnDisk}', or remove it.");
        if (config.SigningKey is not null && config.BootMode != ApplianceConfig.Unified)
            Wrong(nameof(config.SigningKey), "it signs a unified kernel image, and this image has none: Debian has signed what it starts. Set BootMode to 'uki', or remove it.");
        if (config.SigningKeyPassword is not null && config.SigningKey is null) Wrong(nameof(config.SigningKeyPassword), "there is no key that it would open. Set SigningKey, or remove it.");

        void Wrong(string key, string message) => error(DiagnosticCodes.WrongValue, key, message);

        void CheckMirror(Uri? address, string key)
        {
            if (address is not null && (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https" or "file")))
                Wrong(key, $"'{address.OriginalString}' is not the address of a mirror. Give a full one that begins with 'http:', 'https:' or 'file:'.");
        }
    }

    // Debian Policy 5.6.1.
    private static bool IsPackage(string name) => name.Length > 1 && (char.IsAsciiLetterLower(name[0]) || char.IsAsciiDigit(name[0])) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '+' or '-' or '.');

    private static bool IsSuite(string name) => name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
}
