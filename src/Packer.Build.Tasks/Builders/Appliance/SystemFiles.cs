using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>The files that make the Debian files a running system: users, names, mount points, and the scripts that start the app.</summary>
internal static class SystemFiles
{
    private static readonly string[] Folders =
    [
        "/dev", "/etc", "/home", "/mnt", "/proc", "/run", "/sys", "/var/cache", "/var/lib", "/var/log", "/var/spool",
    ];

    private const string InitTable = "/etc/inittab";

    // The name that busybox acpid has for the event (acpid.c, "PWRF").
    private const string PowerButton = "/etc/acpi/PWRF/00000080";

    // What the kernel calls when a hypervisor asks it to stop, and what programs call that need a shell.
    private static readonly string[] BusyBoxNames = ["/usr/sbin/init", "/usr/sbin/poweroff", "/usr/sbin/reboot", "/usr/sbin/halt", "/usr/bin/sh"];

    /// <summary>Adds the files.</summary>
    /// <param name="tree">Has the packages' files already.</param>
    /// <param name="hostName">The name of the machine.</param>
    /// <param name="apps">The apps.</param>
    /// <param name="accounts">Their users, and all others.</param>
    /// <param name="timestamp">The time of all files.</param>
    public static void AddTo(FileTree tree, string hostName, IReadOnlyList<GuestApp> apps, Accounts accounts, long timestamp)
    {
        foreach (var folder in Folders) tree.AddDirectory(folder, Metadata(755));
        foreach (var folder in (string[])["/tmp", "/var/tmp"]) tree.AddDirectory(folder, Metadata(1777));
        tree.AddDirectory("/root", Metadata(700));
        // The mount point of the data partition, where there is one.
        tree.AddDirectory(SystemPaths.Data, Metadata(755));
        tree.AddFile($"{SystemPaths.Scripts}/homes", string.Concat(apps.Select(app => app.Home + "\n")), Metadata(644));
        foreach (var app in apps) tree.AddDirectory(app.Home, new NodeMetadata(Permissions.Octal(750), app.User.Id, app.User.Id, timestamp));

        // Nobody can log in: no password, no shell, and no program that would ask.
        tree.AddFile("/etc/passwd", accounts.PasswordFile, Metadata(644));
        tree.AddFile("/etc/group", accounts.GroupFile, Metadata(644));
        tree.AddFile("/etc/shadow", accounts.ShadowFile, Metadata(600));

        tree.AddFile("/etc/hostname", hostName + "\n", Metadata(644));
        tree.AddFile("/etc/hosts", $"127.0.0.1 localhost\n127.0.1.1 {Names(hostName)}\n::1 localhost ip6-localhost ip6-loopback\n", Metadata(644));
        tree.AddFile("/etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\nprotocols: files\n", Metadata(644));
        tree.AddSymbolicLink("/etc/resolv.conf", "/run/resolv.conf", timestamp);
        tree.AddSymbolicLink("/etc/localtime", "/usr/share/zoneinfo/Etc/UTC", timestamp);
        tree.AddSymbolicLink("/etc/mtab", "/proc/self/mounts", timestamp);

        foreach (var name in BusyBoxNames) tree.AddSymbolicLink(name, SystemPaths.BusyBox, timestamp);
        tree.AddFile(InitTable, GuestFiles.Read(GuestFiles.InitTable) + string.Concat(apps.Select(app => Supervised(app, apps.Count > 1))), Metadata(644));
        foreach (var script in (string[])[GuestFiles.Boot, GuestFiles.Dhcp, GuestFiles.Supervise, GuestFiles.Stop]) GuestFiles.AddScript(tree, script, timestamp);
        // Only root may read it: the environment may hold what is not for the app's visitors.
        foreach (var app in apps) tree.AddFile(app.StartScript, AppStart.Script(app), Metadata(700));
        tree.AddFile(PowerButton, GuestFiles.Read(GuestFiles.PowerButton), Metadata(755));

        NodeMetadata Metadata(int mode) => new(Permissions.Octal(mode), timestamp);
    }

    /// <summary>The files without which the machine would not start the apps, or not stop.</summary>
    public static IEnumerable<string> StartPaths(FileTree tree) =>
        [InitTable, PowerButton, SystemPaths.BusyBox, .. BusyBoxNames, .. tree.Walk().Select(entry => entry.Path).Where(path => path.StartsWith(SystemPaths.Scripts + "/", StringComparison.Ordinal))];

    // Busybox init has a line for each program (inittab of its examples). Of several apps each line of output says whose it is.
    private static string Supervised(GuestApp app, bool several) => $"::respawn:{SystemPaths.Scripts}/{GuestFiles.Supervise} {app.Name}{(several ? " " + app.Name : "")}\n";

    /// <summary>The full name and the short one, as hosts(5) has it.</summary>
    public static string Names(string hostName) => hostName.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? $"{hostName} {hostName[..dot]}" : hostName;
}
