using System.Text;

namespace Packer.Provisioners.PowerShell;

/// <summary>Texts for PowerShell.</summary>
internal static class PowerShellText
{
    private const string NoProgress = "if (Test-Path variable:global:ProgressPreference) { Set-Variable -Name variable:global:ProgressPreference -Value 'SilentlyContinue' }";

    /// <summary>A value inside double quotes (<c>about_Quoting_Rules</c>, <c>about_Special_Characters</c>).</summary>
    public static string InDoubleQuotes(string value) => Escape(value, "$\"`'");

    /// <summary>A value inside single quotes, where only those count.</summary>
    public static string InSingleQuotes(string value) => value.Replace("'", "''", StringComparison.Ordinal);

    /// <summary>
    /// The command that runs a script: <c>{{.Path}}</c> after <c>{{.Vars}}</c>, ending with the exit code of the last program. It is one text in double
    /// quotes for the shell of the connection, so that it holds none itself.
    /// </summary>
    public static string Command(PowerShellConfig config)
    {
        var trace = config.DebugMode == 0 ? "" : FormattableString.Invariant($"Set-PSDebug -Trace {config.DebugMode}; ");
        var block = $"& {{ {NoProgress}; {trace}. {{{{.Vars}}}}; &'{{{{.Path}}}}'; exit $LastExitCode }}";
        if (config.ExecutionPolicy == ExecutionPolicy.None) return block;
        var policy = config.ExecutionPolicy.ToString().ToLowerInvariant();
        return config.UsePwsh ? $"pwsh -executionpolicy {policy} -command \"{block}\"" : $"powershell -executionpolicy {policy} \"{block}\"";
    }

    /// <summary>
    /// A script of lines: an error that is thrown ends it with 1, else it ends with the exit code of the last program, where there was one.
    /// </summary>
    public static string Inline(IReadOnlyList<string> lines)
    {
        var text = new StringBuilder(NoProgress).Append("\r\n$exitCode = 0\r\ntry {\r\n");
        foreach (var line in lines) text.Append(line.ReplaceLineEndings("\r\n")).Append("\r\n");
        return text.Append("if ($LASTEXITCODE) { $exitCode = $LASTEXITCODE }\r\n} catch {\r\nWrite-Error $_ -ErrorAction Continue\r\n$exitCode = 1\r\n}\r\nexit $exitCode\r\n").ToString();
    }

    /// <summary>A script that removes files.</summary>
    public static string Remove(IEnumerable<string> files) =>
        string.Concat(files.Select(file => $"if (Test-Path -LiteralPath '{InSingleQuotes(file)}') {{ Remove-Item -Force -LiteralPath '{InSingleQuotes(file)}' }}\r\n")) + "exit 0\r\n";

    private static string Escape(string value, string special)
    {
        var text = new StringBuilder(value.Length);
        foreach (var character in value)
        {
            if (special.Contains(character, StringComparison.Ordinal)) text.Append('`');
            text.Append(character);
        }
        return text.ToString();
    }
}
