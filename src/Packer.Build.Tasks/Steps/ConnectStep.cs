using Packer.Communicators;
using Packer.Communicators.Ssh;
using Packer.Communicators.WinRm;

namespace Packer.Steps;

/// <summary>Waits until the machine can be reached, and keeps the connection for the steps after it.</summary>
/// <param name="context">The build.</param>
/// <param name="config">How the machine is reached.</param>
/// <param name="findAddress">
/// Says where the machine's SSH or WinRM service is, or null while that is not known. Asked up to four times a second; not asked where <c>SshHost</c> or
/// <c>WinrmHost</c> is set.
/// </param>
/// <param name="keyPair">Gives the temporary key pair that the builder has given the machine, or null; null where there never is one.</param>
internal sealed class ConnectStep(BuildContext context, CommunicatorConfig config, Func<CancellationToken, Task<MachineAddress?>> findAddress, Func<SshKeyPair?>? keyPair = null) : IStep
{
    private const string NoId = "ERR_ID_NOT_IMPLEMENTED_BY_BUILDER";
    private const string NoHttp = "ERR_HTTP_{0}_NOT_IMPLEMENTED_BY_BUILDER";

    public string Name => "Connect";

    /// <summary>The connection, from when this step has run; null for the communicator <c>none</c>.</summary>
    public ICommunicator? Communicator { get; private set; }

    /// <summary>Packer's build variables: what <c>{{ build `Key` }}</c> reads in provisioners. A builder adds those of its own.</summary>
    public IReadOnlyDictionary<string, object?> Data { get; private set; } = Common(context, config);

    public async Task RunAsync(CancellationToken token)
    {
        if (config.Communicator == CommunicatorConfig.None) return;
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
        var isWindows = config.Communicator == CommunicatorConfig.WinRm;
        context.Ui.Say($"Waiting for {(isWindows ? "WinRM" : "SSH")} to become available.");
        var machine = isWindows ? await ConnectWinRmAsync(token).ConfigureAwait(false) : await ConnectSshAsync(token).ConfigureAwait(false);
        Data = isWindows ? ConnectedToWinRm(machine) : ConnectedToSsh(machine);
        context.Ui.Say($"Connected to {machine} as '{Data["User"]}'.");
    }

    public async Task CleanupAsync(StepOutcome outcome, CancellationToken hurry)
    {
        if (Communicator is IAsyncDisposable open) await open.DisposeAsync().ConfigureAwait(false);
        else (Communicator as IDisposable)?.Dispose();
        Communicator = null;
    }

    private Task<MachineAddress?> FindAsync(CancellationToken token) => config.Host is { } host ? Task.FromResult<MachineAddress?>(new MachineAddress(host, config.Port)) : findAddress(token);

    private async Task<MachineAddress> ConnectSshAsync(CancellationToken token)
    {
        var made = new SshCommunicator(config, new SshConnector(config, FindAsync, keyPair?.Invoke(), Ask(token)), context.TemporaryDirectory);
        try
        {
            await made.ConnectAsync(token).ConfigureAwait(false);
        }
        catch
        {
            await made.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        Communicator = made;
        return made.Machine!;
    }

    private async Task<MachineAddress> ConnectWinRmAsync(CancellationToken token)
    {
        var times = new WinRmTimes();
        var connector = new WinRmConnector(config, FindAsync, context.Ui.Message, times);
        try
        {
            await connector.ConnectAsync(token).ConfigureAwait(false);
        }
        catch
        {
            connector.Dispose();
            throw;
        }
        Communicator = new WinRmCommunicator(connector, times, context.TemporaryDirectory);
        return connector.Machine!;
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

    private Dictionary<string, object?> ConnectedToSsh(MachineAddress machine)
    {
        var pair = keyPair?.Invoke() ?? SshKeyPair.Find(config);
        if (pair is not null) context.Secrets.Add(pair.PrivateKey);
        return new Dictionary<string, object?>(Connected(machine, config.SshUsername, config.SshPassword), StringComparer.Ordinal)
        {
            ["SSHPublicKey"] = pair?.PublicKey ?? "",
            ["SSHPrivateKey"] = pair?.PrivateKey ?? "",
            ["SSHPrivateKeyFile"] = config.SshPrivateKeyFile ?? "",
            ["SSHAgentAuth"] = config.SshAgentAuth,
        };
    }

    private Dictionary<string, object?> ConnectedToWinRm(MachineAddress machine)
    {
        var data = Connected(machine, config.WinrmUsername, config.WinrmPassword);
        data["WinRMPassword"] = data["Password"];
        return data;
    }

    private Dictionary<string, object?> Connected(MachineAddress machine, string? user, Secret? secret)
    {
        var password = secret?.Reveal() ?? "";
        // It is text like any other in a provisioner's settings, and must not show where one prints it.
        if (password.Length > 0) context.Secrets.Add(password);
        return new Dictionary<string, object?>(Data, StringComparer.Ordinal)
        {
            ["Host"] = machine.Host,
            ["Port"] = machine.Port,
            ["User"] = user,
            ["Password"] = password,
            ["SSHPublicKey"] = "",
            ["SSHPrivateKey"] = "",
            ["SSHPrivateKeyFile"] = "",
            ["SSHAgentAuth"] = false,
            ["WinRMPassword"] = "",
        };
    }

    private Func<string, string>? Ask(CancellationToken token) =>
        context.Ui.CanAsk ? question => context.Ui.AskAsync(question, token).GetAwaiter().GetResult() : null;
}
