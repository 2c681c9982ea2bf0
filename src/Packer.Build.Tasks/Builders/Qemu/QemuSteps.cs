using System.Globalization;
using System.Net;
using Packer.Builders.Qemu.Checkpoints;
using Packer.Communicators;
using Packer.Communicators.Ssh;
using Packer.Engine;
using Packer.Engine.Checkpoints;
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
    private readonly string serialLog;
    private readonly string? hardwareAddress;
    private readonly ChooseAcceleratorStep accelerator;
    private readonly DownloadIsoStep? download;
    private readonly FindIsoStep? find;
    private readonly StartTpmStep? tpm;
    private readonly CreateFloppyStep floppy;
    private readonly CreateCdStep cd;
    private readonly CreateDisksStep disks;
    private readonly PrepareFirmwareStep? firmware;
    private readonly HttpServerStep http;
    private readonly ReservePortsStep ports;
    private readonly TemporaryKeyStep key;
    private readonly StartMachineStep start;
    private readonly ConnectStep connect;
    private readonly Evidence evidence;

    public QemuSteps(QemuConfig config, BuildContext context, SocketFolder sockets)
    {
        this.config = config;
        this.context = context;
        serialLog = Path.Combine(context.TemporaryDirectory, "serial.log");
        hardwareAddress = config.NetBridge is null ? null : BridgeNetwork.NewHardwareAddress();
        var layers = KeepsCheckpoints() ? new DiskLayers(context) : null;
        accelerator = new ChooseAcceleratorStep(config, context, MachineType);
        var hasIso = config.Iso.IsoUrl is not null || config.Iso.IsoUrls.Count > 0;
        find = hasIso && config.IsoSkipCache ? new FindIsoStep(config.Iso, context) : null;
        download = hasIso && !config.IsoSkipCache ? new DownloadIsoStep(config.Iso, context) : null;
        tpm = config.Vtpm ? new StartTpmStep(config, context, sockets) : null;
        floppy = new CreateFloppyStep(config.Floppy, context);
        cd = new CreateCdStep(config.Cd, context);
        disks = new CreateDisksStep(config, context, () => download!.IsoPath!, layers);
        firmware = PrepareFirmwareStep.IsNeeded(config) ? new PrepareFirmwareStep(config, context) : null;
        http = config.NetBridge is { } bridge
            ? new HttpServerStep(config.Http, context, IPAddress.Parse(BridgeNetwork.AddressOf(bridge)))
            : new HttpServerStep(config.Http, context, IPAddress.Loopback, HostOfUserNetwork);
        ports = new ReservePortsStep(config, context, Forwards);
        key = new TemporaryKeyStep(config);
        start = new StartMachineStep(config, context, sockets, Describe, Fields);
        evidence = new Evidence(context, serialLog);
        evidence.Clear();
        connect = new ConnectStep(context, config.Connection, FindAddressAsync, () => key.KeyPair);
        All = [accelerator, download, find, tpm, floppy, cd, http, ports, .. layers is null ? Plain() : Resumable(layers, sockets)];
    }

    /// <summary>The steps in order; null stands for one that is not needed.</summary>
    public IReadOnlyList<IStep?> All { get; }

    private TypeBootCommandStep Type => new(config.Boot, context, () => start.Machine, serialLog, Fields);

    private ClearAuthorizedKeysStep ClearKeys => new(context, config.Connection, connect, () => key.KeyPair);

    private KeepScreenStep KeepScreen => new(() => start.Machine, evidence);

    // It ends the machine, so it looks after it by itself.
    private EvidenceStep ShutDown => new(new ShutdownStep(config.Shutdown, context, () => start.Machine, () => connect.Communicator), () => start.Machine, evidence);

    private IReadOnlyList<IStep?> Plain() =>
    [
        key, disks, firmware, start, Watched(Type), Watched(connect),
        Watched(new ProvisionStep(context, connect, () => http.ProvisionData)),
        Watched(ClearKeys), KeepScreen, ShutDown,
        CompactDisksStep.IsNeeded(config) ? new CompactDisksStep(config, context, disks.Disks) : null,
    ];

    /// <summary>The same steps with checkpoints.</summary>
    private IReadOnlyList<IStep?> Resumable(DiskLayers layers, SocketFolder sockets)
    {
        var store = new CheckpointStore(context.Cache.DirectoryPath, context.CheckpointLimit, context.Ui);
        var resume = new ResumeStep(context, store, sockets, FindPoints, layers, firmware, key, start, connect);
        var taker = new CheckpointTaker(context, store, sockets, layers, firmware, key, () => start.Machine);
        return
        [
            resume, First(key), First(disks), First(firmware), First(start), First(Watched(Type)), First(Watched(connect)),
            Watched(new KeepInstalledStep(resume, taker)),
            Watched(new ProvisionStep(context, connect, () => http.ProvisionData, () => new ProvisionProgress(resume.Resumed?.Provisioners ?? 0, KeepAsync))),
            Watched(ClearKeys), KeepScreen, ShutDown,
            new FlattenDisksStep(config, context, layers, disks.Targets, () => download!.IsoPath!),
        ];

        IStep? First(IStep? step) => step is null ? null : new UnlessResumedStep(step, resume);

        Task KeepAsync(int provisioners, CancellationToken token) => resume.Points.FirstOrDefault(point => point.Provisioners == provisioners) is { } point ? taker.TakeAsync(point, token) : Task.CompletedTask;
    }

    private IReadOnlyList<CheckpointPoint> FindPoints()
    {
        var facts = new MachineFacts(config, context).List(accelerator.Program, accelerator.Accelerator, MachineType, Name, download?.IsoPath, find?.Identity);
        return CheckpointKeys.Create(config.Checkpoints, context.Image, context.Chain!, facts);
    }

    private bool KeepsCheckpoints()
    {
        if (CheckpointRules.AreUnwanted(config, context)) return false;
        if (CheckpointRules.FindObstacle(config, context) is not { } obstacle) return true;
        context.Ui.Message($"There are no checkpoints of this machine: {obstacle}.");
        return false;
    }

    private IStep Watched(IStep step) => WatchedStep.Around(step, () => start.Machine, evidence);

    private bool Forwards => config.Connection.Communicator != "none" && config.NetBridge is null && !config.SkipNatMapping;

    private string Name => config.VmName ?? "packer-" + context.Image;

    private string MachineType => config.MachineType ?? (Packer.Builders.Qemu.Firmware.ArchitectureOf(config.QemuBinary) == "aarch64" ? "virt" : "pc");

    private MachinePlan Describe() => new()
    {
        Name = Name,
        MachineType = MachineType,
        Accelerator = accelerator.Accelerator,
        Disks = disks.Disks,
        DiskFormat = disks.Format,
        Cds = [.. new[] { config.DiskImage ? null : find?.Address?.AbsoluteUri ?? download?.IsoPath, cd.CdPath }.OfType<string>()],
        Floppy = floppy.FloppyPath,
        Firmware = firmware?.Firmware,
        TpmSocket = tpm?.Socket,
        HostPort = ports.HostPort,
        GuestPort = config.Connection.Port,
        VncPort = ports.VncPort,
        HardwareAddress = hardwareAddress,
        SerialLog = serialLog,
        QmpForOthers = config.QmpEnable || config.QmpSocketPath is not null ? config.QmpSocketPath ?? Path.Combine(context.LogDirectory, Name + ".monitor") : null,
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
        ["SSHPublicKey"] = key.KeyPair?.PublicKey ?? (config.Connection.Communicator == "ssh" ? SshKeyPair.Find(config.Connection)?.PublicKey : null) ?? "",
    };

    private async Task<MachineAddress?> FindAddressAsync(CancellationToken token)
    {
        if (ports.HostPort is { } port) return start.Network is null || await start.Network.IsWorthALookAsync(token).ConfigureAwait(false) ? new MachineAddress(Loopback, port) : null;
        if (hardwareAddress is null) return new MachineAddress(Loopback, config.Connection.Port);
        return BridgeNetwork.Find(hardwareAddress) is { } address ? new MachineAddress(address, config.Connection.Port) : null;
    }
}
