using System.Text;

namespace Packer.Steps;

/// <summary>Runs scripts on this machine, in the folder of the project.</summary>
internal sealed class ShellLocal(ShellLocalConfig config, BuildContext context, IUi ui, IReadOnlyDictionary<string, string> variables)
{
    private const string UnixVariableFormat = "%s='%s' ";
    private const string WindowsVariableFormat = "set %s=%s && ";

    public static void Validate(ShellLocalConfig config, ConfigValidation validation)
    {
        var given = (config.Inline.Count > 0 ? 1 : 0) + (config.Script is null ? 0 : 1) + (config.Scripts.Count > 0 ? 1 : 0);
        if (given == 0) validation.Error(DiagnosticCodes.RequiredKeyMissing, null, "it has nothing to run. Set 'Inline', 'Script' or 'Scripts'.");
        if (given > 1) validation.Error(DiagnosticCodes.ConflictingKeys, null, "more than one of 'Inline', 'Script' and 'Scripts' is set. Keep one of them.");
        foreach (var variable in config.EnvironmentVars.Where(variable => variable.IndexOf('=', StringComparison.Ordinal) < 1))
            validation.Error(DiagnosticCodes.WrongValue, nameof(ShellLocalConfig.EnvironmentVars), $"the variable '{variable}' has no name and value. Write it as NAME=value.");
    }

    public async Task RunAsync(CancellationToken token)
    {
        if (config.OnlyOn.Count > 0 && !config.OnlyOn.Contains(OperatingSystemName(), StringComparer.Ordinal))
        {
            ui.Message($"Skipped: it runs on {string.Join(", ", config.OnlyOn)} only.");
            return;
        }
        if (config.Inline.Count > 0) await RunScriptAsync(await WriteInlineAsync(token).ConfigureAwait(false), token).ConfigureAwait(false);
        if (config.Script is not null) await RunScriptAsync(config.Script, token).ConfigureAwait(false);
        foreach (var script in config.Scripts) await RunScriptAsync(script, token).ConfigureAwait(false);
    }

    private async Task<string> WriteInlineAsync(CancellationToken token)
    {
        var extension = config.TempfileExtension ?? (OperatingSystem.IsWindows() ? ".cmd" : "");
        var path = Path.Combine(context.TemporaryDirectory, $"inline-{Guid.NewGuid():N}{extension}");
        var text = new StringBuilder();
        if (!OperatingSystem.IsWindows() && !config.Inline[0].StartsWith("#!", StringComparison.Ordinal)) text.Append("#!").Append(config.InlineShebang).Append('\n');
        foreach (var line in config.Inline) text.Append(line).Append(OperatingSystem.IsWindows() ? "\r\n" : "\n");
        await File.WriteAllTextAsync(path, text.ToString(), token).ConfigureAwait(false);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private async Task RunScriptAsync(string script, CancellationToken token)
    {
        if (!OperatingSystem.IsWindows() && config.ExecuteCommand.Count == 0 && (File.GetUnixFileMode(script) & UnixFileMode.UserExecute) == 0)
            throw new PackerException(DiagnosticCodes.ScriptFailed, $"The script '{script}' is not executable. Run 'chmod +x' on it, or set 'ExecuteCommand'.");
        var environment = Variables();
        var command = Command(script, environment);
        ui.Say($"Running local shell script: {script}");
        await using var process = context.Processes.Start(new ProcessStart(command[0], [.. command.Skip(1)])
        {
            WorkingDirectory = context.ProjectDirectory,
            Environment = environment.ToDictionary(variable => variable.Key, variable => (string?)variable.Value, StringComparer.Ordinal),
            Output = ui.Message,
            Error = ui.Error,
        });
        var exitCode = await process.WaitAsync(token).ConfigureAwait(false);
        if (!config.ValidExitCodes.Contains(exitCode))
            throw new PackerException(DiagnosticCodes.ScriptFailed, $"The script '{script}' ended with exit code {exitCode}; allowed are {string.Join(", ", config.ValidExitCodes)}. Its output above says why; 'ValidExitCodes' allows more.");
    }

    private SortedDictionary<string, string> Variables()
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["PACKER_BUILD_NAME"] = context.Image,
            ["PACKER_BUILDER_TYPE"] = context.BuilderType,
        };
        foreach (var (name, value) in variables) result[name] = value;
        foreach (var variable in config.EnvironmentVars)
        {
            var split = variable.IndexOf('=', StringComparison.Ordinal);
            result[variable[..split]] = variable[(split + 1)..];
        }
        foreach (var (name, value) in config.Env) result[name] = value;
        return result;
    }

    private List<string> Command(string script, SortedDictionary<string, string> environment)
    {
        var format = config.EnvVarFormat ?? (OperatingSystem.IsWindows() ? WindowsVariableFormat : UnixVariableFormat);
        var fields = new Dictionary<string, string>
        {
            ["Vars"] = string.Concat(environment.Select(variable => Format(format, variable.Key, variable.Value))),
            ["Script"] = script,
            ["Command"] = script,
        };
        IReadOnlyList<string> template = config.ExecuteCommand.Count switch
        {
            0 when OperatingSystem.IsWindows() => ["cmd", "/V", "/C", "{{.Vars}}", "call", "{{.Script}}"],
            0 => ["/bin/sh", "-c", "{{.Vars}} {{.Script}}"],
            1 when !OperatingSystem.IsWindows() => ["/bin/sh", "-c", config.ExecuteCommand[0]],
            _ => config.ExecuteCommand,
        };
        return [.. template.Select(part => context.Render(part, fields))];
    }

    private static string Format(string format, string name, string value) =>
        VariableFormat.Fill(format, name, OperatingSystem.IsWindows() ? value : VariableFormat.InSingleQuotes(value));

    private static string OperatingSystemName() =>
        OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : OperatingSystem.IsFreeBSD() ? "freebsd" : "linux";
}
