using Packer.Builders.Qemu.Checkpoints;
using Packer.Builders.Qemu.Qmp;
using Packer.Tests.Engine;

namespace Packer.Tests.Builders.Qemu;

/// <summary>Moves the memory of a real QEMU to a file and into another one.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class MachineMemoryRigTests
{
    private static readonly string[] Waits = ["-incoming", "defer"];

    private static CancellationToken Token => CancellationToken.None;

    [TestMethod]
    public async Task A_machine_goes_on_in_another_process()
    {
        using var folder = new TemporaryFolder();
        await using (var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho))
        {
            await machine.RunUntilReadyAsync();
            // More than once, and the machine goes on in between.
            foreach (var name in (string[])["first", "second"])
            {
                await machine.Qmp.PauseAsync(Token);
                await MachineMemory.SaveAsync(machine.Qmp, folder["socket"], folder[name], Token);
                await machine.Qmp.ContinueAsync(Token);
                Assert.AreEqual("running", await machine.Qmp.QueryStatusAsync(Token));
            }
        }
        await using var other = await TestMachine.StartAsync(BootSectors.KeyboardEcho, arguments: Waits);
        await MachineMemory.LoadAsync(other.Qmp, folder["socket"], folder["second"], Token);
        await other.Qmp.ContinueAsync(Token);
        // It was beyond its first word when it was saved.
        await new QmpKeyboard(other.Qmp).PressAsync(Packer.Steps.Keyboards.Keys.Enter, Token);
        await other.Serial.WaitForTextAsync("1C", TestMachine.Long, Token);
    }

    [TestMethod]
    public async Task A_machine_whose_memory_cannot_be_written_goes_on()
    {
        using var folder = new TemporaryFolder();
        using var disk = await SmallDisk.MountAsync(folder.Path, "64k");
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho);
        await machine.RunUntilReadyAsync();
        await machine.Qmp.PauseAsync(Token);
        await Assert.ThrowsExactlyAsync<IOException>(() => MachineMemory.SaveAsync(machine.Qmp, folder["socket"], Path.Combine(disk.Path, "memory"), Token));
        await machine.Qmp.ContinueAsync(Token);
        await new QmpKeyboard(machine.Qmp).PressAsync(Packer.Steps.Keyboards.Keys.Enter, Token);
        await machine.Serial.WaitForTextAsync("1C", TestMachine.Long, Token);
        await machine.Qmp.PauseAsync(Token);
        await MachineMemory.SaveAsync(machine.Qmp, folder["socket"], folder["memory"], Token);
        await machine.Qmp.ContinueAsync(Token);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1000)]
    [DataRow(100_000)]
    public async Task Half_a_memory_is_refused(int length)
    {
        using var folder = new TemporaryFolder();
        await using (var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho))
        {
            await machine.RunUntilReadyAsync();
            await machine.Qmp.PauseAsync(Token);
            await MachineMemory.SaveAsync(machine.Qmp, folder["socket"], folder["memory"], Token);
        }
        File.WriteAllBytes(folder["memory"], File.ReadAllBytes(folder["memory"])[..length]);
        await using var other = await TestMachine.StartAsync(BootSectors.KeyboardEcho, arguments: Waits);
        await Assert.ThrowsAsync<PackerException>(() => MachineMemory.LoadAsync(other.Qmp, folder["socket"], folder["memory"], Token));
    }
}
