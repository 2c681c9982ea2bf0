using System.Globalization;
using System.Net.Sockets;
using Packer.Builders.Qemu.Qmp;
using Packer.Tests.Engine;

namespace Packer.Tests.Builders.Qemu;

/// <summary>An ISO that stays where it is, and a machine that others may control.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class RemoteIsoTests
{
    private const string CurlDriver = "/usr/lib/x86_64-linux-gnu/qemu/block-curl.so";

    [TestMethod]
    public async Task QEMU_reads_the_ISO_from_its_server_and_others_control_the_machine()
    {
        var guest = await TinyGuest.GetAsync();
        Rig.RequireFile(CurlDriver);
        await using var iso = new FileStream(guest.Iso, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous);
        await using var server = new TestServer(request => ServeAsync(request, iso));
        using var folder = new TemporaryFolder();
        using var project = new QemuProject($"""
            IsoUrl="{server.Address("tiny.iso")}" IsoSkipCache="true" Communicator="none" DiskSize="64M" BootWait="0s" BootCommand="&lt;waitSerial 'boot:' 3m&gt;"
            QmpSocketPath="{folder["qmp"]}" ShutdownTimeout="5m"
            """);

        var build = project.BuildAsync();
        await project.SaysAsync("Step 'Type the boot command' took", build);
        await using (var qmp = await QmpClient.ConnectAsync(new UnixDomainSocketEndPoint(folder["qmp"]), QemuProject.Patience, CancellationToken.None)) Assert.AreEqual("running", await qmp.QueryStatusAsync(CancellationToken.None));
        project.Cancel();

        Assert.IsFalse(await build.WaitAsync(QemuProject.Patience));
        Assert.IsFalse(File.Exists(folder["qmp"]));
        var read = server.Requests.Sum(request => Range(request, iso.Length) is { } range ? range.End - range.Start + 1 : 0);
        Assert.IsGreaterThan(0, read);
        Assert.IsLessThan(iso.Length, read, "Only what is needed is read.");
        Assert.IsFalse(Directory.Exists(Path.Combine(project.Folder, "cache", "downloads")));
    }

    [TestMethod]
    public async Task A_server_without_parts_is_told()
    {
        Rig.Require("qemu-system-x86_64", "qemu-img");
        await using var server = new TestServer(request => request.HeadAsync("200 OK", "Content-Length: 0"));
        using var project = new QemuProject($"""IsoUrl="{server.Address("a.iso")}" IsoSkipCache="true" Communicator="none" DiskSize="64M" """);

        StringAssert.Contains(await project.FailAsync(DiagnosticCodes.IsoNotReadable), $"127.0.0.1:{server.Port}/a.iso does not give parts of it");
    }

    private static async Task ServeAsync(TestRequest request, FileStream iso)
    {
        if (Range(request, iso.Length) is not { } range)
        {
            await request.HeadAsync("200 OK", $"Content-Length: {iso.Length}", "Accept-Ranges: bytes");
            return;
        }
        var content = new byte[range.End - range.Start + 1];
        await RandomAccess.ReadAsync(iso.SafeFileHandle, content, range.Start);
        await request.HeadAsync("206 Partial Content", $"Content-Range: bytes {range.Start}-{range.End}/{iso.Length}", $"Content-Length: {content.Length}", "Accept-Ranges: bytes");
        await request.WriteAsync(content);
    }

    private static (long Start, long End)? Range(TestRequest request, long length)
    {
        if (!request.Headers.TryGetValue("Range", out var text)) return null;
        var bounds = text["bytes=".Length..].Split('-');
        return (long.Parse(bounds[0], CultureInfo.InvariantCulture), bounds[1].Length == 0 ? length - 1 : Math.Min(length - 1, long.Parse(bounds[1], CultureInfo.InvariantCulture)));
    }
}
