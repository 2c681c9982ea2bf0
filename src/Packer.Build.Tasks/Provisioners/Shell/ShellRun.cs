using System.Text;
using Packer.Configuration;
using Packer.Engine;
using Packer.Steps;

namespace Packer.Provisioners.Shell;

/// <summary>One run of the scripts of a <c>shell</c> step.</summary>
internal sealed class ShellRun(ShellConfig config, ProvisionContext context, Machine machine)
{
    private const string DefaultCommand = "chmod +x {{.Path}}; {{.Vars}} {{.Path}}";
    private const string DefaultCommandWithFile = "chmod +x {{.Path}}; . {{.EnvVarFile}} && {{.Path}}";
    private const string DefaultFormat = "%s='%s' ";
    private const string DefaultFormatInFile = "export %s='%s'\n";
    private const string DefaultShebang = "/bin/sh -e";

    private const UnixFileMode ReadAndWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Executable = ReadAndWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>How long removing the files may take where the build is about to end anyway.</summary>
    private static readonly TimeSpan LastRemoval = TimeSpan.FromSeconds(10);

    /// <summary>What a shell makes of the signals HUP and TERM, which end a script when the machine goes down (IEEE Std 1003.1, Shell Command Language, 2.8.2).</summary>
    private static readonly int[] EndedByShutdown = [128 + 1, 128 + 15];

    public async Task RunAsync(CancellationToken token)
    {
        var scripts = config.Run.Inline.Count > 0 ? [InlineScript()] : await ReadFilesAsync(token).ConfigureAwait(false);
        for (var index = 0; index < scripts.Count; index++)
            await RunScriptAsync(scripts[index], config.Reboot && index == scripts.Count - 1, token).ConfigureAwait(false);
        if (config.PauseAfter <= TimeSpan.Zero) return;
        context.Ui.Say($"Pausing {DurationFormat.Format(config.PauseAfter)} after the scripts.");
        await Task.Delay(config.PauseAfter, token).ConfigureAwait(false);
    }

    private ScriptContent InlineScript()
    {
        var text = new StringBuilder();
        if (config.InlineShebang is not null || !config.Run.Inline[0].StartsWith("#!", StringComparison.Ordinal))
            text.Append("#!").Append(config.InlineShebang ?? DefaultShebang).Append('\n');
        foreach (var line in config.Run.Inline) text.Append(line.ReplaceLineEndings("\n")).Append('\n');
        return ScriptContent.FromText("Inline", text.ToString());
    }

    private async Task<IReadOnlyList<ScriptContent>> ReadFilesAsync(CancellationToken token)
    {
        var scripts = new List<ScriptContent>();
        foreach (var file in config.Run.Files) scripts.Add(config.Binary ? ScriptContent.FromFile(file) : await ScriptContent.FromTextFileAsync(file, token).ConfigureAwait(false));
        return scripts;
    }

