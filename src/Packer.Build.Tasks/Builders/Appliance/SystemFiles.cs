using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>The files that make the Debian files a running system: users, names, mount points, and the scripts that start the app.</summary>
internal static class SystemFiles
{
    private static readonly string[] Folders =
    [
        "/dev", "/etc", "/home", "/mnt", "/proc", "/run", "/sys", "/var/cache", "/var/lib", "/var/log", "/var/spool",
    ];

    // What the kernel calls when a hypervisor asks it to stop, and what programs call that need a shell.
    private static readonly string[] BusyBoxNames = ["/usr/sbin/init", "/usr/sbin/poweroff", "/usr/sbin/reboot", "/usr/sbin/halt", "/usr/bin/sh"];

    /// <summary>Adds the files.</summary>
    /// <param name="tree">Has the packages' files already.</param>
    /// <param name="config">The settings.</param>
    /// <param name="hostName">The name of the machine.</param>
    /// <param name="entryPoint">The app's program, relative to its folder.</param>
    /// <param name="timestamp">The time of all files.</param>
    public static void AddTo(FileTree tree, ApplianceConfig config, string hostName, string entryPoint, long timestamp)
    {
        foreach (var folder in Folders) tree.AddDirectory(folder, Metadata(755));
        foreach (var folder in (string[])["/tmp", "/var/tmp"]) tree.AddDirectory(folder, Metadata(1777));
        tree.AddDirectory("/root", Metadata(700));
        tree.AddDirectory(SystemPaths.AppHome, new NodeMetadata(Permissions.Octal(750), SystemPaths.AppUser, SystemPaths.AppUser, timestamp));

        // Nobody can log in: no password, no shell, and no program that would ask.
        tree.AddFile("/etc/passwd", $"""
            root:x:0:0:root:/root:/usr/sbin/nologin
            app:x:{SystemPaths.AppUser}:{SystemPaths.AppUser}:app:{SystemPaths.AppHome}:/usr/sbin/nologin
            nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin

            """.ReplaceLineEndings("\n"), Metadata(644));
        tree.AddFile("/etc/group", $"root:x:0:\ntty:x:5:\napp:x:{SystemPaths.AppUser}:\nnogroup:x:65534:\n", Metadata(644));
        tree.AddFile("/etc/shadow", "root:*:::::::\napp:*:::::::\nnobody:*:::::::\n", Metadata(600));

        tree.AddFile("/etc/hostname", hostName + "\n", Metadata(644));
        tree.AddFile("/etc/hosts", $"127.0.0.1 localhost\n127.0.1.1 {Names(hostName)}\n::1 localhost ip6-localhost ip6-loopback\n", Metadata(644));
        tree.AddFile("/etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\nprotocols: files\n", Metadata(644));
        tree.AddSymbolicLink("/etc/resolv.conf", "/run/resolv.conf", timestamp);
        tree.AddSymbolicLink("/etc/localtime", "/usr/share/zoneinfo/Etc/UTC", timestamp);
        tree.AddSymbolicLink("/etc/mtab", "/proc/self/mounts", timestamp);

        foreach (var name in BusyBoxNames) tree.AddSymbolicLink(name, SystemPaths.BusyBox, timestamp);
        tree.AddFile("/etc/inittab", GuestFiles.Read(GuestFiles.InitTable), Metadata(644));
        foreach (var script in (string[])[GuestFiles.Boot, GuestFiles.Dhcp, GuestFiles.Supervise, GuestFiles.Stop]) tree.AddFile($"{SystemPaths.Scripts}/{script}", GuestFiles.Read(script), Metadata(755));
        // Only root may read it: the environment may hold what is not for the app's visitors.
        tree.AddFile($"{SystemPaths.Scripts}/start-app", AppStart.Script(config, entryPoint), Metadata(700));
        // The name that busybox acpid has for the event (acpid.c, "PWRF").
        tree.AddFile("/etc/acpi/PWRF/00000080", GuestFiles.Read(GuestFiles.PowerButton), Metadata(755));

        NodeMetadata Metadata(int mode) => new(Permissions.Octal(mode), timestamp);
    }

    // The full name and the short one, as hosts(5) has it.
    private static string Names(string hostName) => hostName.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? $"{hostName} {hostName[..dot]}" : hostName;
}
