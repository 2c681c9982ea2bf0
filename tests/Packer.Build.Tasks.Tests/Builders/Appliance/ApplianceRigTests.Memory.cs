using Packer.Builders.Appliance;
using Packer.Engine;
using Packer.Tests.Engine;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>Machines whose root file system is in memory.</summary>
public sealed partial class ApplianceRigTests
{
    private const int MemoryForRoot = 1024;

    [TestMethod]
    [Timeout(1_200_000)]
    public async Task A_machine_starts_from_the_network_without_any_disk()
    {
        QemuGuest.Require();
        Rig.Require("objdump");
        var config = new ApplianceConfig { Formats = ["uki"], BootMode = "uki", Root = "ram", KernelArguments = [ApplianceRig.EmulatorWorkaround] };
        var output = Directory.CreateDirectory(Shared.Folder["network"]).FullName;
        var parts = await Shared.ComposeAsync(config, Shared.App, TestContext.CancellationToken);
        Assert.IsNull(parts.Disk);
        var written = await new ApplianceOutputs(config, TestBuild.Context(new TestUi(), folder: output)).WriteAsync(parts, TestContext.CancellationToken);
        var program = Path.Combine(output, "web.efi");
        Assert.AreEqual(program, written.Single().Path);
        StringAssert.Contains(await Tool.RunAsync("objdump", "-h", program), ".initrd");

        await ApplianceRig.BootAsync(new QemuOptions(null, Shared.Folder.Path) { NetworkProgram = program, MemoryMegabytes = MemoryForRoot }, async guest =>
        {
            var clock = System.Diagnostics.Stopwatch.StartNew();
            StringAssert.Contains(await guest.GetAsync("/api/host", BootPatience), "\"user\":\"app\"");
            TestContext.WriteLine($"First answer after {clock.Elapsed.TotalSeconds:F1} s");
            await guest.ExecuteAsync("system_powerdown");
            await guest.WaitForEndAsync(TimeSpan.FromMinutes(1));
            StringAssert.Contains(guest.Console, "packer: the app has stopped");
        });
    }

    /// <summary>By BIOS, from a disk that has no root partition but one for data, which grows and stays.</summary>
    [TestMethod]
    [Timeout(1_200_000)]
    public async Task A_machine_in_memory_keeps_its_data_on_a_disk()
    {
        QemuGuest.Require();
        Rig.Require("sgdisk", "e2fsck");
        var worker = await Worker.Value;
        var config = new ApplianceConfig { Root = "ram", DataSize = ByteSize.Parse("64M"), KernelArguments = [ApplianceRig.EmulatorWorkaround] };
        var disk = await Shared.BuildAsync(TestContext, "memory", config, Shared.App with { AddedApps = [new AddedApp("worker", worker, new AppOptions { WorkingDirectory = "/var/lib/worker" })] });
        PartitionedDisk.Enlarge(disk);
        await ApplianceRig.BootAsync(new QemuOptions(disk, Shared.Folder.Path) { Bios = true, Persistent = true, MemoryMegabytes = MemoryForRoot }, async guest =>
        {
            Assert.AreEqual("Hello from an appliance.\n", await guest.GetAsync("/", BootPatience));
            await guest.WaitForConsoleAsync("worker: start 2", BootPatience);
            await guest.ExecuteAsync("system_powerdown");
            await guest.WaitForEndAsync(TimeSpan.FromMinutes(1));
            StringAssert.Contains(guest.Console, "packer: the disk is larger than it was");
        });
        await PartitionedDisk.AssertGrownAsync(disk, 2);
    }
}
