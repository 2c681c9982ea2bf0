using Packer.Builders.Appliance;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>Machines that check their root file system as they read it.</summary>
public sealed partial class ApplianceRigTests
{
    [TestMethod]
    [Timeout(1_200_000)]
    public async Task A_machine_stops_at_the_first_block_that_is_not_as_it_was_built()
    {
        QemuGuest.Require();
        Rig.Require("sgdisk", "veritysetup", "debugfs");
        var config = new ApplianceConfig { BootMode = "uki", Verity = true, DataSize = ByteSize.Parse("64M"), KernelArguments = [ApplianceRig.EmulatorWorkaround] };
        var disk = await Shared.BuildAsync(TestContext, "verity", config);
        StringAssert.Contains(await Tool.RunAsync("sgdisk", "-v", disk), "No problems found");
        var (root, rootId) = await PartitionAsync(2, "root.ext4");
        var (hashes, hashesId) = await PartitionAsync(3, "root.verity");
        // The ids of the two partitions are the hash.
        await Tool.RunAsync("veritysetup", "verify", Shared.Folder["root.ext4"], Shared.Folder["root.verity"], rootId + hashesId);
        Assert.IsGreaterThan(root, hashes);

        await ApplianceRig.BootAsync(new QemuOptions(disk, Shared.Folder.Path), async guest =>
        {
            StringAssert.Contains(await guest.GetAsync("/api/host", BootPatience), "\"user\":\"app\"");
            await guest.ExecuteAsync("system_powerdown");
            await guest.WaitForEndAsync(TimeSpan.FromMinutes(1));
        });

        // One bit of the app.
        var block = (await Tool.RunAsync("debugfs", "-R", "blocks /app/WebAppliance.dll", Shared.Folder["root.ext4"])).Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        await using (var file = File.Open(disk, FileMode.Open))
        {
            file.Position = root + long.Parse(block, System.Globalization.CultureInfo.InvariantCulture) * 4096 + 100;
            var value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 1));
        }
        await ApplianceRig.BootAsync(new QemuOptions(disk, Shared.Folder.Path), async guest =>
        {
            await guest.WaitForConsoleAsync("dm-verity device corrupted", BootPatience);
            await guest.WaitForEndAsync(TimeSpan.FromMinutes(1));
        });

        async Task<(long Offset, string Id)> PartitionAsync(int number, string name)
        {
            await PartitionedDisk.ExtractAsync(disk, number, Shared.Folder[name]);
            var layout = await Tool.RunAsync("sgdisk", "-i", number.ToString(System.Globalization.CultureInfo.InvariantCulture), disk);
            const string Label = "Partition unique GUID: ";
            return ((await PartitionedDisk.PartitionAsync(disk, number)).Offset, layout.Split('\n').Single(line => line.StartsWith(Label, StringComparison.Ordinal))[Label.Length..].Trim().Replace("-", "", StringComparison.Ordinal).ToLowerInvariant());
        }
    }
}
