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
    // QEMU without KVM corrupts a flag around this instruction, and the kernel panics now and then. Real processors do not.
    private const string EmulatorWorkaround = "clearcpuid=cx16";

    private static readonly TimeSpan BootPatience = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromMinutes(1);

    private static TemporaryFolder? folder;
    private static AppContent? app;
    private static FilePool? files;

    /// <summary>What several tests need is made by the first one.</summary>
    private static readonly Lazy<Task<AppContent>> Worker = new(PublishWorkerAsync);
    private static readonly SemaphoreSlim Matrix = new(1);

    public TestContext TestContext { get; set; } = null!;

    [ClassInitialize]
    public static async Task PublishAsync(TestContext context)
    {
        if (HostAptConfiguration.Find() is not { Archive: not null, Security: not null }) return;
        folder = new TemporaryFolder();
        files = new FilePool();
        app = await PublishSampleAsync(folder["project"], folder["publish"]);
    }

    [ClassCleanup]
    public static void RemoveFolder()
    {
        files?.Dispose();
        folder?.Dispose();
    }

    [TestMethod]
    [Timeout(1_200_000)]
    public async Task Every_part_of_the_disk_is_sound()
    {
        Rig.Require("sgdisk", "fsck.vfat", "e2fsck");
        var disk = await BuildAsync("parts", new ApplianceConfig());

        StringAssert.Contains(await Tool.RunAsync("sgdisk", "-v", disk), "No problems found");
        var layout = await Tool.RunAsync("sgdisk", "-i", "1", disk);
        var (first, last) = (Sector(layout, "First sector: "), Sector(layout, "Last sector: "));
        await ExtractAsync(disk, folder!["boot.fat"], first * 512, (last - first + 1) * 512);
        await Tool.RunAsync("fsck.vfat", "-n", folder["boot.fat"]);
        var root = Sector(await Tool.RunAsync("sgdisk", "-i", "2", disk), "First sector: ");
        await Tool.RunAsync("e2fsck", "-fn", $"{disk}?offset={root * 512}");
    }

    [TestMethod]
    [Timeout(1_200_000)]
    public async Task Packages_that_are_asked_for_work_with_all_that_they_depend_on()
    {
        Rig.Require("sgdisk", "debugfs", "chroot");
        var disk = await BuildAsync("packages", new ApplianceConfig { Packages = ["curl", "openssl"] });
        var root = Sector(await Tool.RunAsync("sgdisk", "-i", "2", disk), "First sector: ");
        var tree = Directory.CreateDirectory(folder!["root"]).FullName;
        await Tool.RunAsync("debugfs", "-R", $"rdump / {tree}", $"{disk}?offset={root * 512}");

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
        var config = new ApplianceConfig { Formats = ["oci", "tar"], HttpPort = FreePort() };
        var output = Directory.CreateDirectory(folder!["container"]).FullName;
        var content = await ComposeAsync(config, app!, folder["cache"]);
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
        var first = await BuildAsync("first", new ApplianceConfig());
        // From nothing, and from another folder.
        var cache = folder!["another cache"];
        var moved = folder["another folder"];
        foreach (var file in Directory.GetFiles(app!.Directory, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(moved, Path.GetRelativePath(app.Directory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        var second = await BuildAsync("second", new ApplianceConfig(), app with { Directory = moved }, cache);

        Assert.AreEqual(await FileHashAsync(first), await FileHashAsync(second));
    }

    [TestMethod]
    [Timeout(1_200_000)]
    public async Task The_app_runs_is_started_again_and_stops_with_the_machine()
    {
        QemuGuest.Require();
        // The shipped image itself: what the emulator needs is told to the boot loader from outside.
        var disk = await BuildAsync("run", new ApplianceConfig());
        await BootAsync(new QemuOptions(disk, folder!.Path) { KernelArguments = EmulatorWorkaround + " loglevel=6", Persistent = true }, async guest =>
        {
            var clock = Stopwatch.StartNew();
            Assert.AreEqual("Hello from an appliance.\n", await guest.GetAsync("/", BootPatience));
            TestContext.WriteLine($"First answer after {clock.Elapsed.TotalSeconds:F1} s");
            StringAssert.Contains(guest.Console, EmulatorWorkaround);
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
        var root = Sector(await Tool.RunAsync("sgdisk", "-i", "2", disk), "First sector: ");
        // Mounted read-only in time: there is nothing to recover.
        Assert.DoesNotContain("recovering journal", await Tool.RunAsync("e2fsck", "-fn", $"{disk}?offset={root * 512}"));
    }

    /// <summary>One machine with what an image can be given: files, folders, users, and a second app.</summary>
    [TestMethod]
    [Timeout(1_200_000)]
    public async Task Several_apps_run_each_with_its_own_user_and_files()
    {
        QemuGuest.Require();
        Rig.Require("sgdisk", "e2fsck");
        var worker = await Worker.Value;
        Directory.CreateDirectory(folder!["given/jobs/bin"]);
        await File.WriteAllTextAsync(folder["given/jobs/list"], "first job");
        await File.WriteAllTextAsync(folder["given/jobs/bin/tool"], "#!/bin/sh\n");
        await File.WriteAllTextAsync(folder["given/secret"], "only root's");
        var config = new ApplianceConfig
        {
            KernelArguments = [EmulatorWorkaround],
            User = "web",
            WorkingDirectory = "/srv/web",
            Arguments = ["--contentRoot=/app"],
            Files = [new ImageFile { Source = folder["given/jobs"], Path = "/srv/jobs", Owner = "5000" }, new ImageFile { Source = folder["given/secret"], Path = "/etc/secret", Mode = "0600" }],
            Directories = [new ImageDirectory { Path = "/srv/web", Owner = "web" }],
        };
        var options = new AppOptions
        {
            User = "5000",
            WorkingDirectory = "/srv/jobs",
            Arguments = ["list", "bin/tool", "/etc/secret"],
            Environment = new Dictionary<string, string> { ["JOB"] = "it's one" },
        };
        var disk = await BuildAsync("several", config, app! with { AddedApps = [new AddedApp("worker", worker, options)] });
        Enlarge(disk);
        await BootAsync(new QemuOptions(disk, folder.Path) { Bios = true, Persistent = true }, async guest =>
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
        await AssertGrownAsync(disk, 2);
    }

    /// <summary>Gives a disk a gibibyte more, as a hypervisor does.</summary>
    internal static void Enlarge(string disk)
    {
        using var file = File.OpenWrite(disk);
        file.SetLength(file.Length + (1L << 30));
    }

    internal static async Task AssertGrownAsync(string disk, int partition)
    {
        StringAssert.Contains(await Tool.RunAsync("sgdisk", "-v", disk), "No problems found");
        var layout = await Tool.RunAsync("sgdisk", "-i", partition.ToString(System.Globalization.CultureInfo.InvariantCulture), disk);
        var (first, last) = (Sector(layout, "First sector: "), Sector(layout, "Last sector: "));
        Assert.IsGreaterThan(new FileInfo(disk).Length - (3 << 20), last * 512);
        var checkedSystem = await Tool.RunAsync("e2fsck", "-fn", $"{disk}?offset={first * 512}");
        Assert.DoesNotContain("recovering journal", checkedSystem);
        // The last line has the blocks: "packer-data: 12/16384 files (0.0% non-contiguous), 5000/262144 blocks".
        StringAssert.Contains(checkedSystem, $"/{(last - first + 1) / 8} blocks");
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
            KernelArguments = [EmulatorWorkaround],
            Immutable = true,
            DataSize = ByteSize.Parse("64M"),
            Directories = [new ImageDirectory { Path = "/srv/scratch", Owner = "app" }],
        };
        var disk = await BuildAsync("immutable", config, app! with { AddedApps = [new AddedApp("worker", worker, new AppOptions { WorkingDirectory = "/srv/scratch" })] });
        StringAssert.Contains(await Tool.RunAsync("sgdisk", "-v", disk), "No problems found");
        var (root, data) = (await Tool.RunAsync("sgdisk", "-i", "2", disk), Sector(await Tool.RunAsync("sgdisk", "-i", "3", disk), "First sector: "));
        var (first, last) = (Sector(root, "First sector: "), Sector(root, "Last sector: "));
        Assert.AreEqual(last + 1, data);
        var before = await RootHashAsync();
        var options = new QemuOptions(disk, folder!.Path) { Bios = true, Persistent = true, NetworkDevice = "e1000e" };

        await BootAsync(options, guest => RunAsync(guest, "worker: start 2"));
        Enlarge(disk);
        await BootAsync(options, async guest =>
        {
            await RunAsync(guest, "worker: start 3");
            StringAssert.Contains(guest.Console, "packer: the disk is larger than it was");
            // A file outside of the homes is gone with the machine that wrote it.
            Assert.DoesNotContain("worker: mark old", guest.Console);
        });

        Assert.AreEqual(before, await RootHashAsync());
        await AssertGrownAsync(disk, 3);
        Assert.DoesNotContain("recovering journal", await Tool.RunAsync("e2fsck", "-fn", $"{disk}?offset={data * 512}"));

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

        async Task<string> RootHashAsync()
        {
            await ExtractAsync(disk, folder!["root.ext4"], first * 512, (last - first + 1) * 512);
            return await FileHashAsync(folder["root.ext4"]);
        }
    }

    [TestMethod]
    [Timeout(1_200_000)]
    public async Task Firmware_that_starts_only_what_is_signed_starts_the_image()
    {
        QemuGuest.Require();
        var disk = await BuildAsync("secure", new ApplianceConfig { KernelArguments = [EmulatorWorkaround, "loglevel=6"] });
        await BootAsync(new QemuOptions(disk, folder!.Path) { SecureBoot = true }, async guest =>
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
        var keys = Directory.CreateDirectory(folder!["keys"]).FullName;
        var signer = await SecureBootKeys.CreateAsync(keys);
        var variables = await SecureBootKeys.EnrollAsync(keys);
        var config = new ApplianceConfig { BootMode = "uki", SigningKey = signer, KernelArguments = [EmulatorWorkaround, "loglevel=6"] };
        var disk = await BuildAsync("unified", config);
        await BootAsync(new QemuOptions(disk, folder.Path) { SecureBoot = true, Variables = variables }, async guest =>
        {
            var clock = Stopwatch.StartNew();
            Assert.AreEqual("Hello from an appliance.\n", await guest.GetAsync("/", BootPatience));
            TestContext.WriteLine($"First answer after {clock.Elapsed.TotalSeconds:F1} s");
            StringAssert.Contains(guest.Console, "locked down from EFI Secure Boot");
        });
        var unsigned = await BuildAsync("unsigned", config with { SigningKey = null });
        await using var refused = QemuGuest.Start(new QemuOptions(unsigned, folder.Path) { SecureBoot = true, Variables = variables });
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
        var disk = folder!["matrix/web.raw"];
        await Matrix.WaitAsync(TestContext.CancellationToken);
        try
        {
            if (!File.Exists(disk)) await BuildAsync("matrix", new ApplianceConfig { KernelArguments = [EmulatorWorkaround] });
        }
        finally
        {
            Matrix.Release();
        }
        await BootAsync(new QemuOptions(disk, folder.Path) { Bios = bios, DiskDevice = device }, async guest =>
        {
            var clock = Stopwatch.StartNew();
            Assert.AreEqual("Hello from an appliance.\n", await guest.GetAsync("/", BootPatience));
            TestContext.WriteLine($"First answer after {clock.Elapsed.TotalSeconds:F1} s");
        });
    }

    /// <summary>Starts a machine, once more where it fails: an emulator under load is no measure.</summary>
    private static async Task BootAsync(QemuOptions options, Func<QemuGuest, Task> check)
    {
        try
        {
            await using var guest = QemuGuest.Start(options);
            await check(guest);
        }
        catch (AssertFailedException)
        {
            await using var guest = QemuGuest.Start(options);
            await check(guest);
        }
    }

    private async Task<string> BuildAsync(string name, ApplianceConfig config, AppContent? other = null, string? cacheFolder = null)
    {
        var clock = Stopwatch.StartNew();
        var content = await ComposeAsync(config, other ?? app!, cacheFolder ?? folder!["cache"]);
        var composed = clock.Elapsed;
        var path = Path.Combine(Directory.CreateDirectory(folder![name]).FullName, "web.raw");
        var written = await DiskWriter.WriteAsync(content.Disk!, new RawFormat(), path, new DiskWriteOptions { ComputeSha256 = true }, TestContext.CancellationToken);
        Assert.AreEqual(await FileHashAsync(path), written.Sha256);
        TestContext.WriteLine($"Composed in {composed.TotalSeconds:F2} s, written in {(clock.Elapsed - composed).TotalSeconds:F2} s: {written}");
        return path;
    }

    private async Task<ApplianceParts> ComposeAsync(ApplianceConfig config, AppContent content, string cacheFolder)
    {
        if (app is null) Rig.Require("a Debian mirror in apt's configuration");
        using var cache = new FileCache(cacheFolder);
        var ui = new TestUi();
        using var fetcher = new CacheDebianFetcher(cache, ui);
        return await new ApplianceImage("web", config, content, HostAptConfiguration.Find()).ComposeAsync(fetcher, ui, files!, locked: null, TestContext.CancellationToken);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A program that says what it finds: the files that its arguments name, and how often it was started. It ends the first time.</summary>
    private static async Task<AppContent> PublishWorkerAsync()
    {
        var project = Directory.CreateDirectory(folder!["worker"]).FullName;
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
        return await PublishProjectAsync(project, folder["worker publish"], "Worker");
    }

    internal static async Task<AppContent> PublishSampleAsync(string project, string output, string runtimeIdentifier = "linux-x64")
    {
        Directory.CreateDirectory(project);
        File.Copy(RepositoryFiles.FullPath("samples", "WebAppliance", "Program.cs"), Path.Combine(project, "Program.cs"));
        // As the sample, but without the SDK, which is not packed here.
        await File.WriteAllTextAsync(Path.Combine(project, "WebAppliance.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
            </Project>
            """);
        return await PublishProjectAsync(project, output, "WebAppliance", runtimeIdentifier);
    }

    internal static async Task<AppContent> PublishProjectAsync(string project, string output, string program, string runtimeIdentifier = "linux-x64")
    {
        await PublishedProject.PublishAsync(project, output, runtimeIdentifier);
        return new AppContent(output, program, runtimeIdentifier) { InvariantGlobalization = true };
    }

    internal static long Sector(string layout, string label) =>
        long.Parse(layout.Split('\n').Single(line => line.StartsWith(label, StringComparison.Ordinal))[label.Length..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    internal static async Task ExtractAsync(string disk, string path, long offset, long length)
    {
        await using var source = File.OpenRead(disk);
        await using var target = File.Create(path);
        source.Position = offset;
        var buffer = new byte[1 << 20];
        for (var left = length; left > 0;)
        {
            var count = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)));
            await target.WriteAsync(buffer.AsMemory(0, count));
            left -= count;
        }
    }

    private static async Task<string> FileHashAsync(string path)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(stream));
    }
}
