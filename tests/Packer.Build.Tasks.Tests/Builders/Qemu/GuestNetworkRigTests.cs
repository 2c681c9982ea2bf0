using Packer.Builders.Qemu;
using Packer.Builders.Qemu.Qmp;
using Packer.Tests.Engine;

namespace Packer.Tests.Builders.Qemu;

/// <summary>Hears a real guest: the network card's own boot program, which asks for an address.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class GuestNetworkRigTests
{
    private static readonly string[] Card = ["-netdev", "user,id=user.0", "-device", "virtio-net-pci,id=card,netdev=user.0"];

    [TestMethod]
    public async Task A_guest_is_worth_a_look_once_it_has_sent_something_and_again_after_each_reset()
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho, arguments: [.. Card, "-boot", "n"]);
        var network = await ListenAsync(machine, "user.0", isUp: false);
        Assert.IsFalse(await network.IsWorthALookAsync(CancellationToken.None), "The machine stands still.");
        await machine.Qmp.ContinueAsync(CancellationToken.None);
        await WaitAsync(network, worth: true);
        await machine.Qmp.PauseAsync(CancellationToken.None);
        await machine.Qmp.ExecuteAsync("system_reset", null, CancellationToken.None);
        await WaitAsync(network, worth: false);
        await machine.Qmp.ContinueAsync(CancellationToken.None);
        await WaitAsync(network, worth: true);
        await machine.Qmp.QuitAsync(CancellationToken.None);
        await network.DisposeAsync();
        Assert.IsEmpty(Directory.GetFiles(machine.Folder, "*.pcap"), "What was heard is not kept.");
    }

    [TestMethod]
    public async Task A_silent_guest_is_looked_at_now_and_then()
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho, arguments: Card);
        await using var network = await ListenAsync(machine, "user.0", isUp: false, TimeSpan.FromSeconds(5));
        await machine.RunUntilReadyAsync();
        Assert.IsFalse(await network.IsWorthALookAsync(CancellationToken.None));
        await WaitAsync(network, worth: true);
        Assert.IsFalse(await network.IsWorthALookAsync(CancellationToken.None), "Once, and then not for a while.");
    }

    [TestMethod]
    public async Task Every_look_is_made_where_nothing_can_be_heard_or_the_guest_is_up()
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho, arguments: Card);
        await using var other = await ListenAsync(machine, "net0", isUp: false);
        Assert.IsTrue(await other.IsWorthALookAsync(CancellationToken.None), "A network of another name.");
        await using var resumed = await ListenAsync(machine, "user.0", isUp: true);
        Assert.IsTrue(await resumed.IsWorthALookAsync(CancellationToken.None), "A machine that goes on.");
    }

    [TestMethod]
    public async Task The_end_of_the_machine_ends_the_listening()
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho, arguments: Card);
        var network = await ListenAsync(machine, "user.0", isUp: false);
        await machine.Qmp.QuitAsync(CancellationToken.None);
        await network.DisposeAsync().AsTask().WaitAsync(TestMachine.Long);
    }

    private static Task<GuestNetwork> ListenAsync(TestMachine machine, string network, bool isUp, TimeSpan? lookInterval = null) =>
        GuestNetwork.StartAsync(machine.Qmp, network, Path.Combine(machine.Folder, "heard.pcap"), isUp, CancellationToken.None, lookInterval);

    private static Task WaitAsync(GuestNetwork network, bool worth) =>
        Eventually.IsTrueAsync(async () => await network.IsWorthALookAsync(CancellationToken.None) == worth, worth ? "the guest is heard" : "the guest is silent");
}
