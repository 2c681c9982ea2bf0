using System.Globalization;
using System.Text.RegularExpressions;
using Packer.Builders.Qemu;
using Packer.Engine;
using Packer.Engine.Planning;

namespace Packer.Running;

/// <summary>An image that runs in a machine of QEMU. Disposing it ends the machine; the image is as it was.</summary>
internal sealed partial class RunningImage : IAsyncDisposable
{
    private static readonly TimeSpan VersionLimit = TimeSpan.FromSeconds(30);

    private readonly SocketFolder sockets;

    private RunningImage(SocketFolder sockets, QemuMachine machine, string accelerator, string serialLog)
    {
        this.sockets = sockets;
        Machine = machine;
        Accelerator = accelerator;
        SerialLog = serialLog;
    }

    public QemuMachine Machine { get; }

    /// <summary>What runs the machine's instructions.</summary>
    public string Accelerator { get; }

    public bool IsEmulated => Accelerator == AcceleratorTrial.Software;

    /// <summary>Full path of the file that gets what the machine writes to its serial console.</summary>
    public string SerialLog { get; }

    /// <summary>The ports, with those of this machine as they are.</summary>
    public IReadOnlyList<PortForward> Ports { get; private set; } = [];

    /// <summary>Starts an image.</summary>
    /// <param name="plan">Its plan.</param>
    /// <param name="files">Full paths of its files.</param>
    /// <param name="ports">What is to be reachable.</param>
    /// <param name="context">Where it says what it does, and where it may write.</param>
    /// <param name="token">Ends the start.</param>
    /// <exception cref="PackerException">There is no disk, no QEMU, no firmware, or QEMU does not start.</exception>
    public static async Task<RunningImage> StartAsync(ImagePlan plan, IReadOnlyList<string> files, IReadOnlyList<PortForward> ports, BuildContext context, CancellationToken token)
    {
        var disk = DiskFile.Find(files) ?? throw new PackerException(DiagnosticCodes.NothingToBoot,
            $"The image has no disk that QEMU could start; its files are {(files.Count == 0 ? "none" : string.Join(", ", files.Select(Path.GetFileName)))}. "
            + "What can be started is a raw, qcow2, VMDK, VHDX or VHD disk, and a unified kernel image (.efi).");
        var settings = MachineSettings.Of(plan, files);
        RequireProgram(settings.Program);
        var sockets = new SocketFolder(context);
        try
        {
            var run = new RunFiles
            {
                Name = "packer-" + plan.Image,
                Disk = disk,
                Firmware = settings.Uefi ? PrepareFirmware(settings, context) : null,
                Version = await VersionAsync(settings.Program, context, token).ConfigureAwait(false),
                Accelerator = await new AcceleratorTrial(settings.Program, settings.MachineType, context, nameof(RunOptions.RunAccelerator)).ChooseAsync(settings.Accelerator, token).ConfigureAwait(false),
                Ports = ports,
                SerialLog = Path.Combine(context.TemporaryDirectory, "serial.log"),
                Qmp = $"unix:{QemuText.Escape(Path.Combine(sockets.Path, "qmp"))},server=on,wait=off",
            };
            if (RunCommandLine.Remedy(settings, run) is { } remedy) context.Ui.Say(remedy);
            var arguments = RunCommandLine.Create(settings, run);
            context.Ui.Message($"{settings.Program} {string.Join(' ', arguments)}");
            var machine = await QemuMachine.StartAsync(settings.Program, arguments, Path.Combine(sockets.Path, "qmp"), context, token).ConfigureAwait(false);
            var result = new RunningImage(sockets, machine, run.Accelerator, run.SerialLog);
            try
            {
                result.Ports = await PortsAsync(machine, ports, token).ConfigureAwait(false);
                return result;
            }
            catch
            {
                await machine.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Machine.DisposeAsync().ConfigureAwait(false);
        sockets.Dispose();
    }

    /// <summary>Reads which ports of this machine QEMU has opened from what its command <c>info usernet</c> says.</summary>
    internal static IReadOnlyList<PortForward> ReadPorts(string text) =>
        [.. Forward().Matches(text).Select(match => new PortForward(Number(match.Groups["host"].Value), Number(match.Groups["guest"].Value)))];

    /// <summary>Reads QEMU's version from what <c>--version</c> says; one that cannot be read counts as old.</summary>
    internal static Version ReadVersion(string text) => VersionText().Match(text) is { Success: true } match ? Version.Parse(match.Groups["version"].Value) : new Version(0, 0);

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static void RequireProgram(string program)
    {
        if (ProgramFinder.Find(program, Environment.GetEnvironmentVariable("PATH")) is not null) return;
        throw new PackerException(DiagnosticCodes.MachineDoesNotStart,
            $"There is no program '{program}' on this machine, and the image is to be started. Install QEMU (qemu-system-x86 on Debian and Ubuntu, or qemu-system-arm for arm64; qemu with Homebrew, winget and on most other systems) and see that it is in PATH, "
            + "or build with -p:PackerTest=false, which tests no image.");
    }

    private static Firmware PrepareFirmware(MachineSettings settings, BuildContext context)
    {
        var found = Firmware.Find(settings.Program) ?? throw new PackerException(DiagnosticCodes.FirmwareMissing,
            $"The image starts by UEFI, and no firmware for '{settings.Program}' was found on this machine. Install it: the package is called ovmf on Debian and Ubuntu, edk2-ovmf on Fedora and Arch, and for arm64 qemu-efi-aarch64 on Debian and Ubuntu, edk2-aarch64 on Fedora and Arch; QEMU for Windows and of Homebrew brings it.");
        var copy = Path.Combine(context.TemporaryDirectory, "variables.fd");
        File.Copy(settings.Variables ?? found.Variables, copy, overwrite: true);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return found with { Variables = copy };
    }

    private static async Task<Version> VersionAsync(string program, BuildContext context, CancellationToken token)
    {
        var lines = new List<string>();
        await using var process = context.Processes.Start(new ProcessStart(program, ["--version"]) { WorkingDirectory = context.TemporaryDirectory, Output = lines.Add });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(VersionLimit);
        try
        {
            await process.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw new PackerException(DiagnosticCodes.MachineDoesNotStart, $"'{program} --version' has not ended within {VersionLimit.TotalSeconds:0} s. See whether the program works on this machine.");
        }
        return ReadVersion(string.Join('\n', lines));
    }

    private static async Task<IReadOnlyList<PortForward>> PortsAsync(QemuMachine machine, IReadOnlyList<PortForward> asked, CancellationToken token)
    {
        // QEMU itself takes the free ports, so that nobody else can take them in between.
        var arguments = new Dictionary<string, string> { ["command-line"] = "info usernet" };
        var text = (await machine.Qmp.ExecuteAsync("human-monitor-command", arguments, token).ConfigureAwait(false)).GetString() ?? "";
        var open = ReadPorts(text);
        return [.. asked.Select(port => open.FirstOrDefault(found => found.Guest == port.Guest && (port.Host == 0 || found.Host == port.Host))
            ?? throw new PackerException(DiagnosticCodes.MachineDoesNotStart, $"QEMU does not say on which port of this machine port {port.Guest} of the image is reached: {text.ReplaceLineEndings(" ")}"))];
    }

    [GeneratedRegex(@"TCP\[HOST_FORWARD\]\s+\d+\s+\S+\s+(?<host>\d+)\s+\S+\s+(?<guest>\d+)")]
    private static partial Regex Forward();

    [GeneratedRegex(@"version (?<version>\d+\.\d+(\.\d+)?)")]
    private static partial Regex VersionText();
}
