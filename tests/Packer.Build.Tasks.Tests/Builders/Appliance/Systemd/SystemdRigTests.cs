using System.Diagnostics;
using System.Globalization;
using Packer.Builders.Appliance;
using Packer.Debian;
using Packer.Engine;
using Packer.Imaging;
using Packer.Tests.Engine;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance.Systemd;

/// <summary>An installed Debian, made from the mirror of this machine's apt configuration and started under QEMU.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class SystemdRigTests
{
    // systemd and its services take their time without KVM.
    private static readonly TimeSpan BootPatience = TimeSpan.FromMinutes(8);

    private static ApplianceRig? rig;

    private static ApplianceRig Shared => ApplianceRig.Require(rig);

    public TestContext TestContext { get; set; } = null!;

    [ClassInitialize]
    public static async Task PublishAsync(TestContext context)
    {
        rig = await ApplianceRig.CreateAsync(folder => PublishedProject.PublishSampleAsync(folder["project"], folder["publish"]));
    }

    [ClassCleanup]
    public static void RemoveFolder() => rig?.Dispose();

    /// <summary>One machine that shows it all: systemd, dpkg, SSH, two apps, a package that is configured on the first start, a data partition that grows.</summary>
    [TestMethod]
    [Timeout(1_800_000)]
    public async Task A_debian_starts_with_its_apps_and_nothing_fails()
    {
        QemuGuest.Require();
        Rig.Require("ssh", "ssh-keygen", "sgdisk", "e2fsck");
        var key = Shared.Folder["key"];
        await Tool.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", key);
        var config = new ApplianceConfig
        {
            Shape = "debian",
            Packages = ["openssh-server", "tcpdump", "rsyslog"],
            UnsupportedScripts = "FirstBoot",
            AuthorizedKeyFiles = [key + ".pub"],
            KernelArguments = [ApplianceRig.EmulatorWorkaround],
            HostName = "web.example.test",
            User = "web",
            WorkingDirectory = "/srv/web",
            Arguments = ["--contentRoot=/app", "a \"quoted\" 100% $HOME argument"],
            Environment = new Dictionary<string, string> { ["TRICKY"] = "it's \"one\" $HOME `x` \\ end" },
            Directories = [new ImageDirectory { Path = "/srv/web", Owner = "web" }, new ImageDirectory { Path = "/srv/mail", Owner = "mail:adm" }],
            DataSize = ByteSize.Parse("64M"),
        };
        var disk = await Shared.BuildAsync(TestContext, "debian", config, Shared.App with { AddedApps = [new AddedApp("again", Shared.App, new AppOptions { HttpPort = 80 })] });
        PartitionedDisk.Enlarge(disk);
        const string OtherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA other";
        var seed = await WriteSeedAsync($"public-keys:\n  - {OtherKey}\n", "for the app");
        await RunAsync(disk, key, async (guest, ssh) =>
        {
            var clock = Stopwatch.StartNew();
            Assert.AreEqual("Hello from an appliance.\n", await guest.GetAsync("/", BootPatience));
            TestContext.WriteLine($"First answer after {clock.Elapsed.TotalSeconds:F1} s");
            StringAssert.Contains(await guest.GetAsync("/api/host", BootPatience), "\"user\":\"web\"");
            Assert.AreEqual("running\n", await ssh("systemctl is-system-running --wait || systemctl --failed --no-legend; true"));
            TestContext.WriteLine($"All started after {clock.Elapsed.TotalSeconds:F1} s");

            Assert.AreEqual("", await ssh("systemctl --failed --no-legend"));
            Assert.AreEqual("", await ssh("dpkg --audit"));
            await ssh("apt-get check");
            await ssh("apt-get --simulate install --reinstall --no-download base-files 2>&1 || true");
            StringAssert.Contains(await ssh("dpkg -l bash tcpdump libc6"), "ii  bash");
            // Made by the script of the package, on this start.
            StringAssert.Contains(await ssh("getent passwd tcpdump"), "tcpdump:x:");
            Assert.AreEqual("", await ssh("ls /var/lib/packer"));
            Assert.AreEqual("enabled\nactive\n", await ssh("systemctl is-enabled rsyslog; systemctl is-active rsyslog"));
            Assert.AreEqual("disabled\n", await ssh("systemctl is-enabled ssh.socket || true"));
            StringAssert.Contains(await ssh("cat /var/lib/dpkg/info/libc6:amd64.list"), "/usr/lib/x86_64-linux-gnu/libc.so.6\n");
            Assert.AreEqual("", await ssh("dpkg --verify dpkg bash systemd openssh-server | grep -v /usr/share/ || true"));
            Assert.AreEqual("web.example.test\n", await ssh("hostname --fqdn"));
            Assert.AreEqual(32, (await ssh("cat /etc/machine-id")).Trim().Length);
            Assert.AreEqual("mail:adm\n", await ssh("stat -c %U:%G /srv/mail"));
            Assert.AreEqual("root:messagebus 4754\n", await ssh("stat -c '%U:%G %a' /usr/lib/dbus-1.0/dbus-daemon-launch-helper"));
            // Nobody has a password, and nobody could log in with one.
            Assert.AreEqual("", await ssh("awk -F: '$2 !~ /^[!*]+$/' /etc/shadow"));
            StringAssert.Contains(await ssh("sshd -T"), "passwordauthentication no");
            StringAssert.Contains(await ssh("tr '\\0' '\\n' < /proc/$(systemctl show --value -p MainPID packer-app)/environ"), "TRICKY=it's \"one\" $HOME `x` \\ end\n");
            StringAssert.Contains(await ssh("tr '\\0' '\\n' < /proc/$(systemctl show --value -p MainPID packer-app)/cmdline"), "a \"quoted\" 100% $HOME argument\n");
            Assert.AreEqual("/srv/web\n", await ssh("readlink /proc/$(systemctl show --value -p MainPID packer-app)/cwd"));
            // The other app listens on a port below 1024, without rights.
            StringAssert.Contains(await ssh("ps -o user= -p $(systemctl show --value -p MainPID packer-again)"), "web");
            var listening = (await ssh("ss -Hltn | awk '{print $4}' | sort -u")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.IsEmpty(listening.Where(address => !address.StartsWith("127.0.0.5", StringComparison.Ordinal) && !address.EndsWith(":22", StringComparison.Ordinal) && !address.EndsWith(":80", StringComparison.Ordinal) && !address.EndsWith(":8080", StringComparison.Ordinal)).ToList(), string.Join(' ', listening));
            StringAssert.Contains(await ssh("findmnt -n -o SOURCE /var/lib/app"), "/app]");

            // What a volume says of the machine is added to what the image has.
            Assert.AreEqual("for the app", await ssh("cat /run/packer/user-data"));
            var keys = await ssh("cat /root/.ssh/authorized_keys");
            StringAssert.Contains(keys, OtherKey);
            StringAssert.Contains(keys, (await File.ReadAllTextAsync(key + ".pub")).Trim());

            // A module that the initial RAM disk does not bring.
            await ssh("modprobe wireguard && modprobe -n nf_tables");
            // A package with another profile of PAM finds everything as it expects it.
            Assert.AreEqual("", await ssh("md5sum /etc/pam.d/common-* > /tmp/before && DEBIAN_FRONTEND=noninteractive pam-auth-update --package && md5sum --quiet -c /tmp/before"));
            Assert.AreEqual("unix, systemd\n", await ssh("echo get libpam-runtime/profiles | DEBIAN_FRONTEND=noninteractive debconf-communicate 2> /dev/null | cut -c3-"));

            await guest.TryGetAsync("/crash");
            Assert.AreEqual("Healthy", await guest.GetAsync("/health", BootPatience));
            Assert.AreEqual("1\n", await ssh("systemctl show --value -p NRestarts packer-app"));
            StringAssert.Contains(await ssh("journalctl -t app --no-pager"), "Now listening on");
            StringAssert.Contains(guest.Console, "Now listening on");

            clock.Restart();
            await guest.ExecuteAsync("system_powerdown");
            await guest.WaitForEndAsync(TimeSpan.FromMinutes(2));
            TestContext.WriteLine($"Switched off after {clock.Elapsed.TotalSeconds:F1} s");
            StringAssert.Contains(guest.Console, "Power down");
        }, seed: seed);

        await PartitionedDisk.AssertGrownAsync(disk, 3);
        Assert.DoesNotContain("recovering journal", await Tool.RunAsync("e2fsck", "-fn", await PartitionedDisk.NameAsync(disk, 2)));
    }

    /// <summary>Debian's packages for arm64 have scripts that are known, too, and their libraries in a folder of another name.</summary>
    [TestMethod]
    [Timeout(1_800_000)]
    public async Task A_debian_for_arm64_is_composed()
    {
        var architecture = MachineArchitecture.Arm64;
        var program = TestApp.Create(Shared.Folder["arm64"], ElfBuilder.Program(architecture.ElfMachine, architecture.Loader));

        var tree = (await Shared.ComposeAsync(new ApplianceConfig { Shape = "debian", Packages = ["openssh-server", "libreadline8t64"], Formats = ["tar"] }, program with { RuntimeIdentifier = architecture.RuntimeIdentifier }, TestContext.CancellationToken)).Root.Tree;

        Assert.AreEqual("arm64\n", Text("/var/lib/dpkg/arch-native"));
        StringAssert.Contains(Text("/var/lib/dpkg/info/libc6:arm64.list"), "/usr/lib/aarch64-linux-gnu/libc.so.6\n");
        StringAssert.Contains(Text("/var/lib/dpkg/diversions"), "/lib/aarch64-linux-gnu/libreadline.so.8\n/lib/aarch64-linux-gnu/libreadline.so.8.usr-is-merged\nlibreadline8t64\n");
        Assert.DoesNotContain("Architecture: amd64", Text("/var/lib/dpkg/status"));

        string Text(string path) => System.Text.Encoding.UTF8.GetString(tree.Get(path).Data.ReadAll());
    }

    [TestMethod]
    [Timeout(1_800_000)]
    public async Task An_immutable_debian_starts_as_it_was_built()
    {
        QemuGuest.Require();
        Rig.Require("ssh", "ssh-keygen", "sgdisk");
        var key = Shared.Folder["other-key"];
        await Tool.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", key);
        var config = new ApplianceConfig { Shape = "debian", Packages = ["openssh-server"], AuthorizedKeys = [(await File.ReadAllTextAsync(key + ".pub")).Trim()], KernelArguments = [ApplianceRig.EmulatorWorkaround], Immutable = true };
        var disk = await Shared.BuildAsync(TestContext, "immutable", config, Shared.App);
        var before = await PartitionedDisk.HashAsync(disk, 2);
        await RunAsync(disk, key, async (guest, ssh) =>
        {
            Assert.AreEqual("Hello from an appliance.\n", await guest.GetAsync("/", BootPatience));
            Assert.AreEqual("running\n", await ssh("systemctl is-system-running --wait || systemctl --failed --no-legend; true"));
            Assert.AreEqual("overlay\n", await ssh("findmnt -n -o FSTYPE /"));
            await ssh("touch /etc/changed");
            await guest.ExecuteAsync("system_powerdown");
            await guest.WaitForEndAsync(TimeSpan.FromMinutes(2));
        }, bios: true);
        Assert.AreEqual(before, await PartitionedDisk.HashAsync(disk, 2));
    }

    [TestMethod]
    [Timeout(1_200_000)]
    public async Task The_same_packages_give_the_same_bytes_and_no_package_of_a_plain_machine_is_unknown()
    {
        var config = new ApplianceConfig { Shape = "debian", Packages = ["openssh-server", "sudo", "less", "nano", "curl", "cron", "iptables", "qemu-guest-agent"] };
        var first = await Shared.ComposeAsync(config, Shared.App, TestContext.CancellationToken);
        var second = await Shared.ComposeAsync(config, Shared.App, TestContext.CancellationToken);

        Assert.IsEmpty(first.Root.Tree.Walk().Where(entry => entry.Path.StartsWith("/etc/ssh/ssh_host_", StringComparison.Ordinal)).ToList());
        Assert.AreEqual(await HashAsync(first, "first"), await HashAsync(second, "second"));

        async Task<string> HashAsync(ApplianceParts parts, string name) =>
            (await DiskWriter.WriteAsync(parts.Disk!, new RawFormat(), Shared.Folder[name], new DiskWriteOptions { ComputeSha256 = true }, TestContext.CancellationToken)).Sha256!;
    }

    /// <summary>A CD with metadata, as cloud-init's NoCloud has it.</summary>
    private async Task<string> WriteSeedAsync(string metadata, string userData)
    {
        var tree = new FileTree(0);
        tree.AddFile("/meta-data", metadata, default);
        tree.AddFile("/user-data", userData, default);
        var path = Shared.Folder["seed.iso"];
        await DiskWriter.WriteAsync(Iso9660Writer.Create(tree, new Iso9660Options { Label = "cidata", Timestamp = 0 }), new RawFormat(), path, new DiskWriteOptions(), TestContext.CancellationToken);
        return path;
    }

    private async Task RunAsync(string disk, string key, Func<QemuGuest, Func<string, Task<string>>, Task> check, bool bios = false, string? seed = null)
    {
        var options = new QemuOptions(disk, Shared.Folder.Path) { Persistent = true, MemoryMegabytes = 1024, SshPort = QemuGuest.FreePort(), Bios = bios, Arguments = seed is null ? [] : ["-drive", $"if=none,id=seed,format=raw,readonly=on,file={seed}", "-device", "ide-cd,drive=seed"] };
        await using var guest = QemuGuest.Start(options);
        var port = options.SshPort.ToString(CultureInfo.InvariantCulture);
        try
        {
            await check(guest, async command => await Tool.RunAsync("ssh",
                "-q", "-p", port, "-i", key, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=30", "-o", "ConnectionAttempts=20", "root@127.0.0.1", command));
        }
        catch (AssertFailedException exception)
        {
            throw new AssertFailedException($"{exception.Message}\nThe console:\n{guest.Console}", exception);
        }
    }
}
