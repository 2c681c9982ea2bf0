using Packer.Builders.Appliance;
using Packer.Engine;
using Packer.Imaging;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>Machines of another processor, built on this one.</summary>
public sealed partial class ApplianceRigTests
{
    private static readonly Lazy<Task<AppContent>> Arm64App = new(() => PublishSampleAsync(folder!["arm64 project"], folder["arm64 publish"], "linux-arm64"));

    [TestMethod]
    [Timeout(1_200_000)]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_machine_of_arm64_starts_also_with_secure_boot(bool secureBoot)
    {
        Rig.Require("qemu-system-aarch64", "sgdisk", "e2fsck");
        Rig.RequireFile("/usr/share/AAVMF/AAVMF_CODE.fd");
        var name = secureBoot ? "arm64 secure" : "arm64";
        var disk = await BuildAsync(name, new ApplianceConfig { KernelArguments = ["loglevel=6"] }, await Arm64App.Value);
        StringAssert.Contains(await Tool.RunAsync("sgdisk", "-i", "2", disk), "B921B045-1DF0-41C3-AF44-4C6F280D3FAE");
        Enlarge(disk);
        await BootAsync(new QemuOptions(disk, folder!.Path) { Arm64 = true, SecureBoot = secureBoot, Persistent = true, MemoryMegabytes = 1024 }, async guest =>
        {
            var clock = System.Diagnostics.Stopwatch.StartNew();
            Assert.AreEqual("Hello from an appliance.\n", await guest.GetAsync("/", BootPatience));
            TestContext.WriteLine($"First answer after {clock.Elapsed.TotalSeconds:F1} s");
            StringAssert.Contains(await guest.GetAsync("/api/host", AnswerPatience), "\"user\":\"app\"");
            Assert.AreEqual(secureBoot, guest.Console.Contains("Secure boot enabled", StringComparison.OrdinalIgnoreCase), guest.Console);
            await guest.ExecuteAsync("system_powerdown");
            await guest.WaitForEndAsync(TimeSpan.FromMinutes(2));
            StringAssert.Contains(guest.Console, "packer: the app has stopped");
        });
        await AssertGrownAsync(disk, 2);
    }
}
