using System.Text;
using Packer.Imaging;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>The configuration of a machine that systemd starts: names, mount points, network, logins, and the services of the image.</summary>
internal static class SystemdFiles
{
    public const string HomesUnit = "packer-homes.service";
    public const string MetadataUnit = "packer-metadata.service";
    public const string FirstBootUnit = "packer-first-boot.service";

    /// <summary>Names of the packages that are configured on the first start, which the script that configures them removes.</summary>
    public const string Unpacked = "/var/lib/packer/unpacked";

    private const string Units = "/usr/lib/systemd/system/";
    private const string Masked = "/dev/null";
    private const string CertificatesFolder = "/usr/share/ca-certificates";
    private const string Sources = "/usr/share/doc/apt/examples/debian.sources";

    /// <summary>Writes all but the units of the apps.</summary>
    /// <param name="machine">Has the files of the packages, and what their scripts do.</param>
    /// <param name="config">The settings.</param>
    /// <param name="identity">Gives the ids of the partitions.</param>
    /// <param name="hostName">The name of the machine.</param>
    /// <param name="apps">The apps.</param>
    /// <param name="unconfigured">Names of the packages that are configured on the first start.</param>
    public static void AddTo(MachineState machine, ApplianceConfig config, ImageIdentity identity, string hostName, IReadOnlyList<GuestApp> apps, IReadOnlySet<string> unconfigured)
    {
        var tree = machine.Tree;
        foreach (var folder in (string[])["/dev", "/home", "/proc", "/run", "/sys", SystemPaths.Data]) tree.AddDirectory(folder, machine.Metadata(755));
        foreach (var folder in (string[])["/tmp", "/var/tmp"]) tree.AddDirectory(folder, machine.Metadata(1777));

        Write("/etc/hostname", hostName + "\n");
        Write("/etc/hosts", $"127.0.0.1 localhost\n127.0.1.1 {SystemFiles.Names(hostName)}\n::1 localhost ip6-localhost ip6-loopback\nff02::1 ip6-allnodes\nff02::2 ip6-allrouters\n");
        // The root file system of an immutable machine is a layer over this partition, which has no options to be given.
        Write("/etc/fstab", "# See fstab(5).\n" + (config.IsImmutable ? "" : FormattableString.Invariant($"PARTUUID={identity.RootPartition:D} / ext4 errors=remount-ro 0 1\n")));
        Write("/etc/locale.conf", "LANG=C.UTF-8\n");
        tree.AddSymbolicLink("/etc/default/locale", "../locale.conf", machine.Timestamp);
        tree.AddSymbolicLink("/etc/localtime", "/usr/share/zoneinfo/Etc/UTC", machine.Timestamp);
        tree.AddSymbolicLink("/etc/mtab", "../proc/self/mounts", machine.Timestamp);
        tree.AddSymbolicLink("/etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf", machine.Timestamp);
        // machine-id(5): each machine gets its own on its first start.
        tree.AddFile("/etc/machine-id", "uninitialized\n", machine.Metadata(444));
        // systemd-update-done.service(8): users and groups of packages are made here, and the database of hardware names, which takes long, is for desktops.
        Write("/etc/.updated", "");
        AddShells(machine);
        AddCertificates(machine);
        // What apt's package proposes for its release; the mirror of the build belongs to the machine that builds.
        if (machine.ReadText(Sources) is { } sources) Write("/etc/apt/sources.list.d/debian.sources", sources);
        Write("/etc/dpkg/dpkg.cfg.d/image", "# As in the image.\n" + DebianFiles.DpkgOptions);

        // systemd.network(5): every card, by DHCP and IPv6's router advertisements.
        Write("/etc/systemd/network/80-image.network", "[Match]\nType=ether\nKind=!*\n\n[Network]\nDHCP=yes\n");
        // Names are asked of the network's servers only: nothing but the apps listens.
        Write("/etc/systemd/resolved.conf.d/image.conf", "[Resolve]\nLLMNR=no\nMulticastDNS=no\n");
        // The apps are started when the first card is up, or without it after ten seconds.
        Write("/etc/systemd/system/systemd-networkd-wait-online.service.d/image.conf", "[Service]\nExecStart=\nExecStart=-/usr/lib/systemd/systemd-networkd-wait-online --any --timeout=10\n");
        // It would ask questions on the console.
        tree.AddSymbolicLink("/etc/systemd/system/systemd-firstboot.service", Masked, machine.Timestamp);
        machine.Units.Enable("systemd-networkd.service");

        if (config.TimeServers is [NetworkServices.NoTimeServers]) tree.AddSymbolicLink("/etc/systemd/system/systemd-timesyncd.service", Masked, machine.Timestamp);
        else if (config.TimeServers.Count > 0) Write("/etc/systemd/timesyncd.conf.d/image.conf", $"[Time]\nNTP={string.Join(' ', config.TimeServers)}\n");
        if (config.CloudMetadata) AddMetadata();
        if (config.DataSize is not null) AddHomes();
        if (unconfigured.Count > 0) AddFirstBoot();

        void AddUnit(string name, string text)
        {
            Write(Units + name, text.Replace("\r\n", "\n", StringComparison.Ordinal));
            machine.Units.Enable(name);
        }

        void Write(string path, string text) => tree.AddFile(path, text, machine.Metadata(644));

        void AddMetadata()
        {
            NetworkServices.AddMetadata(tree, machine.Timestamp);
            AddUnit(MetadataUnit, $"""
                [Unit]
                Description=What the cloud says of this machine
                Wants=network-online.target
                After=network-online.target

                [Service]
                Type=oneshot
                RemainAfterExit=yes
                ExecStart={SystemPaths.Scripts}/{GuestFiles.StartMetadata}
                StandardOutput=journal+console
                StandardError=inherit

                [Install]
                WantedBy=multi-user.target

                """);
        }

        void AddHomes()
        {
            Write($"{SystemPaths.Scripts}/homes", string.Concat(apps.Select(app => app.Home + "\n")));
            GuestFiles.AddScript(tree, GuestFiles.MountHomes, machine.Timestamp);
            AddUnit(HomesUnit, $"""
                [Unit]
                Description=The homes of the apps on the data partition
                DefaultDependencies=no
                After=local-fs.target
                Before=sysinit.target shutdown.target
                Conflicts=shutdown.target

                [Service]
                Type=oneshot
                RemainAfterExit=yes
                ExecStart={SystemPaths.Scripts}/{GuestFiles.MountHomes}

                [Install]
                WantedBy=sysinit.target

                """);
        }

        void AddFirstBoot()
        {
            Write(Unpacked, string.Concat(unconfigured.Order(StringComparer.Ordinal).Select(name => name + "\n")));
            GuestFiles.AddScript(tree, GuestFiles.ConfigurePackages, machine.Timestamp);
            AddUnit(FirstBootUnit, $"""
                [Unit]
                Description=Configure the packages that were only unpacked in the image
                ConditionPathExists={Unpacked}
                Wants=network-online.target
                After=network-online.target

                [Service]
                Type=oneshot
                RemainAfterExit=yes
                ExecStart={SystemPaths.Scripts}/{GuestFiles.ConfigurePackages} {Unpacked}
                StandardOutput=journal+console
                StandardError=inherit

                [Install]
                WantedBy=multi-user.target

                """);
        }
    }

