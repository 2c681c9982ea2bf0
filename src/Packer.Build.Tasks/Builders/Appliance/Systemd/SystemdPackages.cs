namespace Packer.Builders.Appliance.Systemd;

/// <summary>The packages of an image of the shape <c>debian</c>.</summary>
internal static class SystemdPackages
{
    /// <summary>Without it no image has an SSH server.</summary>
    public const string SshServer = "openssh-server";

    // The initial RAM disk is made of it, and the scripts that ask a cloud.
    private const string BusyBox = "busybox-static";

    /// <summary>
    /// Debian's essential packages (Policy 3.8), those of priority <c>required</c>, and what a machine needs that is started by systemd, has a network and asks the
    /// time. Names, and not what the archive says at the moment, so that a lock file says what was asked for.
    /// </summary>
    private static readonly string[] Always =
    [
        "apt", "base-files", "base-passwd", "bash", "bsdutils", "ca-certificates", "coreutils", "dash", "dbus", "debian-archive-keyring", "debianutils", "diffutils", "dpkg", "e2fsprogs",
        "findutils", "grep", "gzip", "hostname", "init-system-helpers", "iproute2", "kmod", "libc-bin", "libc6", "libgcc-s1", "libpam-systemd", "libssl3t64 | libssl3", "libstdc++6", "login", "mawk", "mount", "ncurses-base",
        "ncurses-bin", "netbase", "passwd", "perl-base", "procps", "sed", "systemd", "systemd-resolved", "systemd-sysv", "systemd-timesyncd", "sysvinit-utils", "tar", "tzdata", "udev", "util-linux",
    ];

    // What the packages of the boot chain depend on for the upgrade of a machine. Its other packages have all that they depend on.
    private static readonly string[] Excluded =
        ["grub-efi-amd64-bin", "grub-efi-arm64-bin", "grub2-common", "initramfs-tools", "linux-base", "mokutil", "shim-signed-common", "shim-unsigned", "systemd-boot"];

    /// <summary>The packages of an image; the parameters are those of <see cref="PackageSet.For"/>, and whether the image has BusyBox.</summary>
    public static PackageSet For(bool invariantGlobalization, IReadOnlyList<string> more, MachineArchitecture architecture, string? kernel, bool unified, bool busybox)
    {
        var usual = PackageSet.For(invariantGlobalization, [], architecture, kernel, unified);
        List<string> system = [.. Always];
        // The library of culture data is the one that the other shape takes.
        system.AddRange(usual.System.Where(names => names.StartsWith("libicu", StringComparison.Ordinal)));
        if (busybox) system.Add(BusyBox);
        system.AddRange(more.Except(system, StringComparer.Ordinal).Order(StringComparer.Ordinal));
        return new PackageSet(system, system.Contains(BusyBox, StringComparer.Ordinal) ? usual.Boot : [.. usual.Boot, BusyBox], Excluded.Except(more, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal), architecture);
    }
}
