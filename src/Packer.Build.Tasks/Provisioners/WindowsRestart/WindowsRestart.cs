using System.Text;
using Packer.Configuration;
using Packer.Engine;

namespace Packer.Provisioners.WindowsRestart;

/// <summary>One restart: give the command, see the machine go down, see it come back.</summary>
internal sealed class WindowsRestart(WindowsRestartConfig config, ProvisionContext context, WindowsRestartPauses pauses)
{
    /// <summary>Asks for a restart that is taken back at once: its answer tells whether the machine is going down already.</summary>
    private const string ProbeCommand = "shutdown /r /f /t 60 /c \"packer restart test\"";
    private const string AbortCommand = "shutdown /a";

    // Exit codes of 'shutdown' (Windows, winerror.h).
    private const int Done = 0;
    private const int IncorrectFunction = 1;
    private const int ShutdownInProgress = 1115;
    private const int ShutdownIsScheduled = 1190;

    /// <summary>It is not said by a machine on which PowerShell does not run yet.</summary>
    private const string Sign = "restarted.";

    private static readonly string CheckCommand = Encoded("echo (\"{0} " + Sign + "\" -f [System.Net.Dns]::GetHostName())");

    private readonly Machine machine = new(context.Communicator!, context.Ui, config.RestartTimeout, pauses.Retry, nameof(WindowsRestartConfig.RestartTimeout));

    public async Task RunAsync(CancellationToken token)
    {
        var boot = await ReadBootAsync(token).ConfigureAwait(false);
        context.Ui.Say("Restarting the machine.");
        var exitCode = await machine.StartAsync(config.RestartCommand, _ => Task.CompletedTask, config.RestartCommand, token).ConfigureAwait(false);
        // The connection may go down with the machine before the command has ended.
        if (exitCode is not (Done or ShutdownInProgress or ShutdownIsScheduled or ICommunicator.ConnectionLost))
            throw new PackerException(DiagnosticCodes.RestartFailed, $"The command '{config.RestartCommand}' ended with exit code {exitCode}. Its output above says why; correct 'RestartCommand'.");

        context.Ui.Say("Waiting for the machine to restart.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(config.RestartTimeout);
        try
        {
            // A machine may be back before anybody has seen it away; the time of its start tells all the same.
            if (boot is { } before) await before.Communicator.WaitForRebootAsync(before.Id, limit.Token).ConfigureAwait(false);
            else await WaitUntilDownAsync(limit.Token).ConfigureAwait(false);
            await WaitUntilBackAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (limit.IsCancellationRequested && !token.IsCancellationRequested)
        {
            throw new PackerException(DiagnosticCodes.RestartFailed, $"The machine was not back within {DurationFormat.Format(config.RestartTimeout)} (RestartTimeout). Raise 'RestartTimeout', or look at what the machine shows.", exception);
        }
        context.Ui.Say("The machine has restarted.");
    }

    /// <summary>Null where the machine, or the connection to it, does not tell when it was started.</summary>
    private async Task<(IRebootingCommunicator Communicator, string Id)?> ReadBootAsync(CancellationToken token)
    {
        if (context.Communicator is not IRebootingCommunicator communicator) return null;
        try
        {
            return await communicator.ReadBootIdAsync(token).ConfigureAwait(false) is { } id ? (communicator, id) : null;
        }
        catch (Exception) when (!token.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task WaitUntilDownAsync(CancellationToken token)
    {
        while (true)
        {
            switch (await TryAsync(ProbeCommand, token).ConfigureAwait(false))
            {
                case null or ICommunicator.ConnectionLost or IncorrectFunction:
                    return;
                case Done:
                    // It has not begun to go down, or is back already: take the second restart back.
                    await TryAsync(AbortCommand, token).ConfigureAwait(false);
                    return;
                // 1115, 1190 and 1717 (the interface is unknown), which a machine on its way down gives; and what nobody has thought of.
                default:
                    await Task.Delay(pauses.Probe, token).ConfigureAwait(false);
                    break;
            }
        }
    }

    private async Task WaitUntilBackAsync(CancellationToken token)
    {
        var custom = config.RestartCheckCommand;
        while (true)
        {
            await Task.Delay(pauses.Check, token).ConfigureAwait(false);
            if (custom is not null)
            {
                if (await TryAsync(custom, token).ConfigureAwait(false) is not Done) continue;
                custom = null;
            }
            if (!await SaysAsync(CheckCommand, Sign, token).ConfigureAwait(false)) continue;
            if (!config.CheckRegistry || await RegistryIsCleanAsync(token).ConfigureAwait(false)) return;
        }
    }

    private async Task<bool> RegistryIsCleanAsync(CancellationToken token)
    {
        foreach (var key in config.RegistryKeys)
        {
            if (await SaysAsync(Encoded($"Test-Path \"{key}\""), "False", token).ConfigureAwait(false)) continue;
            context.Ui.Message($"Windows is busy still: '{key}'.");
            return false;
        }
        return true;
    }

    private async Task<bool> SaysAsync(string command, string expected, CancellationToken token)
    {
        var said = false;
        await TryAsync(command, token, line => said |= line.Contains(expected, StringComparison.Ordinal)).ConfigureAwait(false);
        return said;
    }

    /// <summary>The exit code, or null where the command could not be run.</summary>
    private async Task<int?> TryAsync(string command, CancellationToken token, Action<string>? output = null)
    {
        try
        {
            return await machine.RunAsync(command, token, output).ConfigureAwait(false);
        }
        catch (Exception) when (!token.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>A command that runs a text in PowerShell whatever the shell of the connection is: base64 of UTF-16 (<c>about_PowerShell_exe</c>, EncodedCommand).</summary>
    private static string Encoded(string script) =>
        "powershell.exe -EncodedCommand " + Convert.ToBase64String(Encoding.Unicode.GetBytes("$ProgressPreference = 'SilentlyContinue'; " + script));
}
