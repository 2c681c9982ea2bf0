using System.Globalization;
using System.Text;
using Packer.Builders.Appliance;
using Packer.Engine;
using Packer.Imaging;
using Packer.Tests.Engine;

namespace Packer.Tests.Builders.Appliance;

/// <summary>From packages at hand to the disk.</summary>
[TestClass]
public sealed class CompositionTests
{
    private const long Time = ApplianceConfig.DefaultSourceDateEpoch;

    [TestMethod]
    public void The_RAM_disk_has_the_drivers_and_a_script_that_starts()
    {
        using var folder = new TemporaryFolder();
        var kernel = new FileTree(0);
        kernel.AddFile("/usr/lib/modules/6.1/kernel/virtio_blk.ko", new BytesSource(ElfBuilder.Module("depends=")), default);

        var tree = InitialRamDisk.CreateTree(MachineArchitecture.X64, new BytesSource("busybox"), KernelModules.Read(kernel, ["virtio_blk"]), Time);

        StringAssert.StartsWith(Text(tree, "/init"), "#!/bin/busybox sh\n");
        Assert.AreEqual(Permissions.Octal(755), tree.Get("/init").Metadata.Mode);
        Assert.AreEqual(Permissions.Octal(755), tree.Get("/bin/busybox").Metadata.Mode);
        Assert.AreEqual(Permissions.Octal(755), tree.Get("/bin/grow").Metadata.Mode);
        Assert.AreEqual("/bin/busybox", tree.Get("/sbin/modprobe").Target);
        Assert.IsNotNull(tree.Find("/lib/modules/6.1/kernel/virtio_blk.ko"));
        Assert.AreEqual("kernel/virtio_blk.ko:\n", Text(tree, "/lib/modules/6.1/modules.dep"));
        Assert.IsTrue(tree.Walk().All(entry => entry.Node.Metadata.ModificationTime == Time));
        CollectionAssert.AreEqual(InitialRamDisk.Compress(tree), InitialRamDisk.Compress(tree));
        using var expander = new ZstdSharp.Decompressor();
        StringAssert.StartsWith(Encoding.ASCII.GetString(expander.Unwrap(InitialRamDisk.Compress(tree))), "070701");
    }

    [TestMethod]
    public void The_root_file_system_has_what_runs_and_no_more()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();

        var tree = Root(folder, files, new ApplianceConfig { HttpPort = 80, HostName = "web.example.test" });

