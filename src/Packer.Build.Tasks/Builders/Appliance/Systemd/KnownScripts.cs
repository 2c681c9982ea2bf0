namespace Packer.Builders.Appliance.Systemd;

/// <summary>A part of a maintainer script that a person wrote, and what it does on a first installation.</summary>
/// <param name="Package">The name of its package.</param>
/// <param name="Script">Its name.</param>
/// <param name="Fingerprint">The hash of the part (<see cref="ScriptText.Fingerprint"/>).</param>
/// <param name="Effects">What it does beyond what is done for every image.</param>
internal sealed record KnownScript(string Package, string Script, string Fingerprint, params ScriptEffect[] Effects);

/// <summary>
/// The table of maintainer scripts whose effects are known. It is by package and by what a person wrote of the script, not by version: a security update rarely
/// touches a script, so an entry holds for all point releases of a suite, and a script that does change is noticed. Several entries of a script are several versions of it.
/// </summary>
internal static class KnownScripts
{
    private const string Merged = ".usr-is-merged";

    private static readonly Dictionary<(string, string), KnownScript[]> Table = Entries()
        .GroupBy(entry => (entry.Package, entry.Script)).ToDictionary(group => group.Key, group => group.ToArray());

    /// <summary>The entry of a script; null where this version of it was never looked at.</summary>
    public static KnownScript? Find(string package, string script, string fingerprint) =>
        Table.GetValueOrDefault((package, script))?.FirstOrDefault(entry => entry.Fingerprint == fingerprint);

    /// <summary>Whether some version of a script was looked at.</summary>
    public static bool IsKnown(string package, string script) => Table.ContainsKey((package, script));

