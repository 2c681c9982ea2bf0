using System.Text;
using Packer.Builders.Appliance;
using Packer.Builders.Appliance.Systemd;
using Packer.Debian;
using Packer.Engine;
using Packer.Imaging;
using Packer.Tests.Engine;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>What is another in an image for arm64.</summary>
[TestClass]
public sealed class Arm64ImageTests
{
    private const long Time = ApplianceConfig.DefaultSourceDateEpoch;

    private static readonly MachineArchitecture Arm64 = MachineArchitecture.Arm64;

    [TestMethod]
    public void Its_packages_are_those_of_its_processor()
    {
        var set = PackageSet.For(true, [], Arm64);
        var unified = PackageSet.For(true, [], Arm64, "linux-image-arm64", unified: true);
        var debian = SystemdPackages.For(true, [], Arm64, null, unified: false, busybox: false);

        CollectionAssert.AreEqual((string[])["linux-image-cloud-arm64", "shim-signed", "shim-helpers-arm64-signed", "systemd-boot-efi-arm64-signed"], set.Boot.ToArray());
        CollectionAssert.AreEqual((string[])["linux-image-arm64", "systemd-boot-efi"], unified.Boot.ToArray());
        CollectionAssert.AreEqual(PackageSet.For(true, [], MachineArchitecture.X64).System.ToArray(), set.System.ToArray());
        Assert.IsEmpty(set.Names.Concat(debian.Names).Where(name => name.Contains("amd64", StringComparison.Ordinal)).ToList());
        Assert.Contains("linux-image-cloud-arm64", debian.Boot);
    }

    [TestMethod]
    public void Its_firmware_finds_the_boot_chain_by_the_names_of_its_processor()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var commandLine = new ImageIdentity("web", "trixie").KernelCommandLine(new ApplianceConfig(), Arm64);

        var tree = BootTree.Create(TestPackages.Complete(folder.Path, Arm64).All, Arm64, new BytesSource("RAM disk"), commandLine, Time, files);