        foreach (var path in (string[])["/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/bin/busybox", "/app/Web", "/usr/share/doc/base-files/copyright", "/etc/acpi/PWRF/00000080", "/usr/share/zoneinfo/Etc/UTC"])
            Assert.IsNotNull(tree.Find(path), path);
        foreach (var path in (string[])["/usr/share/doc/base-files/README", "/usr/lib/x86_64-linux-gnu/gconv", "/usr/share/locale", "/usr/share/man", "/boot", "/usr/lib/modules", "/usr/lib/shim",
            "/usr/share/ca-certificates", "/usr/sbin/update-ca-certificates", "/app/Web.dbg"])
            Assert.IsNull(tree.Find(path), path);
        Assert.AreEqual("usr/lib", tree.Get("/lib").Target);
        Assert.AreEqual("/usr/bin/busybox", tree.Get("/usr/sbin/init").Target);
        Assert.AreEqual("first\nsecond\n", Text(tree, "/etc/ssl/certs/ca-certificates.crt"));
        Assert.AreEqual("/etc/ssl/certs", tree.Get("/usr/lib/ssl/certs").Target);
        Assert.AreEqual("web.example.test\n", Text(tree, "/etc/hostname"));
        StringAssert.Contains(Text(tree, "/etc/hosts"), "127.0.1.1 web.example.test web\n");
        StringAssert.Contains(Text(tree, "/usr/lib/packer/start-app"), "'ASPNETCORE_HTTP_PORTS=80'");
        StringAssert.Contains(Text(tree, "/etc/inittab"), "::respawn:/usr/lib/packer/supervise app\n");
    }

    [TestMethod]
    public void Nobody_can_log_in_and_the_app_owns_only_its_home()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();

        var tree = Root(folder, files, new ApplianceConfig());

        Assert.IsTrue(Text(tree, "/etc/shadow").Split('\n', StringSplitOptions.RemoveEmptyEntries).All(line => line.Split(':')[1] == "*"));
        Assert.IsTrue(Text(tree, "/etc/passwd").Split('\n', StringSplitOptions.RemoveEmptyEntries).All(line => line.EndsWith(":/usr/sbin/nologin", StringComparison.Ordinal)));
        Assert.AreEqual(Permissions.Octal(600), tree.Get("/etc/shadow").Metadata.Mode);
        Assert.AreEqual(Permissions.Octal(700), tree.Get("/usr/lib/packer/start-app").Metadata.Mode);
        CollectionAssert.AreEqual((string[])["/var/lib/app"], tree.Walk().Where(entry => entry.Node.Metadata.UserId != 0).Select(entry => entry.Path).ToArray());
        Assert.AreEqual(1654u, tree.Get("/var/lib/app").Metadata.UserId);
        foreach (var entry in tree.Walk().Where(entry => entry.Node.Type is NodeType.File or NodeType.Directory && (entry.Node.Metadata.Mode & UnixFileMode.OtherWrite) != 0))
            Assert.IsTrue(entry.Path is "/tmp" or "/var/tmp", entry.Path);
    }

    [TestMethod]
    public void Scanners_find_every_package()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();

        var tree = Root(folder, files, new ApplianceConfig());

        Assert.AreEqual("Package: libc6\nStatus: install ok installed\nVersion: 1.0\nArchitecture: amd64\nDescription: test\n more\n", Text(tree, "/var/lib/dpkg/status.d/libc6"));
        foreach (var name in (string[])["linux-image-6.12.0-test", "shim-signed", "busybox-static"]) Assert.IsNotNull(tree.Find($"/var/lib/dpkg/status.d/{name}"), name);
    }

    [TestMethod]
    public void Nothing_is_younger_than_the_time_of_the_image()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();

        var tree = Root(folder, files, new ApplianceConfig());

        Assert.IsEmpty(tree.Walk().Where(entry => entry.Node.Metadata.ModificationTime > Time).Select(entry => entry.Path).ToList());
    }

    [TestMethod]
    public void The_boot_partition_starts_the_kernel_by_its_one_entry()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var identity = new ImageIdentity("web", "trixie");

        var tree = BootTree.Create(TestPackages.Complete(folder.Path).All, MachineArchitecture.X64, new BytesSource("RAM disk"), identity.KernelCommandLine(new ApplianceConfig { KernelArguments = ["mitigations=off"] }, MachineArchitecture.X64), Time, files);

        Assert.AreEqual("shim", Text(tree, "/EFI/BOOT/BOOTX64.EFI"));
        Assert.AreEqual("boot loader", Text(tree, "/EFI/BOOT/grubx64.efi"));
        Assert.AreEqual("key manager", Text(tree, "/EFI/BOOT/mmx64.efi"));
        Assert.AreEqual("kernel", Text(tree, "/packer/vmlinuz"));
        Assert.AreEqual("RAM disk", Text(tree, "/packer/initrd.img"));
        Assert.AreEqual("timeout 0\neditor no\n", Text(tree, "/loader/loader.conf"));
        Assert.AreEqual(
            $"title Packer\nlinux /packer/vmlinuz\ninitrd /packer/initrd.img\noptions root=PARTUUID={identity.RootPartition:D} rw console=tty0 console=ttyS0,115200 panic=10 quiet mitigations=off\n",
            Text(tree, "/loader/entries/packer.conf"));
    }

    [TestMethod]
    public async Task The_same_inputs_give_the_same_bytes_anywhere()
    {
        var first = await HashAsync("web", new ApplianceConfig());
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = "minus";
        culture.NumberFormat.NativeDigits = ["٠", "١", "٢", "٣", "٤", "٥", "٦", "٧", "٨", "٩"];
        culture.DateTimeFormat.ShortDatePattern = "yy/d/M";
        CultureInfo.CurrentCulture = culture;
        var second = await HashAsync("web", new ApplianceConfig());

        Assert.AreEqual(first, second);
        Assert.AreNotEqual(first, await HashAsync("api", new ApplianceConfig()));
        Assert.AreNotEqual(first, await HashAsync("web", new ApplianceConfig { SourceDateEpoch = Time + 1 }));
        Assert.AreNotEqual(first, await HashAsync("web", new ApplianceConfig { HttpPort = 8081 }));
    }

    [TestMethod]
    public async Task A_disk_has_the_size_that_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();

        var disk = await ComposeAsync(folder, files, "web", new ApplianceConfig { DiskSize = ByteSize.Parse("1G") });

        Assert.AreEqual(1L << 30, disk.Length);
    }

    [TestMethod]
    public async Task A_disk_that_is_too_small_says_what_is_needed_and_that_is_enough()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var error = await Assert.ThrowsExactlyAsync<PackerException>(() => ComposeAsync(folder, files, "web", new ApplianceConfig { DiskSize = ByteSize.Parse("64M") }));

        Assert.AreEqual(DiagnosticCodes.DiskTooSmall, error.Code);
        var needed = error.Message.Split('\'')[1];
        var disk = await ComposeAsync(folder, files, "web", new ApplianceConfig { DiskSize = ByteSize.Parse(needed) });
        var smallest = await ComposeAsync(folder, files, "web", new ApplianceConfig());
        Assert.AreEqual(smallest.Length, disk.Length);
    }

    [TestMethod]
    public async Task A_data_partition_has_its_place_by_the_sizes_alone()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var config = new ApplianceConfig { DataSize = ByteSize.Parse("64M"), DiskSize = ByteSize.Parse("1G") };

        var layout = DiskLayout.Create(40 << 20, 200 << 20, 0, 64 << 20, 1 << 30);
        var other = DiskLayout.Create(48 << 20, 300 << 20, 3 << 20, 64 << 20, 1 << 30);
        var smallest = DiskLayout.Create(40 << 20, 200 << 20, 0, 64 << 20, null);

        Assert.AreEqual(layout.DataOffset, other.DataOffset);
        Assert.AreEqual(200 << 20, smallest.RootLength);
        Assert.AreEqual(1L << 30, (await ComposeAsync(folder, files, "web", config)).Length);
        StringAssert.Contains(new ImageIdentity("web", "trixie").KernelCommandLine(config, MachineArchitecture.X64), $" rw packer.data=PARTUUID={new ImageIdentity("web", "trixie").DataPartition:D} ");
        StringAssert.Contains(new ImageIdentity("web", "trixie").KernelCommandLine(new ApplianceConfig { Immutable = true }, MachineArchitecture.X64), " ro console=");
    }

    [TestMethod]
    public void An_image_has_one_kernel()
    {
        using var folder = new TemporaryFolder();
        var packages = TestPackages.Complete(folder.Path);
        Assert.AreEqual("linux-image-6.12.0-test", PackageSet.KernelOf(packages.All).Name);
        packages.Add("linux-image-6.13.0-test", ("boot/vmlinuz-6.13", "kernel"));

        var error = Assert.ThrowsExactly<PackerException>(() => PackageSet.KernelOf(packages.All));

        Assert.AreEqual(DiagnosticCodes.KernelDoesNotFit, error.Code);
        StringAssert.Contains(error.Message, "linux-image-6.12.0-test, linux-image-6.13.0-test");
        Assert.Contains("linux-image-amd64", PackageSet.For(true, [], MachineArchitecture.X64, "linux-image-amd64").Boot);
    }

    [TestMethod]
    public async Task What_takes_the_room_adds_up_to_the_data_of_the_disk()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        using var cache = new FileCache(folder["cache"]);
        using var fetcher = new CacheDebianFetcher(cache, new TestUi());
        var app = TestApp.Create(folder["app"]);
        var packages = TestPackages.Complete(Directory.CreateDirectory(folder["packages"]).FullName).All;
        var image = new ApplianceImage("web", new ApplianceConfig { FreeSpace = ByteSize.Parse("64M") }, app, null);

        var parts = await image.ComposeAsync(fetcher, packages, PackageSet.For(true, [], MachineArchitecture.X64), files, CancellationToken.None);

        Assert.AreEqual(parts.Disk!.DataRanges().Sum(range => range.Length), parts.Contents.Sum(entry => entry.Size));
        Assert.AreEqual("app boot loader file systems kernel packages system", string.Join(' ', parts.Contents.Select(entry => entry.Group).Distinct().Order(StringComparer.Ordinal)));
        Assert.AreEqual(new FileInfo(Path.Combine(app.Directory, app.EntryPoint)).Length, parts.Contents.Single(entry => entry.Group == "app" && entry.Name == app.EntryPoint).Size);
        Assert.IsNotNull(parts.Contents.SingleOrDefault(entry => entry is { Group: "packages", Name: "base-files" }));
        CollectionAssert.AllItemsAreUnique(parts.Contents.Select(entry => (entry.Group, entry.Name)).ToList());
    }

    /// <summary>A machine in memory has its root file system after the drivers in one and the same RAM disk, and no partition for it.</summary>
    [TestMethod]
    public async Task A_root_file_system_in_memory_needs_no_partition()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        using var cache = new FileCache(folder["cache"]);
        using var fetcher = new CacheDebianFetcher(cache, new TestUi());
        var packages = TestPackages.Complete(Directory.CreateDirectory(folder["packages"]).FullName).All;
        var config = new ApplianceConfig { Root = "ram", DataSize = ByteSize.Parse("64M") };
        var image = new ApplianceImage("web", config, TestApp.Create(folder["app"]), null);

        var parts = await image.ComposeAsync(fetcher, packages, PackageSet.For(true, [], MachineArchitecture.X64), files, CancellationToken.None);

        Assert.AreEqual(parts.Disk!.DataRanges().Sum(range => range.Length), parts.Contents.Sum(entry => entry.Size));
        var table = new byte[3 * 128];
        parts.Disk.Read(1024, table);
        Assert.AreEqual(PartitionTypes.EfiSystem, new Guid(table.AsSpan(0, 16)));
        Assert.AreEqual(PartitionTypes.LinuxData, new Guid(table.AsSpan(128, 16)));
        Assert.AreEqual("packer.root=ram rootfstype=ramfs", string.Join(' ', new ImageIdentity("web", "trixie").KernelCommandLine(config, MachineArchitecture.X64).Split(' ').Take(2)));
    }

    private static FileTree Root(TemporaryFolder folder, FilePool files, ApplianceConfig config) =>
        RootTree.Create(TestPackages.Complete(folder.Path).All, PackageSet.For(true, [], MachineArchitecture.X64), config, "web", TestApp.Create(folder["app"]), Time, files, new ApplianceContents()).Tree;

    private static async Task<string> HashAsync(string image, ApplianceConfig config)
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var disk = await ComposeAsync(folder, files, image, config);
        return (await DiskWriter.WriteAsync(disk, new RawFormat(), folder["disk.raw"], new DiskWriteOptions { ComputeSha256 = true }, CancellationToken.None)).Sha256!;
    }

    private static async Task<SparseImage> ComposeAsync(TemporaryFolder folder, FilePool files, string image, ApplianceConfig config)
    {
        var packages = Directory.CreateDirectory(folder[Guid.NewGuid().ToString("N")]).FullName;
        using var cache = new FileCache(folder["cache"]);
        using var fetcher = new CacheDebianFetcher(cache, new TestUi());
        var content = await new ApplianceImage(image, config, TestApp.Create(folder["app"]), null)
            .ComposeAsync(fetcher, TestPackages.Complete(packages).All, PackageSet.For(true, [], MachineArchitecture.X64), files, CancellationToken.None);
        return content.Disk!;
    }

    private static string Text(FileTree tree, string path) => Encoding.UTF8.GetString(tree.Get(path).Data.ReadAll());
}
