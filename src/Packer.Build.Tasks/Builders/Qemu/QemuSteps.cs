using System.Globalization;
using System.Net;
using Packer.Communicators;
using Packer.Communicators.Ssh;
using Packer.Steps;

namespace Packer.Builders.Qemu;

/// <summary>The steps of a build in order, and what they hand on to each other.</summary>
internal sealed class QemuSteps
{
    private const string Loopback = "127.0.0.1";

    /// <summary>Under this address QEMU's own network shows this machine to the guest (QEMU, "Using the user mode network stack").</summary>
    private const string HostOfUserNetwork = "10.0.2.2";

    private readonly QemuConfig config;
    private readonly BuildContext context;
    private readonly SshKeyPair? keyPair;
    private readonly string serialLog;
    private readonly string? hardwareAddress;
    private readonly DownloadIsoStep? download;
    private readonly StartTpmStep? tpm;
    private readonly CreateFloppyStep floppy;
    private readonly CreateCdStep cd;
    private readonly CreateDisksStep disks;
    private readonly PrepareFirmwareStep? firmware;
    private readonly HttpServerStep http;
    private readonly ReservePortsStep ports;

    public QemuSteps(QemuConfig config, BuildContext context, SocketFolder sockets, SshKeyPair? keyPair)
    {
        this.config = config;
        this.context = context;
        this.keyPair = keyPair;
        serialLog = Path.Combine(context.TemporaryDirectory, "serial.log");
        hardwareAddress = config.NetBridge is null ? null : BridgeNetwork.NewHardwareAddress();
        download = config.Iso.IsoUrl is null && config.Iso.IsoUrls.Count == 0 ? null : new DownloadIsoStep(config.Iso, context);
        tpm = config.Vtpm ? new StartTpmStep(config, context, sockets) : null;
        floppy = new CreateFloppyStep(config.Floppy, context);
        cd = new CreateCdStep(config.Cd, context);
        disks = new CreateDisksStep(config, context, () => download!.IsoPath!);
        firmware = PrepareFirmwareStep.IsNeeded(config) ? new PrepareFirmwareStep(config, context) : null;
        http = config.NetBridge is { } bridge
            ? new HttpServerStep(config.Http, context, IPAddress.Parse(BridgeNetwork.AddressOf(bridge)))
            : new HttpServerStep(config.Http, context, IPAddress.Loopback, HostOfUserNetwork);
        ports = new ReservePortsStep(config, context, Forwards);
        var start = new StartMachineStep(config, context, sockets, Describe, Fields);
        var evidence = new Evidence(context, serialLog);
        evidence.Clear();
        var connect = new ConnectStep(context, config.Connection, FindAddressAsync, keyPair);
        All =
        [
            download, tpm, floppy, cd, disks, firmware, http, ports, start,
            Watched(new TypeBootCommandStep(config.Boot, context, () => start.Machine, serialLog, Fields)),
            Watched(connect),
            Watched(new ProvisionStep(context, connect, () => http.ProvisionData)),
            Watched(new ClearAuthorizedKeysStep(context, config.Connection, connect, keyPair)),
            // It ends the machine, so it looks after it by itself.
            new EvidenceStep(new ShutdownStep(config.Shutdown, context, () => start.Machine, () => connect.Communicator), () => start.Machine, evidence),
            CompactDisksStep.IsNeeded(config) ? new CompactDisksStep(config, context, disks.Disks) : null,
        ];

        IStep Watched(IStep step) => WatchedStep.Around(step, () => start.Machine, evidence);
    }

    /// <summary>The steps in order; null stands for one that is not needed.</summary>
    public IReadOnlyList<IStep?> All { get; }

    private bool Forwards => config.Connection.Communicator != "none" && config.NetBridge is null && !config.SkipNatMapping;

    private string Name => config.VmName ?? "packer-" + context.Image;

    private string MachineType => config.MachineType ?? (Packer.Builders.Qemu.Firmware.ArchitectureOf(config.QemuBinary) == "aarch64" ? "virt" : "pc");

    private MachinePlan Describe() => new()
    {
        Name = Name,
        MachineType = MachineType,
        Disks = disks.Disks,
        Cds = [.. new[] { config.DiskImage ? null : download?.IsoPath, cd.CdPath }.OfType<string>()],
        Floppy = floppy.FloppyPath,
        Firmware = firmware?.Firmware,
        TpmSocket = tpm?.Socket,
        HostPort = ports.HostPort,
        GuestPort = config.Connection.Port,
        VncPort = ports.VncPort,
        HardwareAddress = hardwareAddress,
        SerialLog = serialLog,
        HasDisplay = HasDisplay(),
    };

    private bool HasDisplay()
    {
        if (config.Headless) return false;
        if (!OperatingSystem.IsLinux() || IsSet("DISPLAY") || IsSet("WAYLAND_DISPLAY")) return true;
        context.Ui.Message("There is no graphical session, so no window shows the machine.");
        return false;

        static bool IsSet(string name) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name));
    }

    private Dictionary<string, string> Fields() => new(http.TemplateFields, StringComparer.Ordinal)
    {
        ["HTTPDir"] = config.Http.HttpDirectory ?? "",
        ["OutputDir"] = context.OutputDirectory,
        ["Name"] = Name,
        ["SSHHostPort"] = ports.HostPort?.ToString(CultureInfo.InvariantCulture) ?? "",
        ["SSHPublicKey"] = keyPair?.PublicKey ?? (config.Connection.Communicator == "ssh" ? SshKeyPair.Find(config.Connection)?.PublicKey : null) ?? "",
    };

    private Task<MachineAddress?> FindAddressAsync(CancellationToken token)
    {
        if (ports.HostPort is { } port) return Task.FromResult<MachineAddress?>(new MachineAddress(Loopback, port));
        if (hardwareAddress is null) return Task.FromResult<MachineAddress?>(new MachineAddress(Loopback, config.Connection.Port));
        return Task.FromResult(BridgeNetwork.Find(hardwareAddress) is { } address ? new MachineAddress(address, config.Connection.Port) : null);
    }
}