    // Debian 13 (trixie). Most have no effects: they look after upgrades, or do what is done for every image (users, certificates, PAM, time zone, shells, names).
    private static KnownScript[] Entries() =>
    [
        new("adduser", "preinst", "cbb2c13ef437967c"),
        new("apt", "postinst", "da4232fd72e2c58b"),
        // Of x86-64 and of arm64, which has no folder /lib64 of its own.
        new("base-files", "preinst", "b77af74dedba95d1", Alias("lib32"), Alias("libo32"), Alias("libx32")),
        new("base-files", "preinst", "80f23475434ad3b0", Alias("lib32"), Alias("lib64"), Alias("libo32"), Alias("libx32")),
        BaseFiles("d7635d92bba7bbfe"), BaseFiles("5830b7ce35ff24cd"),
        new("base-passwd", "preinst", "85529f1f4dcc523b"),
        new("base-passwd", "postinst", "67cbc2ba6c81c7b6"),
        new("bash", "postinst", "e8f8f8f56a34973f"),
        new("ca-certificates", "postinst", "7d79fa8433c93c7e", new MakeFolder("/usr/local/share/ca-certificates")),
        new("cron", "postinst", "391899820b8e1ccf", new SetMode("/usr/bin/crontab", "crontab", 2755, IsKept: true)),
        new("cron-daemon-common", "postinst", "19e15ef6520dd3e9", new MakeGroup("crontab"), new SetMode("/var/spool/cron/crontabs", "crontab", 1730)),
        new("dash", "preinst", "6a12cd544f73fcc7"),
        new("dash", "postinst", "94e7e0286ab53335"),
        new("dbus", "postinst", "89366598778524e6", new SetMode("/usr/lib/dbus-1.0/dbus-daemon-launch-helper", "messagebus", 4754, IsKept: true)),
        new("dbus-daemon", "postinst", "f8aa7e8f9d767db9", new MakeFolder("/var/lib/dbus")),
        new("dbus-system-bus-common", "postinst", "ed2f815a7d00c34f"),
        new("debconf", "postinst", "9805cb9330d876f4"),
        new("debian-archive-keyring", "postinst", "57a48ea4bcb61004"),
        new("debianutils", "postinst", "5f89612ea6fc3982", new AddAlternative("/usr/bin/which", "which", "/usr/bin/which.debianutils", 0, Manual("which", "which.debianutils"))),
        new("dpkg", "postinst", "eb7839b8e7712a3b"),
        new("e2fsprogs", "preinst", "5cfdc7d3abf8b262"),
        new("e2fsprogs", "postinst", "6eae73cdb3897659"),
        new("git", "preinst", "06637c861c1bd57e"),
        new("gzip", "preinst", "75734f7366ade767"),
        new("gzip", "postinst", "3b33e43d03a51fd4"),
        new("init-system-helpers", "postinst", "e1131031c2950a62"),
        new("iproute2", "postinst", "6c50d7c46e66aa32"),
        new("iptables", "postinst", "4cd3af97adf8be21",
            Tables("iptables", "legacy", 10), Tables("ip6tables", "legacy", 10), Tables("iptables", "nft", 20), Tables("ip6tables", "nft", 20), Tables("arptables", "nft", 20), Tables("ebtables", "nft", 20)),
        new("kmod", "postinst", "2ddafe275396a8f6", new MakeFile("/etc/modules", "# Obsolete: see modules-load.d(5) and modprobe.d(5).\n")),
        new("less", "preinst", "54528d77cf87abf4"),
        new("less", "postinst", "4456ac1de4b8a172", new AddAlternative("/usr/bin/pager", "pager", "/usr/bin/less", 77, Manual("pager", "less"))),
        new("libc-bin", "postinst", "84ceb4338775fd11", new CopyFile("/usr/share/libc-bin/nsswitch.conf", "/etc/nsswitch.conf")),
        new("libc6", "preinst", "eb29ae210f1021c2"),
        new("libc6", "preinst", "84b1300d0cc2f588"),
        new("libc6", "postinst", "84790c05bb5101f9"),
        new("libext2fs2t64", "preinst", "5522e62777cfe729",
            Moved("libe2p.so.2"), Moved("libe2p.so.2.3"), Moved("libext2fs.so.2"), Moved("libext2fs.so.2.4")),
        new("libgcrypt20", "postinst", "690cb29b372c901b"),
        // Its caches make programs of desktops start faster.
        new("libglib2.0-0t64", "preinst", "a9b4e2f347556119"),
        new("libglib2.0-0t64", "postinst", "9802c11c233c1bea"),
        new("libgssapi-krb5-2", "postinst", "f036dcb8bc354f74"),
        new("libpam-modules", "preinst", "97e0a6725d94dc19"),
        new("libpam-modules", "postinst", "7f5f78d2094de5d0", new MakeFile("/etc/security/opasswd", Mode: 600), new MakeFile("/etc/environment")),
        new("libpam-runtime", "postinst", "59033041283cf947"),
        new("libpam-systemd", "postinst", "228b2723d2c6bd31"),
        new("libpam0g", "postinst", "eb98a74b97d9d176"),
        new("libreadline8t64", "preinst", "46734c3ef8560888",
            Moved("libhistory.so.8"), Moved("libhistory.so.8.2"), Moved("libreadline.so.8"), Moved("libreadline.so.8.2")),
        new("libselinux1", "postinst", "a84d8da66e9ef063"),
        new("libtirpc3t64", "preinst", "2bf737fddd51ac15", Moved("libtirpc.so.3"), Moved("libtirpc.so.3.0.0")),
        new("libwrap0", "postinst", "4bd7a827ac90f03e", new MakeFile("/etc/hosts.allow", "# See hosts_access(5).\n"), new MakeFile("/etc/hosts.deny", "# See hosts_access(5).\n")),
        new("libwtmpdb0", "postinst", "bf4fa27174644bf2", new MakeLink("/var/lib/wtmpdb/wtmp.db", "../../log/wtmp.db")),
        new("login.defs", "postinst", "ec4a504a18af71d9"),
        new("nano", "postinst", "ae070f933e1dad39",
            new AddAlternative("/usr/bin/editor", "editor", "/bin/nano", 40, Manual("editor", "nano")), new AddAlternative("/usr/bin/pico", "pico", "/bin/nano", 10, Manual("pico", "nano"))),
        new("netbase", "postinst", "5daf8d149a431da9", new MakeFile("/etc/networks", "default\t\t0.0.0.0\nloopback\t127.0.0.0\nlink-local\t169.254.0.0\n")),
        new("netcat-openbsd", "postinst", "a59d38887a2e5a29",
            new AddAlternative("/bin/nc", "nc", "/bin/nc.openbsd", 50, new("/bin/netcat", "netcat", "/bin/nc.openbsd"), Manual("nc", "nc_openbsd"), Manual("netcat", "nc_openbsd"))),
        new("openssh-client", "postinst", "4b52b61ecaea4f49", new MakeGroup("_ssh"), new SetMode("/usr/bin/ssh-agent", "_ssh", 2755)),
        // The keys of the host are made by sshd-keygen.service on the first start, never in an image.
        new("openssh-server", "preinst", "a50a1b2c4be2b585"),
        new("openssh-server", "postinst", "753073cfd3d57cae", new CopyManagedFile("/usr/share/openssh/sshd_config", "/etc/ssh/sshd_config")),
        new("openssl", "postinst", "9fb8c4464c973444"),
        new("passwd", "postinst", "ceeea4fa24b97730"),
        new("perl", "postinst", "b0d7f9d49ec9174f"),
        new("pinentry-curses", "postinst", "2d27d76073837abf", new AddAlternative("/usr/bin/pinentry", "pinentry", "/usr/bin/pinentry-curses", 50, Manual("pinentry", "pinentry-curses"))),
        new("procps", "postinst", "97797158dcb495ca"),
        new("qemu-guest-agent", "preinst", "99e82b07638f772c"),
        new("qemu-guest-agent", "postinst", "36951e931492283e"),
        new("readline-common", "postinst", "ace8fd5f5a44af3d", new CopyFile("/usr/share/readline/inputrc", "/etc/inputrc")),
        new("sudo", "preinst", "2b39b9cdf6638292"),
        new("sudo", "postinst", "db692ccf71653815", new SetMode("/etc/sudoers", Accounts.Root, 440)),
        new("systemd", "preinst", "951bed902cfb7d4d"),
        new("systemd", "postinst", "ba0023ad3c8533ef",
            new EnableUnit("getty@.service"), new EnableUnit("remote-fs.target"), new EnableUnit("systemd-pstore.service"), new MakeFolder("/var/log/journal", 2755, "systemd-journal")),
        new("systemd-resolved", "postinst", "3a14b2bf1c206f8e"),
        new("systemd-sysv", "postinst", "1dd9d375bb9715a8"),
        new("systemd-timesyncd", "postinst", "48559b03baf8eaf0"),
        new("tar", "postinst", "86fce60d7fb2f52f", new AddAlternative("/usr/sbin/rmt", "rmt", "/usr/sbin/rmt-tar", 50, new AlternativeSlave("/usr/share/man/man8/rmt.8.gz", "rmt.8.gz", "/usr/share/man/man8/rmt-tar.8.gz"))),
        new("tzdata", "postinst", "edcc868afa4d837f"),
        new("ucf", "preinst", "d80a578b10f94f28"),
        new("ucf", "postinst", "22a7dd0552878726", new MakeFile(CopyManagedFile.Hashes), new MakeFile(CopyManagedFile.Registry)),
        new("udev", "preinst", "8bd986d8f1824aa6"),
        new("udev", "postinst", "ee5bc928483420b1"),
        new("util-linux", "postinst", "e31a761ad7aca950", new AddAlternative("/usr/bin/pager", "pager", "/bin/more", 50, Manual("pager", "more"))),
        new("xz-utils", "postinst", "f81ad3944b31e7d4", new AddAlternative("/usr/bin/lzma", "lzma", "/usr/bin/xz", 20,
        [
            Manual("lzma", "xz"), new("/usr/bin/unlzma", "unlzma", "/usr/bin/unxz"), Manual("unlzma", "unxz"),
            .. ((string[])["cat", "more", "less", "diff", "cmp", "grep", "egrep", "fgrep"]).SelectMany(tool => (AlternativeSlave[])[new($"/usr/bin/lz{tool}", "lz" + tool, "/usr/bin/xz" + tool), Manual("lz" + tool, "xz" + tool)]),
        ])),
    ];

