using System.Diagnostics;
using System.Net.Sockets;
using Packer.Builders.Qemu.Qmp;
using Packer.Steps.Consoles;
using Packer.Steps.Vnc;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Qemu;

/// <summary>A real QEMU without acceleration that runs a boot sector, with a control socket, a VNC server and a serial console in a folder of its own.</summary>
internal sealed class TestMachine : IAsyncDisposable
{
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();
    private Process? process;
    private Task<string>? output;

    private TestMachine()
    {
    }

    public string Folder => folder.Path;

    public QmpClient Qmp { get; private set; } = null!;

    public SerialLog Serial { get; private set; } = null!;

    public IScreen Screen => new QmpScreen(Qmp, folder.Path);

    /// <summary>Starts QEMU, paused.</summary>
    /// <param name="sector">What the machine runs.</param>
    /// <param name="drive">The options of the disk; its path goes in the place of <c>{0}</c>.</param>
    /// <param name="vncOptions">What stands behind the address of the VNC server.</param>
    /// <param name="arguments">More of the command line.</param>
    public static async Task<TestMachine> StartAsync(byte[] sector, string drive = "file={0},format=raw", string vncOptions = "", params string[] arguments)
    {
        Rig.Require("qemu-system-x86_64");
        var machine = new TestMachine();
        try
        {
            await machine.BootAsync(sector, drive, vncOptions, arguments);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    public Task<VncClient> ConnectVncAsync(string? password = null) =>
        VncClient.ConnectAsync(new UnixDomainSocketEndPoint(folder["vnc"]), password, Long, CancellationToken.None);

    /// <summary>Lets the machine run and waits until its program says that it is ready.</summary>
    public async Task RunUntilReadyAsync()
    {
        await Qmp.ContinueAsync(CancellationToken.None);
        await Serial.WaitForTextAsync("READY\n", Long, CancellationToken.None);
    }

    public void Kill() => process!.Kill();

    public async ValueTask DisposeAsync()
    {
        if (Qmp is not null) await Qmp.DisposeAsync();
        if (process is not null)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        if (Serial is not null) await Serial.DisposeAsync();
        folder.Dispose();
    }

    private async Task BootAsync(byte[] sector, string drive, string vncOptions, string[] arguments)
    {
        // A track more: firmware does not start a disk of one sector.
        await File.WriteAllBytesAsync(folder["disk.raw"], [.. sector, .. new byte[63 * 512]]);
        var disk = folder["disk.raw"];
        if (drive.Contains("qcow2", StringComparison.Ordinal))
        {
            disk = folder["disk.qcow2"];
            await Tool.RunAsync("qemu-img", "convert", "-f", "raw", "-O", "qcow2", folder["disk.raw"], disk);
        }
        string[] line =
        [
            "-accel", "tcg", "-machine", "pc", "-m", "16", "-display", "none", "-nodefaults", "-vga", "std", "-S",
            "-drive", string.Format(System.Globalization.CultureInfo.InvariantCulture, drive, disk),
            "-vnc", $"unix:{folder["vnc"]}{vncOptions}",
            "-qmp", $"unix:{folder["qmp"]},server=on,wait=off",
            "-chardev", $"socket,id=serial,path={folder["serial"]},server=on,wait=off", "-serial", "chardev:serial",
            .. arguments,
        ];
        process = Process.Start(new ProcessStartInfo("qemu-system-x86_64", line) { RedirectStandardError = true, WorkingDirectory = folder.Path })!;
        output = process.StandardError.ReadToEndAsync();
        // Not disposed: the process may end at any time.
        var ended = new CancellationTokenSource();
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => ended.Cancel();
        try
        {
            Qmp = await QmpClient.ConnectAsync(new UnixDomainSocketEndPoint(folder["qmp"]), Long, ended.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"QEMU ended: {await output}");
        }
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(folder["serial"]));
        Serial = SerialLog.FromStream(new NetworkStream(socket, ownsSocket: true), folder["serial.log"]);
    }
}
