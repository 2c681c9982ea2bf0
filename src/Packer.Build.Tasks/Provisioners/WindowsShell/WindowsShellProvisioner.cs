namespace Packer.Provisioners.WindowsShell;

/// <summary>Runs batch files on a Windows machine.</summary>
[PackerProvisioner("windows-shell")]
public sealed class WindowsShellProvisioner : Provisioner<WindowsShellConfig>
{
    /// <summary>Waited between two tries to start a script.</summary>
    internal TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    protected override void Validate(WindowsShellConfig config, ConfigValidation validation)
    {
        config.Run.Validate(validation);
        ScriptVariables.ValidateFormat(config.EnvVarFormat, nameof(WindowsShellConfig.EnvVarFormat), validation);
    }

    /// <inheritdoc />
    protected override async Task ProvisionAsync(WindowsShellConfig config, ProvisionContext context, CancellationToken token)
    {
        var machine = new Machine(context.Communicator!, context.Ui, config.StartRetryTimeout, RetryPause);
        var variables = ScriptVariables.Text(ScriptVariables.Of(config.Run, context), config.EnvVarFormat, value => value);
        var command = context.Render(config.ExecuteCommand, new Dictionary<string, string> { ["Path"] = config.RemotePath, ["Vars"] = variables });
        foreach (var script in await ReadAsync(config, token).ConfigureAwait(false))
        {
            context.Ui.Say($"Running the batch file: {script.Name}");
            var exitCode = await machine.StartAsync(script.Name, limit => machine.UploadOnceAsync(config.RemotePath, script, null, limit), command, token).ConfigureAwait(false);
            if (exitCode == ICommunicator.ConnectionLost)
                throw new PackerException(DiagnosticCodes.ScriptDisconnected, $"The connection was lost while the script '{script.Name}' ran. Let the script not restart the machine; the provisioner 'windows-restart' does that and waits.");
            if (!config.Run.ValidExitCodes.Contains(exitCode))
                throw new PackerException(DiagnosticCodes.ScriptFailed, $"The script '{script.Name}' ended with exit code {exitCode}; allowed are {string.Join(", ", config.Run.ValidExitCodes)}. Its output above says why; 'ValidExitCodes' allows more.");
        }
    }

    private static async Task<IReadOnlyList<ScriptContent>> ReadAsync(WindowsShellConfig config, CancellationToken token)
    {
        if (config.Run.Inline.Count > 0) return [ScriptContent.FromText("Inline", string.Concat(config.Run.Inline.Select(line => line.ReplaceLineEndings("\r\n") + "\r\n")))];
        var scripts = new List<ScriptContent>();
        foreach (var file in config.Run.Files)
            scripts.Add(config.Binary ? ScriptContent.FromFile(file) : await ScriptContent.FromTextFileAsync(file, token, windows: true).ConfigureAwait(false));
        return scripts;
    }
}
