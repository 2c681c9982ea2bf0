using Packer.Configuration;

namespace Packer.Provisioners.PowerShell;

/// <summary>One run of the scripts of a <c>powershell</c> step.</summary>
internal sealed class PowerShellRun(PowerShellConfig config, ProvisionContext context, Machine machine)
{
    private const string Folder = "c:/Windows/Temp";

    /// <summary>How long removing the files may take: the image is as good with them. After a failure or a cancel nobody wants to wait.</summary>
    private static readonly TimeSpan LongestRemoval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LastRemoval = TimeSpan.FromSeconds(10);

    private readonly string variableFile = config.RemoteEnvVarPath ?? $"{Folder}/packer-ps-env-vars-{Guid.NewGuid()}.ps1";

    public async Task RunAsync(CancellationToken token)
    {
        var scripts = config.Run.Inline.Count > 0 ? [ScriptContent.FromText("Inline", PowerShellText.Inline(config.Run.Inline))] : config.Run.Files.Select(ScriptContent.FromFile).ToList();
        var elevated = config.ElevatedUser is not null;
        var variables = ScriptContent.FromText("the variables", ScriptVariables.Text(ScriptVariables.Of(config.Run, context), elevated ? config.ElevatedEnvVarFormat : config.EnvVarFormat, PowerShellText.InDoubleQuotes));
        var copied = new List<string> { variableFile };
        try
        {
            foreach (var script in scripts) await RunScriptAsync(script, variables, copied, token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not PackerException { Code: DiagnosticCodes.ScriptDisconnected or DiagnosticCodes.ScriptNotStarted })
        {
            await RemoveAsync(copied, LastRemoval, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
        await RemoveAsync(copied, LongestRemoval, token).ConfigureAwait(false);
        if (config.PauseAfter <= TimeSpan.Zero) return;
        context.Ui.Say($"Pausing {DurationFormat.Format(config.PauseAfter)} after the scripts.");
        await Task.Delay(config.PauseAfter, token).ConfigureAwait(false);
    }

    private async Task RunScriptAsync(ScriptContent script, ScriptContent variables, List<string> copied, CancellationToken token)
    {
        var path = RemotePath(script);
        copied.Add(path);
        context.Ui.Say($"Running the PowerShell script: {script.Name}");
        var command = Command(path, config.ElevatedUser is null ? config.ExecuteCommand : config.ElevatedExecuteCommand);
        var task = config.ElevatedUser is { } user ? ElevatedTask.Create(user, config.ElevatedPassword?.Reveal() ?? "", command) : null;
        if (task is not null) copied.Add(task.Path);
        var exitCode = await machine.StartAsync(script.Name, async limit =>
        {
            await machine.UploadOnceAsync(variableFile, variables, null, limit).ConfigureAwait(false);
            await machine.UploadOnceAsync(path, script, null, limit).ConfigureAwait(false);
            if (task is not null) await machine.UploadOnceAsync(task.Path, task.Script, null, limit).ConfigureAwait(false);
        }, task?.Command ?? command, token).ConfigureAwait(false);

        if (exitCode == ICommunicator.ConnectionLost)
            throw new PackerException(DiagnosticCodes.ScriptDisconnected, $"The connection was lost while the script '{script.Name}' ran. Let the script not restart the machine; the provisioner 'windows-restart' does that and waits.");
        if (!config.Run.ValidExitCodes.Contains(exitCode))
            throw new PackerException(DiagnosticCodes.ScriptFailed, $"The script '{script.Name}' ended with exit code {exitCode}; allowed are {string.Join(", ", config.Run.ValidExitCodes)}. Its output above says why; 'ValidExitCodes' allows more.");
    }

    private string RemotePath(ScriptContent script) => config.RemotePath switch
    {
        null => $"{Folder}/script-{Guid.NewGuid()}.ps1",
        [.., '/' or '\\'] folder => folder + (config.Run.Inline.Count > 0 ? $"script-{Guid.NewGuid()}.ps1" : Path.GetFileName(script.Name)),
        var file => file,
    };

    private string Command(string path, string? template) => context.Render(template ?? PowerShellText.Command(config), new Dictionary<string, string> { ["Path"] = path, ["Vars"] = variableFile });

    /// <summary>By a script, which removes itself last, so that a path needs no quoting for the shell of the connection.</summary>
    private async Task RemoveAsync(List<string> files, TimeSpan longest, CancellationToken token)
    {
        if (config.SkipClean) return;
        var path = $"{Folder}/packer-cleanup-{Guid.NewGuid()}.ps1";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.Build.Hurry, token);
        limit.CancelAfter(longest);
        try
        {
            await machine.UploadOnceAsync(path, ScriptContent.FromText("the clean-up", PowerShellText.Remove([.. files, path])), null, limit.Token).ConfigureAwait(false);
            var exitCode = await machine.RunAsync(Command(path, config.ExecuteCommand), limit.Token).ConfigureAwait(false);
            if (exitCode != 0) context.Ui.Say($"The removal of the scripts ended with exit code {exitCode}; some may be left on the machine: {string.Join(", ", files)}");
        }
        catch (Exception exception) when (!token.IsCancellationRequested)
        {
            context.Ui.Say($"The scripts could not be removed from the machine: {exception.Message} They are {string.Join(", ", files)}");
        }
    }
}