    private async Task RunScriptAsync(ScriptContent script, bool reboots, CancellationToken token)
    {
        var id = Guid.NewGuid().ToString("N")[..8];
        var path = config.RemotePath ?? $"{config.RemoteFolder}/{config.RemoteFile ?? $"script_{id}.sh"}";
        var variables = ScriptVariables.Text(ScriptVariables.Of(config.Run, context), config.EnvVarFormat ?? (config.UseEnvVarFile ? DefaultFormatInFile : DefaultFormat), VariableFormat.InSingleQuotes);
        var variableFile = config.UseEnvVarFile ? $"{config.RemoteFolder}/varfile_{id}.sh" : null;
        var command = context.Render(config.ExecuteCommand ?? (config.UseEnvVarFile ? DefaultCommandWithFile : DefaultCommand),
            new Dictionary<string, string> { ["Path"] = path, ["Vars"] = variables, ["EnvVarFile"] = variableFile ?? "" });
        var reboot = reboots ? await ExpectRebootAsync(token).ConfigureAwait(false) : null;

        context.Ui.Say($"Running the shell script: {script.Name}");
        var remove = "rm -f " + string.Join(' ', new[] { path, variableFile }.OfType<string>().Select(file => $"'{VariableFormat.InSingleQuotes(file)}'"));
        int exitCode;
        try
        {
            exitCode = await machine.StartAsync(script.Name, async limit =>
            {
                await machine.UploadOnceAsync(path, script, Executable, limit).ConfigureAwait(false);
                // For the user of the connection alone: it holds what may be secret.
                if (variableFile is not null) await machine.UploadOnceAsync(variableFile, ScriptContent.FromText(script.Name, variables), ReadAndWrite, limit).ConfigureAwait(false);
            }, command, token).ConfigureAwait(false);
            Check(script, exitCode, reboots);
        }
        catch (Exception exception) when (exception is not PackerException { Code: DiagnosticCodes.ScriptDisconnected or DiagnosticCodes.ScriptNotStarted })
        {
            await TryRemoveAsync(remove).ConfigureAwait(false);
            throw;
        }
        if (reboot is not null) await reboot(token).ConfigureAwait(false);
        if (!config.SkipClean && await machine.RunRepeatableAsync(remove, token).ConfigureAwait(false) is not 0 and var code)
            throw new PackerException(DiagnosticCodes.RemoteFileLeft, $"The command '{remove}' ended with exit code {code}, so files of the script '{script.Name}' are left on the machine. Correct what it reports, or set 'SkipClean'.");
    }

    private void Check(ScriptContent script, int exitCode, bool reboots)
    {
        if (exitCode == ICommunicator.ConnectionLost)
        {
            if (reboots || config.ExpectDisconnect) return;
            throw new PackerException(DiagnosticCodes.ScriptDisconnected,
                $"The connection was lost while the script '{script.Name}' ran. Set 'ExpectDisconnect' where the script ends it on purpose, or 'Reboot' where it restarts the machine.");
        }
        if (config.Run.ValidExitCodes.Contains(exitCode) || (reboots && EndedByShutdown.Contains(exitCode))) return;
        throw new PackerException(DiagnosticCodes.ScriptFailed,
            $"The script '{script.Name}' ended with exit code {exitCode}; allowed are {string.Join(", ", config.Run.ValidExitCodes)}. Its output above says why; 'ValidExitCodes' allows more.");
    }

    /// <summary>Notes which run of the machine this is, and returns what waits for the next one.</summary>
    private async Task<Func<CancellationToken, Task>> ExpectRebootAsync(CancellationToken token)
    {
        if (context.Communicator is not IRebootingCommunicator communicator)
            throw new PackerException(DiagnosticCodes.RestartNotSupported, "The connection to the machine cannot tell when it has restarted, so 'Reboot' cannot be used. Set 'ExpectDisconnect' and a 'PauseAfter' instead.");
        var boot = await communicator.ReadBootIdAsync(token).ConfigureAwait(false);
        return async stop =>
        {
            context.Ui.Say("Waiting for the machine to restart.");
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(config.RebootTimeout);
            try
            {
                await communicator.WaitForRebootAsync(boot, limit.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (limit.IsCancellationRequested && !stop.IsCancellationRequested)
            {
                throw new PackerException(DiagnosticCodes.RestartFailed,
                    $"The machine was not back within {DurationFormat.Format(config.RebootTimeout)} (RebootTimeout). See whether the script restarts it, or raise 'RebootTimeout'.", exception);
            }
            context.Ui.Say("The machine has restarted.");
        };
    }

    /// <summary>After a failure or a cancel: the error that there is matters more than a file that may be left.</summary>
    private async Task TryRemoveAsync(string remove)
    {
        if (config.SkipClean) return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.Build.Hurry);
        limit.CancelAfter(LastRemoval);
        try
        {
            await machine.RunAsync(remove, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            context.Ui.Message($"The files of the script could not be removed from the machine: {exception.Message}");
        }
    }
}