        Assert.AreEqual("shim", Text(tree, "/EFI/BOOT/BOOTAA64.EFI"));
        Assert.AreEqual("boot loader", Text(tree, "/EFI/BOOT/grubaa64.efi"));
        Assert.AreEqual("key manager", Text(tree, "/EFI/BOOT/mmaa64.efi"));
        StringAssert.Contains(Text(tree, "/loader/entries/packer.conf"), " console=tty0 console=ttyAMA0,115200 ");
        Assert.IsNotNull(BootTree.Create(new SparseImage(4096), Arm64, Time).Find("/EFI/BOOT/BOOTAA64.EFI"));
    }

    [TestMethod]
    public async Task Its_disk_has_the_partitions_of_its_processor_and_nothing_for_a_bios()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var arm64 = (await ComposeAsync(folder, files, Arm64, new ApplianceConfig())).Disk!;
        var x64 = (await ComposeAsync(folder, files, MachineArchitecture.X64, new ApplianceConfig())).Disk!;

        CollectionAssert.AreEqual((Guid[])[PartitionTypes.EfiSystem, new("B921B045-1DF0-41C3-AF44-4C6F280D3FAE")], Types(arm64));
        CollectionAssert.AreEqual((Guid[])[PartitionTypes.EfiSystem, new("4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"), PartitionTypes.BiosBoot], Types(x64));
        // The program of a BIOS in the first sector (UEFI specification, section 5.2.1).
        Assert.IsTrue(Bytes(arm64, 0, 440).All(value => value == 0));
        Assert.IsFalse(Bytes(x64, 0, 440).All(value => value == 0));
    }

    [TestMethod]
    public async Task Its_programs_are_those_of_its_processor()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();

        var tree = (await ComposeAsync(folder, files, Arm64, new ApplianceConfig())).Root.Tree;

        foreach (var program in (string[])[GuestFiles.Router, GuestFiles.Sntp]) Assert.AreEqual(Arm64.ElfMachine, Machine(tree, $"{SystemPaths.Scripts}/{program}"));
        Assert.IsNull(tree.Find("/usr/lib/aarch64-linux-gnu/gconv/EUC-KR.so"));

        var kernel = new FileTree(0);
        kernel.AddFile("/usr/lib/modules/6.1/modules.builtin", "", default);
        var ramDisk = InitialRamDisk.CreateTree(Arm64, new BytesSource("busybox"), KernelModules.Read(kernel, []), Time);
        foreach (var program in (string[])[GuestFiles.Grow, GuestFiles.Verity]) Assert.AreEqual(Arm64.ElfMachine, Machine(ramDisk, "/bin/" + program));

        static int Machine(FileTree tree, string path) => ElfFile.TryOpen(tree.Get(path).Data)!.Machine;
    }

    [TestMethod]
    public async Task Its_container_and_its_bill_of_materials_name_its_processor()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        var config = new ApplianceConfig { Formats = ["oci"] };
        var parts = await ComposeAsync(folder, files, Arm64, config);

        await new ApplianceOutputs(config, TestBuild.Context(new TestUi(), folder: folder.Path)).WriteAsync(parts, CancellationToken.None);

        StringAssert.Contains(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Directory.GetFiles(folder.Path, "*.oci.tar").Single())), "\"architecture\":\"arm64\"");
        StringAssert.Contains(BillOfMaterials.Create("web", config, App(folder, Arm64), parts.Packages, parts.Root.Tree), "pkg:deb/debian/libc6@1.0?arch=arm64&distro=trixie");
    }

    [TestMethod]
    public async Task An_appliance_of_VMware_is_for_x64_only()
    {
        using var folder = new TemporaryFolder();
        using var files = new FilePool();
        using var cache = new FileCache(folder["cache"]);
        using var fetcher = new CacheDebianFetcher(cache, new TestUi());
        var image = new ApplianceImage("web", new ApplianceConfig { Formats = ["raw", "ova"] }, App(folder, Arm64), null);

        var error = await Assert.ThrowsExactlyAsync<PackerException>(() => image.ComposeAsync(fetcher, new TestUi(), files, locked: null, CancellationToken.None));

        Assert.AreEqual(DiagnosticCodes.ConflictingKeys, error.Code);
        StringAssert.Contains(error.Message, "linux-arm64");
    }

    private static async Task<ApplianceParts> ComposeAsync(TemporaryFolder folder, FilePool files, MachineArchitecture architecture, ApplianceConfig config)
    {
        using var cache = new FileCache(folder["cache"]);
        using var fetcher = new CacheDebianFetcher(cache, new TestUi());
        var packages = TestPackages.Complete(Directory.CreateDirectory(folder["packages of " + architecture.Debian]).FullName, architecture).All;
        return await new ApplianceImage("web", config, App(folder, architecture), null).ComposeAsync(fetcher, packages, PackageSet.For(true, [], architecture), files, CancellationToken.None);
    }

    private static AppContent App(TemporaryFolder folder, MachineArchitecture architecture) =>
        TestApp.Create(folder["app of " + architecture.Debian], ElfBuilder.Program(architecture.ElfMachine, architecture.Loader)) with { RuntimeIdentifier = architecture.RuntimeIdentifier };

    /// <summary>The types of all partitions, in the order of the table (UEFI specification, section 5.3.3).</summary>
    private static Guid[] Types(SparseImage disk) =>
        [.. Enumerable.Range(0, 128).Select(index => new Guid(Bytes(disk, 1024 + (index * 128), 16))).TakeWhile(type => type != Guid.Empty)];

    private static byte[] Bytes(SparseImage disk, long offset, int length)
    {
        var bytes = new byte[length];
        disk.Read(offset, bytes);
        return bytes;
    }

    private static string Text(FileTree tree, string path) => Encoding.UTF8.GetString(tree.Get(path).Data.ReadAll());
}
