namespace Packer.Steps;

/// <summary>Settings of <c>shell-local</c>, which runs scripts on this machine; the same for the provisioner and the post-processor.</summary>
public sealed record ShellLocalConfig
{
    /// <summary>Lines of a script. One of <see cref="Inline"/>, <see cref="Script"/> and <see cref="Scripts"/> is needed.</summary>
    [ConfigDeprecated("command")]
    public IReadOnlyList<string> Inline { get; init; } = [];

    /// <summary>A script file.</summary>
    [InputFile]
    public string? Script { get; init; }

    /// <summary>Script files, run in order; globs are allowed.</summary>
    [InputFiles]
    public IReadOnlyList<string> Scripts { get; init; } = [];

    /// <summary>Exit codes that count as success. Default: 0.</summary>
    public IReadOnlyList<int> ValidExitCodes { get; init; } = [0];

    /// <summary>Variables for the script, each <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> EnvironmentVars { get; init; } = [];

    /// <summary>Variables for the script by name; they override <see cref="EnvironmentVars"/>.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// How a variable stands in <c>{{.Vars}}</c>: its name and its value take the places of the two <c>%s</c>. Default: <c>%s='%s' </c>, and
    /// <c>set %s=%s &amp;&amp; </c> on Windows.
    /// </summary>
    public string? EnvVarFormat { get; init; }

    /// <summary>
    /// The program and its arguments that run a script; <c>{{.Vars}}</c> and <c>{{.Script}}</c> are filled in. A single text is given to
    /// <c>/bin/sh -c</c>. Default: <c>/bin/sh;-c;{{.Vars}} {{.Script}}</c>, and <c>cmd;/V;/C;{{.Vars}};call;{{.Script}}</c> on Windows.
    /// </summary>
    [RenderLate("Vars", "Script", "Command")]
    public IReadOnlyList<string> ExecuteCommand { get; init; } = [];

    /// <summary>The first line of a script made of <see cref="Inline"/>, without <c>#!</c>. Default: <c>/bin/sh -e</c>.</summary>
    public string InlineShebang { get; init; } = "/bin/sh -e";

    /// <summary>The ending of the file that holds <see cref="Inline"/>. Default: none, and <c>.cmd</c> on Windows.</summary>
    public string? TempfileExtension { get; init; }

    /// <summary>Operating systems on which the script runs: <c>linux</c>, <c>darwin</c>, <c>windows</c>, <c>freebsd</c>. Default: all.</summary>
    [ConfigChoice("darwin", "freebsd", "linux", "openbsd", "solaris", "windows")]
    public IReadOnlyList<string> OnlyOn { get; init; } = [];
}
