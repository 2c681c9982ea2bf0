using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Packer.Builders.Appliance;
using Packer.Debian;
using Packer.Engine;
using Packer.Imaging;
using Packer.Tests.Engine;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>The sample app in a real image, made from the mirror of this machine's apt configuration and started under QEMU.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed partial class ApplianceRigTests
{
    private static readonly TimeSpan BootPatience = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromMinutes(1);

    private static ApplianceRig? rig;

    private static ApplianceRig Shared => ApplianceRig.Require(rig);

    /// <summary>What several tests need is made by the first one.</summary>
    private static readonly Lazy<Task<AppContent>> Worker = new(PublishWorkerAsync);

    public TestContext TestContext { get; set; } = null!;

    [ClassInitialize]
    public static async Task PublishAsync(TestContext context)
    {
        rig = await ApplianceRig.CreateAsync(folder => PublishedProject.PublishSampleAsync(folder["project"], folder["publish"]));
    }

    [ClassCleanup]
    public static void RemoveFolder() => rig?.Dispose();

    [TestMethod]
    [Timeout(1_200_000)]
    public async Task Every_part_of_the_disk_is_sound()
    {
        Rig.Require("sgdisk", "fsck.vfat", "e2fsck");
        var disk = await Shared.BuildAsync(TestContext, "parts", new ApplianceConfig());

        StringAssert.Contains(await Tool.RunAsync("sgdisk", "-v", disk), "No problems found");
        await PartitionedDisk.ExtractAsync(disk, 1, Shared.Folder["boot.fat"]);
        await Tool.RunAsync("fsck.vfat", "-n", Shared.Folder["boot.fat"]);
        var root = await PartitionedDisk.NameAsync(disk, 2);
        await Tool.RunAsync("e2fsck", "-fn", root);
    }

    [TestMethod]
    [Timeout(1_200_000)]
    public async Task Packages_that_are_asked_for_work_with_all_that_they_depend_on()
    {
        Rig.Require("sgdisk", "debugfs", "chroot");
        var disk = await Shared.BuildAsync(TestContext, "packages", new ApplianceConfig { Packages = ["curl", "openssl"] });
        var root = await PartitionedDisk.NameAsync(disk, 2);
        var tree = Directory.CreateDirectory(Shared.Folder["root"]).FullName;
        await Tool.RunAsync("debugfs", "-R", $"rdump / {tree}", root);

        StringAssert.Contains(await Tool.RunAsync("chroot", tree, "/usr/bin/curl", "--version"), "https");
        StringAssert.Contains(await Tool.RunAsync("chroot", tree, "/usr/bin/openssl", "version"), "OpenSSL 3");
        Assert.IsTrue(File.Exists(Path.Combine(tree, "var/lib/dpkg/status.d/curl")));
    }

    /// <summary>The container's file system and settings, with nothing of a container engine but its root folder.</summary>
    [TestMethod]
    [Timeout(1_200_000)]
    public async Task The_app_runs_from_the_container_image()
    {
        Rig.Require("skopeo", "umoci", "chroot", "unshare", "curl");
        var config = new ApplianceConfig { Formats = ["oci", "tar"], HttpPort = QemuGuest.FreePort() };
        var output = Directory.CreateDirectory(Shared.Folder["container"]).FullName;
        var content = await Shared.ComposeAsync(config, Shared.App, TestContext.CancellationToken);
        Assert.IsNull(content.Disk);
        await new ApplianceOutputs(config, TestBuild.Context(new TestUi(), folder: output)).WriteAsync(content, TestContext.CancellationToken);
        var layout = Path.Combine(output, "layout");
        await Tool.RunAsync("skopeo", "--insecure-policy", "copy", $"oci-archive:{Path.Combine(output, "web.oci.tar")}", $"oci:{layout}:latest");
        await Tool.RunAsync("umoci", "unpack", "--image", $"{layout}:latest", Path.Combine(output, "bundle"));
        using var settings = JsonDocument.Parse(await Tool.RunAsync("skopeo", "inspect", "--config", $"oci:{layout}:latest"));
        var run = settings.RootElement.GetProperty("config");
        var root = Path.Combine(output, "bundle", "rootfs");

        // What a container engine adds: processes of its own, /proc and /dev.
        const string Enter = """root=$1; shift; mount -t proc proc "$root/proc" && mount --bind /dev "$root/dev" && exec chroot "$@" """;
        using var process = Process.Start(new ProcessStartInfo("unshare",
        [
            "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", Enter, "sh", root, "--userspec=" + run.GetProperty("User").GetString(), root,
            "/usr/bin/busybox", "env", "-i", .. run.GetProperty("Env").EnumerateArray().Select(variable => variable.GetString()!),
            .. run.GetProperty("Entrypoint").EnumerateArray().Select(part => part.GetString()!), "--contentRoot", run.GetProperty("WorkingDir").GetString()!,
        ]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        var (exitCode, answer) = await Tool.TryRunAsync("curl", "-s", "--retry", "60", "--retry-delay", "1", "--retry-all-errors", $"http://127.0.0.1:{config.HttpPort}/");
        process.Kill(entireProcessTree: true);
        var words = string.Concat(await said);
        Assert.AreEqual(0, exitCode, words);
        StringAssert.Contains(answer, "Hello from an appliance.", words);

        // The archive of the same root file system has the same files.
        var names = (await Tool.RunAsync("tar", "-tf", Path.Combine(output, "web.tar"))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        CollectionAssert.AreEquivalent(content.Root.Tree.Walk().Select(entry => entry.Path).ToList(), names.Select(name => "/" + name.TrimEnd('/')).ToList());
        CollectionAssert.AreEquivalent(content.Root.Tree.Walk().Select(entry => entry.Path).ToList(), content.Root.Layers.SelectMany(layer => layer.Entries).Select(entry => entry.Path).ToList());
    }

    [TestMethod]
    [Timeout(1_200_000)]
    public async Task The_same_app_gives_the_same_bytes()
    {
        var first = await Shared.BuildAsync(TestContext, "first", new ApplianceConfig());
        // From nothing, and from another folder.
        var cache = Shared.Folder["another cache"];
        var moved = Shared.Folder["another folder"];
        foreach (var file in Directory.GetFiles(Shared.App.Directory, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(moved, Path.GetRelativePath(Shared.App.Directory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        var second = await Shared.BuildAsync(TestContext, "second", new ApplianceConfig(), Shared.App with { Directory = moved }, cache);

        Assert.AreEqual(await PartitionedDisk.FileHashAsync(first), await PartitionedDisk.FileHashAsync(second));
    }

    [TestMethod]
    [Timeout(1_200_000)]
    public async Task The_app_runs_is_started_again_and_stops_with_the_machine()
    {
        QemuGuest.Require();
        // The shipped image itself: what the emulator needs is told to the boot loader from outside.
        var disk = await Shared.BuildAsync(TestContext, "run", new ApplianceConfig());
        await ApplianceRig.BootAsync(new QemuOptions(disk, Shared.Folder.Path) { KernelArguments = ApplianceRig.EmulatorWorkaround + " loglevel=6", Persistent = true }, async guest =>
        {
            var clock = Stopwatch.StartNew();
            Assert.AreEqual("Hello from an appliance.\n", await guest.GetAsync("/", BootPatience));
            TestContext.WriteLine($"First answer after {clock.Elapsed.TotalSeconds:F1} s");
            StringAssert.Contains(guest.Console, ApplianceRig.EmulatorWorkaround);
            Assert.AreEqual("Healthy", await guest.GetAsync("/health", AnswerPatience));
            var host = await guest.GetAsync("/api/host", AnswerPatience);
            StringAssert.Contains(host, "\"user\":\"app\"");
            StringAssert.Contains(host, "\"host\":\"web\"");
            StringAssert.Contains(host, "Debian");
            StringAssert.Contains(host, "\"uid\":\"1654\"");

            await guest.TryGetAsync("/crash");
            await guest.WaitForConsoleAsync("packer: the app ended with code 3; it is started again in 1 s", AnswerPatience);
            Assert.AreEqual("Healthy", await guest.GetAsync("/health", AnswerPatience));

            clock.Restart();
            await guest.ExecuteAsync("system_powerdown");
            await guest.WaitForEndAsync(TimeSpan.FromMinutes(1));
            TestContext.WriteLine($"Switched off after {clock.Elapsed.TotalSeconds:F1} s");
            StringAssert.Contains(guest.Console, "Application is shutting down...");
            StringAssert.Contains(guest.Console, "packer: the app has stopped");
            StringAssert.Contains(guest.Console, "Power down");
        });

        Rig.Require("e2fsck", "sgdisk");
        var root = await PartitionedDisk.NameAsync(disk, 2);
        // Mounted read-only in time: there is nothing to recover.
        Assert.DoesNotContain("recovering journal", await Tool.RunAsync("e2fsck", "-fn", root));
    }

    /// <summary>One machine with what an image can be given: files, folders, users, and a second app.</summary>
    [TestMethod]
    [Timeout(1_200_000)]
    public async Task Several_apps_run_each_with_its_own_user_and_files()
    {
        QemuGuest.Require();
        Rig.Require("sgdisk", "e2fsck");
        var worker = await Worker.Value;
        Directory.CreateDirectory(Shared.Folder["given/jobs/bin"]);
        await File.WriteAllTextAsync(Shared.Folder["given/jobs/list"], "first job");
        await File.WriteAllTextAsync(Shared.Folder["given/jobs/bin/tool"], "#!/bin/sh\n");
        await File.WriteAllTextAsync(Shared.Folder["given/secret"], "only root's");
        var config = new ApplianceConfig
        {
            KernelArguments = [ApplianceRig.EmulatorWorkaround],
            User = "web",
            WorkingDirectory = "/srv/web",
            Arguments = ["--contentRoot=/app"],
            Files = [new ImageFile { Source = Shared.Folder["given/jobs"], Path = "/srv/jobs", Owner = "5000" }, new ImageFile { Source = Shared.Folder["given/secret"], Path = "/etc/secret", Mode = "0600" }],
            Directories = [new ImageDirectory { Path = "/srv/web", Owner = "web" }],
        };
        var options = new AppOptions
        {
            User = "5000",
            WorkingDirectory = "/srv/jobs",
            Arguments = ["list", "bin/tool", "/etc/secret"],
            Environment = new Dictionary<string, string> { ["JOB"] = "it's one" },
        };
        var disk = await Shared.BuildAsync(TestContext, "several", config, Shared.App with { AddedApps = [new AddedApp("worker", worker, options)] });
        PartitionedDisk.Enlarge(disk);
        await ApplianceRig.BootAsync(new QemuOptions(disk, Shared.Folder.Path) { Bios = true, Persistent = true }, async guest =>
        {
            var host = await guest.GetAsync("/api/host", BootPatience);
            StringAssert.Contains(host, "\"user\":\"web\"");
            StringAssert.Contains(host, "\"uid\":\"1654\"");
            foreach (var line in (string[])[
                "worker: user user5000, home /var/lib/worker, folder /srv/jobs, JOB it's one",
                "worker: list: OtherRead, GroupRead, UserWrite, UserRead: first job",
                "worker: bin/tool: OtherExecute, OtherRead, GroupExecute, GroupRead, UserExecute, UserWrite, UserRead: #!/bin/sh",
                "worker: /etc/secret: not for me",
                "worker: start 1",
                "packer: the app worker ended with code 4; it is started again in 1 s",
                "worker: start 2",
            ]) await guest.WaitForConsoleAsync(line, BootPatience);
            StringAssert.Contains(guest.Console, "app: ");
            // The one that ended leaves the other alone.
            Assert.AreEqual("Healthy", await guest.GetAsync("/health", AnswerPatience));
            Assert.DoesNotContain("the app app ended", guest.Console);

            await guest.ExecuteAsync("system_powerdown");
            await guest.WaitForEndAsync(TimeSpan.FromMinutes(1));
            StringAssert.Contains(guest.Console, "packer: the disk is larger than it was");
            StringAssert.Contains(guest.Console, "worker: stopped");
            StringAssert.Contains(guest.Console, "Application is shutting down...");
            StringAssert.Contains(guest.Console, "packer: the app has stopped");
        });
        await PartitionedDisk.AssertGrownAsync(disk, 2);
    }

    /// <summary>Another kernel, on hardware that the cloud kernel has no driver for, with a root file system that stays as it is and data that stay.</summary>
    [TestMethod]
    [Timeout(1_200_000)]
    public async Task An_immutable_machine_keeps_its_data_and_nothing_else()
    {
        QemuGuest.Require();
        Rig.Require("sgdisk", "e2fsck");
        var worker = await Worker.Value;
        var config = new ApplianceConfig
        {
            KernelPackage = "linux-image-amd64",
            KernelArguments = [ApplianceRig.EmulatorWorkaround],
            Immutable = true,
            DataSize = ByteSize.Parse("64M"),
            Directories = [new ImageDirectory { Path = "/srv/scratch", Owner = "app" }],
        };
        var disk = await Shared.BuildAsync(TestContext, "immutable", config, Shared.App with { AddedApps = [new AddedApp("worker", worker, new AppOptions { WorkingDirectory = "/srv/scratch" })] });
        StringAssert.Contains(await Tool.RunAsync("sgdisk", "-v", disk), "No problems found");
        var (root, data) = (await PartitionedDisk.PartitionAsync(disk, 2), await PartitionedDisk.PartitionAsync(disk, 3));
        Assert.AreEqual(root.Offset + root.Length, data.Offset);
        var before = await PartitionedDisk.HashAsync(disk, 2);
        var options = new QemuOptions(disk, Shared.Folder.Path) { Bios = true, Persistent = true, NetworkDevice = "e1000e" };

        await ApplianceRig.BootAsync(options, guest => RunAsync(guest, "worker: start 2"));
        PartitionedDisk.Enlarge(disk);
        await ApplianceRig.BootAsync(options, async guest =>
        {
            await RunAsync(guest, "worker: start 3");
            StringAssert.Contains(guest.Console, "packer: the disk is larger than it was");
            // A file outside of the homes is gone with the machine that wrote it.
            Assert.DoesNotContain("worker: mark old", guest.Console);
        });

        Assert.AreEqual(before, await PartitionedDisk.HashAsync(disk, 2));
        await PartitionedDisk.AssertGrownAsync(disk, 3);
        Assert.DoesNotContain("recovering journal", await Tool.RunAsync("e2fsck", "-fn", await PartitionedDisk.NameAsync(disk, 3)));

        async Task RunAsync(QemuGuest guest, string line)
        {
            var clock = Stopwatch.StartNew();
            Assert.AreEqual("Hello from an appliance.\n", await guest.GetAsync("/", BootPatience));
            TestContext.WriteLine($"First answer after {clock.Elapsed.TotalSeconds:F1} s");
            await guest.WaitForConsoleAsync(line, BootPatience);
            await guest.ExecuteAsync("system_powerdown");
            await guest.WaitForEndAsync(TimeSpan.FromMinutes(1));
            Assert.DoesNotContain("still being written", guest.Console);
            Assert.DoesNotContain("cannot grow", guest.Console);
        }
    }

    [TestMethod]
    [Timeout(1_200_000)]
    public async Task Firmware_that_starts_only_what_is_signed_starts_the_image()
    {
        QemuGuest.Require();
        var disk = await Shared.BuildAsync(TestContext, "secure", new ApplianceConfig { KernelArguments = [ApplianceRig.EmulatorWorkaround, "loglevel=6"] });
        await ApplianceRig.BootAsync(new QemuOptions(disk, Shared.Folder.Path) { SecureBoot = true }, async guest =>
        {
            var clock = Stopwatch.StartNew();
            Assert.AreEqual("Hello from an appliance.\n", await guest.GetAsync("/", BootPatience));
            TestContext.WriteLine($"First answer after {clock.Elapsed.TotalSeconds:F1} s");
            StringAssert.Contains(guest.Console, "locked down from EFI Secure Boot");
        });
    }

    /// <summary>Firmware that has only a key of our own starts the image that it has signed, and no other.</summary>
    [TestMethod]
    [Timeout(1_200_000)]
    public async Task A_unified_kernel_image_starts_where_its_key_is_the_only_one()
    {
        QemuGuest.Require();
        var keys = Directory.CreateDirectory(Shared.Folder["keys"]).FullName;
        var signer = await SecureBootKeys.CreateAsync(keys);
        var variables = await SecureBootKeys.EnrollAsync(keys);
        var config = new ApplianceConfig { BootMode = "uki", SigningKey = signer, KernelArguments = [ApplianceRig.EmulatorWorkaround, "loglevel=6"] };
        var disk = await Shared.BuildAsync(TestContext, "unified", config);
        await ApplianceRig.BootAsync(new QemuOptions(disk, Shared.Folder.Path) { SecureBoot = true, Variables = variables }, async guest =>
        {
            var clock = Stopwatch.StartNew();
            Assert.AreEqual("Hello from an appliance.\n", await guest.GetAsync("/", BootPatience));
            TestContext.WriteLine($"First answer after {clock.Elapsed.TotalSeconds:F1} s");
            StringAssert.Contains(guest.Console, "locked down from EFI Secure Boot");
        });
        var unsigned = await Shared.BuildAsync(TestContext, "unsigned", config with { SigningKey = null });
        await using var refused = QemuGuest.Start(new QemuOptions(unsigned, Shared.Folder.Path) { SecureBoot = true, Variables = variables });
        await refused.WaitForConsoleAsync("Access Denied", BootPatience);
        Assert.DoesNotContain("Linux version", refused.Console);
    }

    // AHCI's disks are IDE's to QEMU: the machine q35 hangs them on its AHCI controller.
    [TestMethod]
    [Timeout(1_200_000)]
    [DataRow(true, "virtio-blk-pci")]
    [DataRow(true, "ide-hd")]
    [DataRow(true, "nvme")]
    [DataRow(true, "scsi-hd")]
    [DataRow(false, "ide-hd")]
    [DataRow(false, "nvme")]
    [DataRow(false, "scsi-hd")]
    public async Task The_same_disk_starts_by_bios_and_by_uefi_on_every_controller(bool bios, string device)
    {
        QemuGuest.Require();
        var disk = await Shared.BuildOnceAsync(TestContext, "matrix", new ApplianceConfig { KernelArguments = [ApplianceRig.EmulatorWorkaround] });
        await ApplianceRig.BootAsync(new QemuOptions(disk, Shared.Folder.Path) { Bios = bios, DiskDevice = device }, async guest =>
        {
            var clock = Stopwatch.StartNew();
            Assert.AreEqual("Hello from an appliance.\n", await guest.GetAsync("/", BootPatience));
            TestContext.WriteLine($"First answer after {clock.Elapsed.TotalSeconds:F1} s");
        });
    }

    /// <summary>A program that says what it finds: the files that its arguments name, and how often it was started. It ends the first time.</summary>
    private static async Task<AppContent> PublishWorkerAsync()
    {
        var project = Directory.CreateDirectory(Shared.Folder["worker"]).FullName;
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), """
            using System.Runtime.InteropServices;

            var home = Environment.GetEnvironmentVariable("HOME")!;
            Console.WriteLine($"user {Environment.UserName}, home {home}, folder {Environment.CurrentDirectory}, JOB {Environment.GetEnvironmentVariable("JOB")}");
            foreach (var path in args)
            {
                try
                {
                    Console.WriteLine($"{path}: {File.GetUnixFileMode(path)}: {File.ReadAllText(path)}");
                }
                catch (UnauthorizedAccessException)
                {
                    Console.WriteLine($"{path}: not for me");
                }
            }
            var count = Path.Combine(home, "count");
            var starts = File.Exists(count) ? int.Parse(File.ReadAllText(count)) + 1 : 1;
            File.WriteAllText(count, starts.ToString());
            Console.WriteLine($"mark {(File.Exists("mark") ? "old" : "new")}");
            File.WriteAllText("mark", "");
            Console.WriteLine($"start {starts}");
            if (starts == 1) return 4;
            using var stopped = new ManualResetEventSlim();
            using var handler = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
            {
                context.Cancel = true;
                Console.WriteLine("stopped");
                stopped.Set();
            });
            stopped.Wait();
            return 0;
            """);
        await File.WriteAllTextAsync(Path.Combine(project, "Worker.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
            </Project>
            """);
        return await PublishedProject.PublishAppAsync(project, Shared.Folder["worker publish"], "Worker");
    }

}