    // One script for each processor; they differ in what they do after upgrades.
    private static KnownScript BaseFiles(string fingerprint) =>
        new("base-files", "postinst", fingerprint,
            new MakeLink("/etc/dpkg/origins/default", "debian"),
            new CopyFile("/usr/share/base-files/dot.profile", "/root/.profile"), new CopyFile("/usr/share/base-files/dot.bashrc", "/root/.bashrc"),
            new CopyFile("/usr/share/base-files/profile", "/etc/profile"), new CopyFile("/usr/share/base-files/motd", "/etc/motd"),
            new MakeFolder("/mnt"), new MakeFolder("/srv"), new MakeFolder("/opt"), new MakeFolder("/etc/opt"), new MakeFolder("/var/opt"), new MakeFolder("/media"),
            new MakeFolder("/var/mail", 2775, "mail"), new MakeLink("/var/spool/mail", "../mail"), new ReplaceFolder("/var/run", "/run"), new ReplaceFolder("/var/lock", "/run/lock"),
            new MakeFolder("/usr/local/share/man"), new MakeFolder("/usr/local/bin"), new MakeFolder("/usr/local/games"), new MakeFolder("/usr/local/lib"), new MakeFolder("/usr/local/libexec"),
            new MakeFolder("/usr/local/include"), new MakeFolder("/usr/local/sbin"), new MakeFolder("/usr/local/src"), new MakeFolder("/usr/local/etc"), new MakeLink("/usr/local/man", "share/man"),
            new MakeFile("/var/log/wtmp", Mode: 664, Group: "utmp"), new MakeFile("/var/log/btmp", Mode: 660, Group: "utmp"), new MakeFile("/var/log/lastlog", Mode: 664, Group: "utmp"));

    // The aliases of /usr that other processors have (usr-merge).
    private static Divert Alias(string folder) => new("/" + folder, $"/.{folder}{Merged}");

    private static DivertLibrary Moved(string library) => new(library, Merged);

    private static AlternativeSlave Manual(string name, string page) => new($"/usr/share/man/man1/{name}.1.gz", name + ".1.gz", $"/usr/share/man/man1/{page}.1.gz");

    private static AddAlternative Tables(string name, string kind, int priority)
    {
        return new AddAlternative("/usr/sbin/" + name, name, $"/usr/sbin/{name}-{kind}", priority, Tool("restore"), Tool("save"));

        AlternativeSlave Tool(string tool) => new($"/usr/sbin/{name}-{tool}", $"{name}-{tool}", $"/usr/sbin/{name}-{kind}-{tool}");
    }
}
