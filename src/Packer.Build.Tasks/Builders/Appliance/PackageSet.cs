namespace Packer.Builders.Appliance;

/// <summary>The Debian packages that an image is made of.</summary>
/// <param name="System">Names of the packages whose files go into the root file system, or alternatives as in a Depends field.</param>
/// <param name="Boot">Names of those that bring the kernel and the boot loaders.</param>
/// <param name="Exclusions">Names of packages that are left out although others depend on them.</param>
/// <param name="Architecture">Whose packages they are.</param>
internal sealed record PackageSet(IReadOnlyList<string> System, IReadOnlyList<string> Boot, IReadOnlySet<string> Exclusions, MachineArchitecture Architecture)
{
    /// <summary>What the name of every kernel package begins with.</summary>
    public const string KernelPrefix = "linux-image-";

    public const string Shim = "shim-signed";
    public const string BootStub = "systemd-boot-efi";

    /// <summary>
    /// What other packages depend on for their maintainer scripts, which never run here, or for the upgrade of a machine, which is built anew instead.
    /// </summary>
    private static readonly string[] UsuallyExcluded =
    [
        "awk", "debconf", "grub-efi-amd64-bin", "grub-efi-arm64-bin", "grub2-common", "initramfs-tools", "kmod", "linux-base", "mokutil", "openssl", "shim-signed-common", "shim-unsigned", "systemd-boot",
    ];

    private static readonly string[] Always = ["base-files", "busybox-static", "ca-certificates", "libc6", "libgcc-s1", "libssl3t64 | libssl3", "libstdc++6", "netbase", "tzdata"];

    /// <summary>The library's name changes with each release of Debian; .NET takes any.</summary>
    private const string CultureData = "libicu76 | libicu78 | libicu72";

    /// <summary>The packages for an app.</summary>
    /// <param name="invariantGlobalization">Whether the app uses no culture data, so that ICU (37 MB) can be left out.</param>
    /// <param name="more">Names of packages that the user adds; what is asked for is never excluded.</param>
    /// <param name="architecture">The processor.</param>
    /// <param name="kernel">Name of the package of the kernel, or of one that depends on it; null for the one of clouds.</param>
    /// <param name="unified">Whether the kernel is started as a unified kernel image, which needs no boot loader.</param>
    public static PackageSet For(bool invariantGlobalization, IReadOnlyList<string> more, MachineArchitecture architecture, string? kernel = null, bool unified = false)
    {
        List<string> system = [.. Always];
        if (!invariantGlobalization) system.Add(CultureData);
        system.AddRange(more.Except(system, StringComparer.Ordinal).Order(StringComparer.Ordinal));
        kernel ??= architecture.CloudKernel;
        return new PackageSet(system, unified ? [kernel, BootStub] : [kernel, Shim, ShimHelpers(architecture), BootLoader(architecture)], UsuallyExcluded.Except(more, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal), architecture);
    }

    public static string ShimHelpers(MachineArchitecture architecture) => $"shim-helpers-{architecture.Debian}-signed";

    public static string BootLoader(MachineArchitecture architecture) => $"systemd-boot-efi-{architecture.Debian}-signed";

    /// <summary>All names.</summary>
    public IReadOnlyList<string> Names => [.. System, .. Boot];

    /// <summary>Whether .NET itself needs a package, whatever the user adds.</summary>
    public static bool IsAlwaysThere(string package) => Always.Append(CultureData).Any(names => names.Split(" | ").Contains(package, StringComparer.Ordinal));

    /// <summary>Whether the files of a package stay out of the root file system.</summary>
    public bool IsBoot(string package) => Boot.Contains(package, StringComparer.Ordinal) || IsKernel(package);

    /// <summary>Whether a package brings a kernel itself, by its version in the name: one without, such as <c>linux-image-cloud-amd64</c>, only depends on it.</summary>
    public static bool IsKernel(string package) => package.Length > KernelPrefix.Length && package.StartsWith(KernelPrefix, StringComparison.Ordinal) && char.IsAsciiDigit(package[KernelPrefix.Length]);

    /// <summary>The one package that brings the kernel.</summary>
    /// <exception cref="PackerException"><see cref="DiagnosticCodes.KernelDoesNotFit"/>.</exception>
    public static ImagePackage KernelOf(IReadOnlyList<ImagePackage> packages) => packages.Where(package => IsKernel(package.Name)).ToList() is [var kernel] ? kernel
        : throw new PackerException(DiagnosticCodes.KernelDoesNotFit,
            $"An image starts one kernel, but its packages bring {packages.Count(package => IsKernel(package.Name))}: {string.Join(", ", packages.Select(package => package.Name).Where(IsKernel).DefaultIfEmpty("none"))}. Name one in KernelPackage, and none in Packages.");
}