    // As update-shells(8): the list of Debian and those of the packages.
    private static void AddShells(MachineState machine)
    {
        if (machine.ReadText("/usr/share/debianutils/shells") is not { } list) return;
        var packaged = machine.Tree.Find("/usr/share/debianutils/shells.d")?.Children.Values.Where(node => node.Type == NodeType.File)
            .SelectMany(node => Encoding.UTF8.GetString(node.Data.ReadAll()).Split('\n', StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal).Select(shell => shell + "\n").ToList() ?? [];
        machine.Tree.AddFile("/etc/shells", list + string.Concat(packaged.Where(shell => !list.Contains("\n" + shell, StringComparison.Ordinal))), machine.Metadata(644));
        machine.Tree.AddFile("/var/lib/shells.state", string.Concat(packaged), machine.Metadata(644));
    }

    // As update-ca-certificates(8): what is chosen, all of it in one file, and each by its name. The links by hash, for programs that read the folder, are left out.
    private static void AddCertificates(MachineState machine)
    {
        var all = machine.Tree.Walk().Where(entry => entry.Node.Type == NodeType.File && entry.Path.StartsWith(CertificatesFolder + "/", StringComparison.Ordinal) && entry.Path.EndsWith(".crt", StringComparison.Ordinal)).ToList();
        if (all.Count == 0) return;
        machine.Tree.AddFile("/etc/ca-certificates.conf", string.Concat(all.Select(entry => entry.Path[(CertificatesFolder.Length + 1)..] + "\n")), machine.Metadata(644));
        foreach (var (path, _) in all) machine.Tree.AddSymbolicLink($"/etc/ssl/certs/{Path.GetFileNameWithoutExtension(path)}.pem", path, machine.Timestamp);
        PackageFiles.AddCertificateBundle(machine.Tree, machine.Timestamp, keep: true);
    }
}
