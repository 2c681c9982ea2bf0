using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Packer.Tests.Builders.Appliance;

/// <summary>How a machine is to be started.</summary>
/// <param name="Disk">Full path of a raw disk; null for a machine without one.</param>
/// <param name="Folder">Full path of a folder for the machine's own files.</param>
internal sealed record QemuOptions(string? Disk, string Folder)
{
    /// <summary>Whether the firmware starts only what is signed, by the keys that machines are sold with.</summary>
    public bool SecureBoot { get; init; }

    /// <summary>Full path of the firmware's variables that it begins with; null for those of a new machine.</summary>
    public string? Variables { get; init; }

    /// <summary>Whether its processor is one of arm64, in place of x86-64.</summary>
    public bool Arm64 { get; init; }

    /// <summary>Whether the machine has a BIOS in place of UEFI firmware.</summary>
    public bool Bios { get; init; }

    /// <summary>Full path of a program that the firmware gets from the network (PXE: by DHCP and TFTP) and starts; null where it starts the disk.</summary>
    public string? NetworkProgram { get; init; }

    /// <summary>What the disk hangs on; the name of a QEMU device that takes <c>drive=disk</c>.</summary>
    public string DiskDevice { get; init; } = "virtio-blk-pci";

    /// <summary>What the network hangs on; the name of a QEMU device.</summary>
    public string NetworkDevice { get; init; } = "virtio-net-pci";

    /// <summary>Whether the disk itself takes what the guest writes; else it is forgotten.</summary>
    public bool Persistent { get; init; }

    /// <summary>Parameters of the kernel that the boot loader takes from SMBIOS (systemd-boot(7)); it does not where Secure Boot is on.</summary>
    public string KernelArguments { get; init; } = "";

    public int MemoryMegabytes { get; init; } = 512;

    /// <summary>Whether the guest reaches nothing but what is forwarded: tests are no business of the hosts of the world.</summary>
    public bool Isolated { get; init; } = true;

    /// <summary>More settings of QEMU's user network, each with a comma before it.</summary>
    public string NetworkSettings { get; init; } = "";

    /// <summary>Another network than QEMU's user network, as <c>-netdev</c> has it, with the id <c>net</c>; then no port is forwarded.</summary>
    public string? Network { get; init; }

    /// <summary>A program and its arguments that start QEMU, whose command line is put behind them.</summary>
    public IReadOnlyList<string> Launcher { get; init; } = [];

    /// <summary>More arguments of QEMU.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>A free port of this host from which the guest's port 22 is forwarded; 0 for none.</summary>
    public int SshPort { get; init; }
}

/// <summary>
/// A machine under QEMU with UEFI firmware, a virtio disk, and a virtio network from which port 8080 is forwarded to a free port of this host. It is
/// emulated without KVM, as some machines that run these tests have none. Disposing it ends it.
/// </summary>
internal sealed partial class QemuGuest : IAsyncDisposable
{
    private const string Firmware = "/usr/share/OVMF/OVMF_CODE_4M.fd";
    public const string NewVariables = "/usr/share/OVMF/OVMF_VARS_4M.fd";
    private const string SecureFirmware = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd";
    private const string SecureVariables = "/usr/share/OVMF/OVMF_VARS_4M.ms.fd";
    private const string Arm64Firmware = "/usr/share/AAVMF/AAVMF_CODE.fd";
    private const string Arm64Variables = "/usr/share/AAVMF/AAVMF_VARS.fd";
    private const string Arm64SecureFirmware = "/usr/share/AAVMF/AAVMF_CODE.ms.fd";
    private const string Arm64SecureVariables = "/usr/share/AAVMF/AAVMF_VARS.ms.fd";

    private const string VariablesFile = "variables.fd";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly Process process;
    private readonly string consolePath;
    private readonly string monitorPath;
    private readonly Task<string> errors;
    private readonly HttpClient client;

