using System.Net.Sockets;
using Packer.Builders.Qemu.Qmp;

namespace Packer.Tests.Builders.Qemu;

/// <summary>Controls a real QEMU.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class QmpRigTests
{
    private const string WithSnapshots = "file={0},format=qcow2";

    [TestMethod]
    public async Task Commands_overlap_and_answers_may_be_large()
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho);
        Assert.IsGreaterThanOrEqualTo(new Version(2, 0), machine.Qmp.Version);
        var statuses = Enumerable.Range(0, 100).Select(_ => machine.Qmp.QueryStatusAsync(CancellationToken.None)).ToList();
        var schema = await machine.Qmp.ExecuteAsync("query-qmp-schema", null, CancellationToken.None);
        Assert.IsGreaterThan(100_000, schema.GetRawText().Length);
        foreach (var status in statuses) Assert.AreEqual("prelaunch", await status);
    }

    [TestMethod]
    public async Task A_refusal_says_why_and_what_follows_works()
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho);
        var unknown = await Assert.ThrowsExactlyAsync<QmpException>(() => machine.Qmp.ExecuteAsync("no-such-command", null, CancellationToken.None));
        Assert.AreEqual("CommandNotFound", unknown.ErrorClass);
        Assert.AreEqual(DiagnosticCodes.MachineCommandFailed, unknown.Code);
        StringAssert.Contains(unknown.Message, "'no-such-command'");
        Assert.AreEqual("prelaunch", await machine.Qmp.QueryStatusAsync(CancellationToken.None));
    }

    [TestMethod]
    public async Task Events_are_told()
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho);
        using var events = machine.Qmp.Subscribe();
        await machine.RunUntilReadyAsync();
        await machine.Qmp.PowerDownAsync(CancellationToken.None);
        await machine.Qmp.ExecuteAsync("system_reset", null, CancellationToken.None);
        await machine.Serial.WaitForTextAsync("READY\n", TestMachine.Long, CancellationToken.None);
        await machine.Qmp.ExecuteAsync("stop", null, CancellationToken.None);
        await machine.Qmp.QuitAsync(CancellationToken.None);
        var names = new List<string>();
        await foreach (var happened in events.ReadAllAsync(CancellationToken.None)) names.Add(happened.Name);
        CollectionAssert.AreEqual(new[] { "RESUME", "POWERDOWN", "RESET", "STOP", "SHUTDOWN" }, names.Where(name => name is not "RTC_CHANGE").Distinct().ToArray());
        await machine.Qmp.QuitAsync(CancellationToken.None);
        var lost = await Assert.ThrowsExactlyAsync<PackerException>(() => events.WaitAsync(["RESET"], CancellationToken.None));
        Assert.AreEqual(DiagnosticCodes.MachineConnectionLost, lost.Code);
    }

    [TestMethod]
    public async Task Snapshots_bring_the_machine_back()
    {
        Rig.Require("qemu-img");
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho, WithSnapshots);
        await machine.RunUntilReadyAsync();
        await machine.Qmp.SaveSnapshotAsync("checkpoint-1", CancellationToken.None);
        var before = await machine.Screen.CaptureAsync(CancellationToken.None);
        var keyboard = new QmpKeyboard(machine.Qmp);
        await keyboard.PressAsync(Packer.Steps.Keyboards.Keys.Enter, CancellationToken.None);
        await machine.Serial.WaitForTextAsync("1C", TestMachine.Long, CancellationToken.None);
        Assert.AreNotEqual(1.0, Packer.Imaging.Pictures.PictureComparison.EqualShare(before, await machine.Screen.CaptureAsync(CancellationToken.None)));
        await machine.Qmp.LoadSnapshotAsync("checkpoint-1", CancellationToken.None);
        Assert.AreEqual(1.0, Packer.Imaging.Pictures.PictureComparison.EqualShare(before, await machine.Screen.CaptureAsync(CancellationToken.None)));
        await machine.Qmp.DeleteSnapshotAsync("checkpoint-1", CancellationToken.None);
        var gone = await Assert.ThrowsExactlyAsync<QmpException>(() => machine.Qmp.LoadSnapshotAsync("checkpoint-1", CancellationToken.None));
        StringAssert.Contains(gone.Message, "checkpoint-1");
        await Assert.ThrowsExactlyAsync<ArgumentException>(() => machine.Qmp.SaveSnapshotAsync("a b", CancellationToken.None));
    }

    [TestMethod]
    public async Task The_end_of_a_guest_is_seen()
    {
        await AssertEndAsync(GuestEndKind.ShutDown, byGuest: true, BootSectors.PowerOff);
        await AssertEndAsync(GuestEndKind.Panicked, byGuest: true, BootSectors.Panic, arguments: ["-device", "pvpanic"]);
        await AssertEndAsync(GuestEndKind.Panicked, byGuest: true, BootSectors.Panic, arguments: ["-device", "pvpanic", "-action", "panic=pause"]);
        await AssertEndAsync(GuestEndKind.ShutDown, byGuest: false, BootSectors.KeyboardEcho, machine => _ = machine.Qmp.QuitAsync(CancellationToken.None));
        await AssertEndAsync(GuestEndKind.Lost, byGuest: false, BootSectors.KeyboardEcho, machine => machine.Kill());
        await AssertEndAsync(GuestEndKind.DiskError, byGuest: false, BootSectors.ReadDisk,
            drive: "driver=blkdebug,image.driver=file,image.filename={0},inject-error.0.event=none,inject-error.0.iotype=read,inject-error.0.sector=1,if=ide,rerror=stop,werror=stop");
    }

    [TestMethod]
    public async Task Nothing_to_connect_to_is_said()
    {
        var failure = await Assert.ThrowsExactlyAsync<PackerException>(
            () => QmpClient.ConnectAsync(new UnixDomainSocketEndPoint("/nonexistent/qmp"), TimeSpan.FromMilliseconds(100), CancellationToken.None));
        Assert.AreEqual(DiagnosticCodes.MachineUnreachable, failure.Code);
        StringAssert.Contains(failure.Message, "'/nonexistent/qmp'");
    }

    private static async Task AssertEndAsync(
        GuestEndKind kind, bool byGuest, byte[] sector, Action<TestMachine>? action = null, string drive = "file={0},format=raw", params string[] arguments)
    {
        await using var machine = await TestMachine.StartAsync(sector, drive, arguments: arguments);
        using var watch = new GuestWatch(machine.Qmp);
        var end = watch.WaitAsync(CancellationToken.None);
        await machine.Qmp.ContinueAsync(CancellationToken.None);
        action?.Invoke(machine);
        var seen = await end.WaitAsync(TestMachine.Long);
        Assert.AreEqual((kind, byGuest), (seen.Kind, seen.ByGuest), seen.Message);
    }
}
