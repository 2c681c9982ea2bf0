using System.Globalization;
using System.Security.Cryptography;
using Packer.Builders.Qemu.Qmp;

namespace Packer.Builders.Qemu;

/// <summary>Starts the machine; its clean-up ends it, whatever it does.</summary>
/// <param name="config">The settings.</param>
/// <param name="context">The build that runs.</param>
/// <param name="sockets">Where the control socket is made.</param>
/// <param name="describe">Says what the machine is made of; called when all before it is prepared.</param>
/// <param name="fields">Gives the values of <c>{{ .HTTPIP }}</c> and the rest.</param>
internal sealed class StartMachineStep(
    QemuConfig config, BuildContext context, SocketFolder sockets, Func<MachinePlan> describe, Func<IReadOnlyDictionary<string, string>> fields) : IStep
{
    private const int VncPasswordLength = 8;
    private const string VncPasswordCharacters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private QemuMachine? machine;
    private string? qmpForOthers;

    public string Name => "Start the machine";

    /// <summary>The running machine, once this step has run.</summary>
    public QemuMachine Machine => machine ?? throw new InvalidOperationException("The machine does not run yet.");

    /// <summary>What is heard of the guest, where SSH is forwarded to it; null where it is reached in another way.</summary>
    public GuestNetwork? Network { get; private set; }

    public Task RunAsync(CancellationToken token) => StartAsync(incoming: false, token);

    /// <summary>Starts the machine, also as one that waits for the memory of another.</summary>
    /// <param name="incoming">Whether it waits.</param>
    /// <param name="token">Ends the start.</param>
    public async Task StartAsync(bool incoming, CancellationToken token)
    {
        var plan = describe() with { Qmp = $"unix:{QemuText.Escape(Path.Combine(sockets.Path, "qmp"))},server=on,wait=off" };
        var arguments = CommandLine.Create(config, plan, text => context.Render(text, fields()));
        // Stopped at first (-S): a guest that is done at once would else be off before it is watched.
        arguments = incoming ? [.. arguments, "-incoming", "defer"] : [.. arguments, "-S"];
        context.Ui.Say($"Starting the machine ({plan.Accelerator})");
        context.Ui.Message($"{config.QemuBinary} {string.Join(' ', arguments.Select(Quote))}");
        machine = await QemuMachine.StartAsync(config.QemuBinary, arguments, Path.Combine(sockets.Path, "qmp"), context, token).ConfigureAwait(false);
        await ProtectVncAsync(token).ConfigureAwait(false);
        if (plan.HostPort is not null && config.Connection.Communicator == "ssh")
        {
            var capture = Path.Combine(context.TemporaryDirectory, "heard.pcap");
            Network = await GuestNetwork.StartAsync(machine.Qmp, CommandLine.Network, capture, isUp: incoming, token).ConfigureAwait(false);
        }
        if (!incoming) await machine.Qmp.ContinueAsync(token).ConfigureAwait(false);
        qmpForOthers = plan.QmpForOthers;
        if (qmpForOthers is not null) context.Ui.Message($"It can be controlled by QMP at {qmpForOthers}.");
        if (plan.VncPort is { } port) context.Ui.Message(string.Create(CultureInfo.InvariantCulture, $"Its screen can be watched by VNC at {config.VncBindAddress}:{port}."));
    }

    public async Task CleanupAsync(StepOutcome outcome, CancellationToken hurry)
    {
        if (machine is not null) await machine.DisposeAsync().ConfigureAwait(false);
        machine = null;
        if (Network is not null) await Network.DisposeAsync().ConfigureAwait(false);
        Network = null;
        // One that is killed leaves its sockets.
        if (qmpForOthers is not null) System.IO.File.Delete(qmpForOthers);
    }

    private async Task ProtectVncAsync(CancellationToken token)
    {
        if (!config.VncUsePassword && config.VncPassword is null) return;
        var password = config.VncPassword?.Reveal() ?? RandomNumberGenerator.GetString(VncPasswordCharacters, VncPasswordLength);
        await Machine.Qmp.SetVncPasswordAsync(password, token).ConfigureAwait(false);
        if (config.VncPassword is null) context.Ui.Message($"The password of VNC for this build is {password}.");
    }

    private static string Quote(string argument) => argument.Length > 0 && argument.All(character => char.IsAsciiLetterOrDigit(character) || "-_./:,=+%@".Contains(character, StringComparison.Ordinal))
        ? argument
        : "'" + argument.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