    private QemuGuest(Process process, string consolePath, string monitorPath, int port)
    {
        this.process = process;
        this.consolePath = consolePath;
        this.monitorPath = monitorPath;
        errors = process.StandardError.ReadToEndAsync();
        client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = TimeSpan.FromSeconds(20) };
    }

    /// <summary>What the guest has written to its serial port, without the sequences that colour it.</summary>
    public string Console
    {
        get
        {
            if (!File.Exists(consolePath)) return "";
            using var file = new FileStream(consolePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return Sequences().Replace(reader.ReadToEnd(), "").Replace("\r", "", StringComparison.Ordinal);
        }
    }

    /// <summary>The variables of its firmware, which it has changed perhaps.</summary>
    public string VariablesPath => Path.Combine(Path.GetDirectoryName(monitorPath)!, VariablesFile);

    /// <summary>Ends the test as inconclusive where this host cannot run such a machine.</summary>
    public static void Require()
    {
        Rig.Require("qemu-system-x86_64");
        foreach (var file in (string[])[Firmware, NewVariables, SecureFirmware, SecureVariables])
            if (!File.Exists(file)) Rig.Require(file);
    }

    /// <summary>Ends the test as inconclusive where this host cannot run a machine of arm64.</summary>
    public static void RequireArm64()
    {
        Rig.Require("qemu-system-aarch64");
        foreach (var file in (string[])[Arm64Firmware, Arm64Variables, Arm64SecureFirmware, Arm64SecureVariables]) Rig.RequireFile(file);
    }

    /// <summary>Starts a machine.</summary>
    public static QemuGuest Start(QemuOptions options)
    {
        // Machines of several tests run at the same time.
        var own = Directory.CreateDirectory(Path.Combine(options.Folder, Path.GetRandomFileName())).FullName;
        var (console, monitor, variables) = (Path.Combine(own, "console.log"), Path.Combine(own, "monitor"), Path.Combine(own, VariablesFile));
        var (code, empty) = (options.Arm64, options.SecureBoot) switch
        {
            (true, true) => (Arm64SecureFirmware, Arm64SecureVariables),
            (true, false) => (Arm64Firmware, Arm64Variables),
            (false, true) => (SecureFirmware, SecureVariables),
            _ => (Firmware, NewVariables),
        };
        File.Copy(options.Variables ?? empty, variables, overwrite: true);
        var port = FreePort();
        string[] command =
        [
            // Pointers are signed by the processor's own method: emulating the one of Arm takes half the time of a start.
            .. options.Launcher, options.Arm64 ? "qemu-system-aarch64" : "qemu-system-x86_64", "-machine", options.Arm64 ? "virt" : options.SecureBoot ? "q35,smm=on" : "q35", "-cpu", options.Arm64 ? "max,pauth-impdef=on" : "max", "-smp", "1", "-m", options.MemoryMegabytes.ToString(CultureInfo.InvariantCulture),
            "-nodefaults", "-display", "none", "-no-reboot", "-serial", $"file:{console}", "-qmp", $"unix:{monitor},server=on,wait=off",
            .. options.Bios ? [] : (string[])
            [
                .. options.Arm64 ? [] : (string[])["-global", "driver=cfi.pflash01,property=secure,value=" + (options.SecureBoot ? "on" : "off")],
                "-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={code}",
                "-drive", $"if=pflash,unit=1,format=raw,file={variables}",
            ],
            .. options.Disk is null ? [] : (string[])
            [
                "-drive", $"if=none,id=disk,format=raw,snapshot={(options.Persistent ? "off" : "on")},file={options.Disk}",
                .. options.DiskDevice == "scsi-hd" ? (string[])["-device", "virtio-scsi-pci"] : [],
                "-device", $"{options.DiskDevice},drive=disk{(options.DiskDevice == "nvme" ? ",serial=disk" : "")}",
            ],
            // Without the card's own program for it (iPXE) it is the firmware that gets a program from the network.
            "-netdev", options.Network ?? $"user,id=net,restrict={(options.Isolated ? "on" : "off")},hostfwd=tcp:127.0.0.1:{port}-:8080{(options.SshPort == 0 ? "" : FormattableString.Invariant($",hostfwd=tcp:127.0.0.1:{options.SshPort}-:22"))}{options.NetworkSettings}{Boot(options.NetworkProgram)}",
            "-device", $"{options.NetworkDevice},netdev=net{(options.NetworkProgram is null ? "" : ",romfile=,bootindex=1")}",
            .. options.KernelArguments.Length == 0 ? [] : (string[])["-smbios", $"type=11,value=io.systemd.boot.kernel-cmdline-extra={options.KernelArguments}"],
            .. options.Arguments,
        ];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true };
        return new QemuGuest(Process.Start(start)!, console, monitor, port);
    }

    private static string Boot(string? program) => program is null ? "" : $",tftp={Path.GetDirectoryName(program)},bootfile={Path.GetFileName(program)}";

    /// <summary>Waits until the console holds a text.</summary>
    public Task WaitForConsoleAsync(string text, TimeSpan patience) =>
        WaitAsync(() => Task.FromResult(Console.Contains(text, StringComparison.Ordinal)), $"the console says '{text}'", patience);

    /// <summary>Asks for a page until the answer is a success, and returns it.</summary>
    public async Task<string> GetAsync(string path, TimeSpan patience)
    {
        var answer = "";
        await WaitAsync(async () =>
        {
            try
            {
                using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
                answer = await response.Content.ReadAsStringAsync();
                return response.StatusCode == HttpStatusCode.OK;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        }, $"GET {path} succeeds", patience);
        return answer;
    }

    /// <summary>Asks for a page once, whatever comes of it.</summary>
    public async Task TryGetAsync(string path)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            // What the page does may well end the connection.
        }
    }

    /// <summary>Has QEMU do something (QEMU Machine Protocol): <c>system_powerdown</c> presses the power button.</summary>
    public async Task ExecuteAsync(string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(monitorPath));
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { AutoFlush = true, NewLine = "\n" };
        await reader.ReadLineAsync();
        foreach (var next in (string[])["qmp_capabilities", command])
        {
            await writer.WriteLineAsync(JsonSerializer.Serialize(new Dictionary<string, string> { ["execute"] = next }));
            while (await reader.ReadLineAsync() is { } line && !line.Contains("\"return\"", StringComparison.Ordinal))
                if (line.Contains("\"error\"", StringComparison.Ordinal)) Assert.Fail($"QEMU refuses {next}: {line}");
        }
    }

    /// <summary>Waits until the machine has switched itself off.</summary>
    public async Task WaitForEndAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw Failure($"the machine switches itself off within {patience.TotalSeconds} s");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        await errors;
        client.Dispose();
        process.Dispose();
    }

    private async Task WaitAsync(Func<Task<bool>> condition, string what, TimeSpan patience)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (process.HasExited) throw Failure($"{what}; QEMU has ended: {await errors}");
            if (clock.Elapsed > patience) throw Failure($"{what} within {patience.TotalSeconds} s");
            await Task.Delay(PollInterval);
        }
    }

    private AssertFailedException Failure(string what) => new($"It did not come true that {what}. The console:\n{Console}");

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("\u001b\\[[0-9;=?]*[A-Za-z]")]
    private static partial Regex Sequences();
}
