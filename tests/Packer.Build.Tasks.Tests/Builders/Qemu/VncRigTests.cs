using Packer.Builders.Qemu.Qmp;
using Packer.Imaging.Pictures;

namespace Packer.Tests.Builders.Qemu;

/// <summary>Talks to QEMU's VNC server.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class VncRigTests
{
    [TestMethod]
    public async Task A_picture_by_VNC_is_that_of_the_hypervisor()
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho);
        await using var vnc = await machine.ConnectVncAsync();
        var before = await vnc.CaptureAsync(CancellationToken.None);
        await machine.RunUntilReadyAsync();
        var path = Path.Combine(machine.Folder, "screen.png");
        await machine.Qmp.ScreenDumpAsync(path, CancellationToken.None);
        var expected = PngReader.Read(await File.ReadAllBytesAsync(path));
        var shown = await vnc.CaptureAsync(CancellationToken.None);
        Assert.AreEqual((720, 400), (shown.Width, shown.Height));
        Assert.AreEqual(1.0, PictureComparison.EqualShare(expected, shown));
        Assert.AreNotEqual(1.0, PictureComparison.EqualShare(before, shown));
        Assert.AreEqual(1.0, PictureComparison.EqualShare(expected, await machine.Screen.CaptureAsync(CancellationToken.None)));
        Assert.HasCount(0, Directory.GetFiles(machine.Folder, "*.ppm"));
        StringAssert.StartsWith(vnc.Name, "QEMU");
    }

    [TestMethod]
    public async Task Passwords_are_asked_for()
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho, vncOptions: ",password=on");
        await machine.Qmp.SetVncPasswordAsync("s3cret!Z", CancellationToken.None);
        var wrong = await Assert.ThrowsExactlyAsync<PackerException>(() => machine.ConnectVncAsync("s3cret!z"));
        Assert.AreEqual(DiagnosticCodes.VncFailed, wrong.Code);
        StringAssert.Contains(wrong.Message, "Authentication failed");
        var none = await Assert.ThrowsExactlyAsync<PackerException>(() => machine.ConnectVncAsync());
        StringAssert.Contains(none.Message, "it asks for a password, and none is set");
        await using var right = await machine.ConnectVncAsync("s3cret!Z");
        Assert.IsGreaterThan(0, (await right.CaptureAsync(CancellationToken.None)).Width);
    }

    [TestMethod]
    public async Task A_server_that_dies_ends_what_waits_for_it()
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho);
        await using var vnc = await machine.ConnectVncAsync();
        await vnc.CaptureAsync(CancellationToken.None);
        machine.Kill();
        var failure = await Assert.ThrowsExactlyAsync<PackerException>(async () =>
        {
            while (true) await vnc.CaptureAsync(CancellationToken.None).WaitAsync(TestMachine.Long);
        });
        Assert.AreEqual(DiagnosticCodes.MachineConnectionLost, failure.Code);
    }
}
