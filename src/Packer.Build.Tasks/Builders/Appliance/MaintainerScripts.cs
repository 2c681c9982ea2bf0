namespace Packer.Builders.Appliance;

/// <summary>
/// The scripts that packages run when dpkg installs them (Debian Policy 6). In this image they never run: it is composed, on any host, and not installed.
/// </summary>
internal static class MaintainerScripts
{
    private static readonly string[] OnInstallation = ["preinst", "postinst"];
    private static readonly string[] All = [.. OnInstallation, "prerm", "postrm", "config"];

    /// <summary>Packages whose scripts do nothing that this image needs, or whose work is done here in another way.</summary>
    private static readonly HashSet<string> KnownToWork = new(StringComparer.Ordinal)
    {
        // Users, time zone, certificates and the links of base-files are written here.
        "base-files", "ca-certificates", "netbase", "tzdata",
        // They only look after an upgrade of a running system, or refresh the linker's cache, which is an optimization.
        "libc6", "libssl3", "libssl3t64",
        // They are part of the boot chain, which is put together here.
        "shim-helpers-amd64-signed", "shim-helpers-arm64-signed", "shim-signed", "systemd-boot-efi-amd64-signed", "systemd-boot-efi-arm64-signed",
    };

    /// <summary>Whether a file of a package's control part is a maintainer script.</summary>
    public static bool IsOne(string name) => All.Contains(name, StringComparer.Ordinal);

    /// <summary>What to tell about packages whose scripts would do something on installation; null where there is nothing to tell.</summary>
    public static string? Warning(IReadOnlyList<ImagePackage> packages)
    {
        var names = packages.Where(package => package.Scripts.Any(script => OnInstallation.Contains(script, StringComparer.Ordinal)))
            .Select(package => package.Name).Where(name => !KnownToWork.Contains(name) && !name.StartsWith(PackageSet.KernelPrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        return names.Count == 0 ? null
            : $"The maintainer scripts of {string.Join(", ", names)} do not run in this image, so what they would set up (users, links, caches) is not there. See that the app works with what the packages' files give it.";
    }
}
