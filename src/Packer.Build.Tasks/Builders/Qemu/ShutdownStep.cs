using Packer.Builders.Qemu.Qmp;
using Packer.Steps;

namespace Packer.Builders.Qemu;

/// <summary>Switches the machine off as its user would, so that everything is on its disks.</summary>
/// <param name="config">The settings.</param>
/// <param name="context">The build that runs.</param>
/// <param name="machine">Gives the running machine.</param>
/// <param name="communicator">Gives the connection to the machine, or null where it has none.</param>
internal sealed class ShutdownStep(ShutdownConfig config, BuildContext context, Func<QemuMachine> machine, Func<ICommunicator?> communicator) : IStep
{
    public string Name => "Shut down";

    public async Task RunAsync(CancellationToken token)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var off = machine().WaitForPowerOffAsync(config.ShutdownTimeout, stop.Token);
        // The command's end is not waited for: the machine may be off before it can say so.
        var request = RequestAsync(stop.Token);
        try
        {
            var first = await Task.WhenAny(off, request).ConfigureAwait(false);
            if (first == request && !off.IsCompleted) await request.ConfigureAwait(false);
            if (await off.ConfigureAwait(false)) return;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await request.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        throw new PackerException(DiagnosticCodes.ShutdownTimedOut,
            $"The guest did not switch itself off within {config.ShutdownTimeout.TotalSeconds:0} s. {(config.ShutdownCommand is null ? "Set a 'ShutdownCommand' that does it" : "Correct 'ShutdownCommand'")}, or raise 'ShutdownTimeout'.");
    }

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => Task.CompletedTask;

    private async Task RequestAsync(CancellationToken token)
    {
        if (config.ShutdownCommand is { } command && communicator() is { } connection)
        {
            context.Ui.Say("Shutting the machine down with ShutdownCommand");
            var status = await connection.RunAsync(new RemoteCommand(command) { Output = context.Ui.Message, Error = context.Ui.Error }, token).ConfigureAwait(false);
            // The connection goes with the machine. Any other failure is one of the command.
            if (status is 0 or ICommunicator.ConnectionLost) return;
            throw new PackerException(DiagnosticCodes.ScriptFailed, $"'ShutdownCommand' ended with exit status {status}, so the machine was not switched off. Correct it; what it said is above.");
        }
        if (communicator() is null)
        {
            context.Ui.Say("Waiting for the machine to switch itself off");
            return;
        }
        context.Ui.Say("Pressing the machine's power button");
        await machine().Qmp.PowerDownAsync(token).ConfigureAwait(false);
    }
}
