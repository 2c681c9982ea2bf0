using System.Buffers.Binary;
using System.Diagnostics;
using Packer.Builders.Appliance;
using Packer.Engine;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>Machines of another processor, built on this one.</summary>
public sealed partial class ApplianceRigTests
{
    private const string KernelFile = "::/packer/vmlinuz";

    private static readonly Lazy<Task<AppContent>> Arm64App = new(() => PublishedProject.PublishSampleAsync(Shared.Folder["arm64 project"], Shared.Folder["arm64 publish"], "linux-arm64"));

    /// <summary>Firmware that has the keys of the makers of machines starts the image, and refuses it where the kernel is not the one that was signed.</summary>
    [TestMethod]
    [Timeout(1_200_000)]
    public async Task A_machine_of_arm64_starts_what_is_signed_and_nothing_else()
    {
        QemuGuest.RequireArm64();
        Rig.Require("sgdisk", "e2fsck", "mcopy");
        var disk = await Shared.BuildAsync(TestContext, "arm64", new ApplianceConfig { KernelArguments = ["loglevel=6"] }, await Arm64App.Value);
        var forged = Shared.Folder["arm64/forged.raw"];
        File.Copy(disk, forged);
        PartitionedDisk.Enlarge(disk);
        await ApplianceRig.BootAsync(new QemuOptions(disk, Shared.Folder.Path) { Arm64 = true, SecureBoot = true, Persistent = true }, async guest =>
        {
            var clock = Stopwatch.StartNew();
            Assert.AreEqual("Hello from an appliance.\n", await guest.GetAsync("/", BootPatience));
            TestContext.WriteLine($"First answer after {clock.Elapsed.TotalSeconds:F1} s");
            StringAssert.Contains(await guest.GetAsync("/api/host", AnswerPatience), "\"user\":\"app\"");
            StringAssert.Contains(guest.Console, "locked down from EFI Secure Boot");
            await guest.ExecuteAsync("system_powerdown");
            await guest.WaitForEndAsync(TimeSpan.FromMinutes(2));
            StringAssert.Contains(guest.Console, "packer: the app has stopped");
        });
        await PartitionedDisk.AssertGrownAsync(disk, 2);

        await ForgeKernelAsync(forged);
        await using var refused = QemuGuest.Start(new QemuOptions(forged, Shared.Folder.Path) { Arm64 = true, SecureBoot = true });
        await refused.WaitForConsoleAsync(@"Error loading \packer\vmlinuz: Security violation", BootPatience);
        Assert.DoesNotContain("Linux version", refused.Console);
    }

    /// <summary>A unified kernel image for arm64, whose root file system is checked as it is read.</summary>
    [TestMethod]
    [Timeout(1_200_000)]
    public async Task A_machine_of_arm64_starts_by_a_unified_kernel_image()
    {
        QemuGuest.RequireArm64();
        Rig.Require("sgdisk", "mcopy");
        var disk = await Shared.BuildAsync(TestContext, "arm64 unified", new ApplianceConfig { BootMode = "uki", Verity = true }, await Arm64App.Value);
        StringAssert.Contains(await Tool.RunAsync("sgdisk", "-i", "2", disk), "B921B045-1DF0-41C3-AF44-4C6F280D3FAE");
        StringAssert.Contains(await Tool.RunAsync("sgdisk", "-i", "3", disk), "DF3300CE-D69F-4C92-978C-9BFB0F38D820");
        var program = disk + ".efi";
        await Tool.RunAsync("mcopy", "-i", await BootPartitionAsync(disk), "::/EFI/BOOT/BOOTAA64.EFI", program);
        var header = new byte[512];
        await using (var file = File.OpenRead(program)) await file.ReadExactlyAsync(header);
        // IMAGE_FILE_MACHINE_ARM64 (Microsoft PE and COFF specification, "COFF File Header").
        Assert.AreEqual(0xAA64, BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(0x3C)) + 4)));
        await ApplianceRig.BootAsync(new QemuOptions(disk, Shared.Folder.Path) { Arm64 = true }, async guest => StringAssert.Contains(await guest.GetAsync("/api/host", BootPatience), "\"user\":\"app\""));
    }

    /// <summary>Changes one bit in the middle of the kernel on a disk's boot partition.</summary>
    private static async Task ForgeKernelAsync(string disk)
    {
        var partition = await BootPartitionAsync(disk);
        var path = disk + ".kernel";
        await Tool.RunAsync("mcopy", "-i", partition, KernelFile, path);
        var kernel = await File.ReadAllBytesAsync(path);
        kernel[kernel.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, kernel);
        await Tool.RunAsync("mcopy", "-o", "-i", partition, path, KernelFile);
    }

    /// <summary>A disk's boot partition, as mtools take it.</summary>
    private static async Task<string> BootPartitionAsync(string disk) => $"{disk}@@{(await PartitionedDisk.PartitionAsync(disk, 1)).Offset}";
}
