using Packer.Communicators;
using Packer.Communicators.Ssh;

namespace Packer.Steps;

/// <summary>Waits until the machine can be reached, and keeps the connection for the steps after it.</summary>
/// <param name="context">The build.</param>
/// <param name="config">How the machine is reached.</param>
/// <param name="findAddress">
/// Says where the machine's SSH server is, or null while that is not known. Asked up to four times a second; not asked where <c>SshHost</c> is set.
/// </param>
/// <param name="keyPair">Gives the temporary key pair that the builder has given the machine, or null; null where there never is one.</param>
internal sealed class ConnectStep(BuildContext context, CommunicatorConfig config, Func<CancellationToken, Task<MachineAddress?>> findAddress, Func<SshKeyPair?>? keyPair = null) : IStep
{
    private const string NoId = "ERR_ID_NOT_IMPLEMENTED_BY_BUILDER";
    private const string NoHttp = "ERR_HTTP_{0}_NOT_IMPLEMENTED_BY_BUILDER";

    private SshCommunicator? ssh;

    public string Name => "Connect";

    /// <summary>The connection, from when this step has run; null for the communicator <c>none</c>.</summary>
    public ICommunicator? Communicator => ssh;

    /// <summary>What can follow the machine through a reboot; null for the communicator <c>none</c>.</summary>
    public IReboots? Reboots => ssh;

    /// <summary>Packer's build variables: what <c>{{ build `Key` }}</c> reads in provisioners. A builder adds those of its own.</summary>
    public IReadOnlyDictionary<string, object?> Data { get; private set; } = Common(context, config);

    public async Task RunAsync(CancellationToken token)
    {
        if (config.Communicator == "none") return;
        if (config.PauseBeforeConnecting > TimeSpan.Zero)
        {
            context.Ui.Say($"Pausing {Configuration.DurationFormat.Format(config.PauseBeforeConnecting)} before connecting to the machine.");
            await Task.Delay(config.PauseBeforeConnecting, token).ConfigureAwait(false);
        }
        await ConnectAsync(token).ConfigureAwait(false);
    }

    /// <summary>Does the step without its pause, for a machine that runs already.</summary>
    public async Task ConnectAsync(CancellationToken token)
    {
        context.Ui.Say("Waiting for SSH to become available.");
        var connector = new SshConnector(config, config.SshHost is { Length: > 0 } host ? _ => Task.FromResult<MachineAddress?>(new MachineAddress(host, config.SshPort)) : findAddress, keyPair?.Invoke(), Ask(token));
        var made = new SshCommunicator(config, connector, context.TemporaryDirectory);
        try
        {
            await made.ConnectAsync(token).ConfigureAwait(false);
        }
        catch
        {
            await made.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        ssh = made;
        Data = Connected(made.Machine!);
        context.Ui.Say($"Connected to {made.Machine} as '{config.SshUsername}'.");
    }

    public async Task CleanupAsync(StepOutcome outcome, CancellationToken hurry)
    {
        if (ssh is not null) await ssh.DisposeAsync().ConfigureAwait(false);
        ssh = null;
    }

    private static Dictionary<string, object?> Common(BuildContext context, CommunicatorConfig config) => new(StringComparer.Ordinal)
    {
        ["ID"] = NoId,
        ["ConnType"] = config.Communicator,
        ["PackerRunUUID"] = context.RunId,
        ["PackerHTTPIP"] = NoHttp.Replace("{0}", "IP", StringComparison.Ordinal),
        ["PackerHTTPPort"] = NoHttp.Replace("{0}", "PORT", StringComparison.Ordinal),
        ["PackerHTTPAddr"] = NoHttp.Replace("{0}", "ADDR", StringComparison.Ordinal),
    };

    private Dictionary<string, object?> Connected(MachineAddress machine)
    {
        var pair = keyPair?.Invoke() ?? SshKeyPair.Find(config);
        var password = config.SshPassword?.Reveal() ?? "";
        // They are text like any other in a provisioner's settings, and must not show where one prints them.
        if (password.Length > 0) context.Secrets.Add(password);
        if (pair is not null) context.Secrets.Add(pair.PrivateKey);
        return new Dictionary<string, object?>(Data, StringComparer.Ordinal)
        {
            ["Host"] = machine.Host,
            ["Port"] = machine.Port,
            ["User"] = config.SshUsername,
            ["Password"] = password,
            ["SSHPublicKey"] = pair?.PublicKey ?? "",
            ["SSHPrivateKey"] = pair?.PrivateKey ?? "",
            ["SSHPrivateKeyFile"] = config.SshPrivateKeyFile ?? "",
            ["SSHAgentAuth"] = config.SshAgentAuth,
            ["WinRMPassword"] = "",
        };
    }

    private Func<string, string>? Ask(CancellationToken token) =>
        context.Ui.CanAsk ? question => context.Ui.AskAsync(question, token).GetAwaiter().GetResult() : null;
}
