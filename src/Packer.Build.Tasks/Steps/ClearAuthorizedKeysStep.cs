using Packer.Communicators;
using Packer.Communicators.Ssh;

namespace Packer.Steps;

/// <summary>Takes the temporary key out of the machine, so that the image does not let it in. Comes last of what works in the machine.</summary>
/// <param name="context">The build.</param>
/// <param name="config">The settings; nothing is done unless <c>SshClearAuthorizedKeys</c> is set.</param>
/// <param name="connection">The connection.</param>
/// <param name="keyPair">Gives the temporary key pair, or null where there is none.</param>
internal sealed class ClearAuthorizedKeysStep(BuildContext context, CommunicatorConfig config, ConnectStep connection, Func<SshKeyPair?> keyPair) : IStep
{
    public string Name => "Clear authorized keys";

    public async Task RunAsync(CancellationToken token)
    {
        if (!config.SshClearAuthorizedKeys || keyPair() is not { } pair || connection.Communicator is not { } communicator) return;
        context.Ui.Say("Taking the temporary key out of the machine.");
        var status = await communicator.RunAsync(new RemoteCommand(Script(pair)) { Output = context.Ui.Message, Error = context.Ui.Message }, token).ConfigureAwait(false);
        if (status != 0) context.Ui.Message($"The temporary key could not be taken out everywhere: exit status {status}.");
    }

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => Task.CompletedTask;

    /// <summary>The key itself is looked for, and not its name, which may be another's too; <c>-F</c> takes it for no expression.</summary>
    internal static string Script(SshKeyPair keyPair) =>
        "for f in ~/.ssh/authorized_keys /root/.ssh/authorized_keys; do "
        + "s=; [ -w \"$f\" ] || s='sudo -n'; "
        + $"if $s test -f \"$f\"; then t=$($s grep -vF '{keyPair.PublicKey.Split(' ')[1]}' \"$f\"); printf '%s\\n' \"$t\" | $s tee \"$f\" >/dev/null; fi; done; true";
}
