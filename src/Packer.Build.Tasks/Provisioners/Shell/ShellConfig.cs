namespace Packer.Provisioners.Shell;

/// <summary>Settings of <c>shell</c>, which runs scripts on the machine.</summary>
public sealed record ShellConfig
{
    /// <summary>The scripts and what all provisioners with scripts have.</summary>
    [ConfigSquash]
    public ScriptConfig Run { get; init; } = new();

    /// <summary>Whether the files are copied byte by byte. Otherwise the line ends of Windows in them become those of Unix.</summary>
    public bool Binary { get; init; }

    /// <summary>
    /// The command that runs a script. <c>{{.Path}}</c> is the script on the machine, <c>{{.Vars}}</c> the variables, <c>{{.EnvVarFile}}</c> the file
    /// with them. Default: <c>chmod +x {{.Path}}; {{.Vars}} {{.Path}}</c>, or
    /// <c>chmod +x {{.Path}}; . {{.EnvVarFile}} &amp;&amp; {{.Path}}</c> with <c>UseEnvVarFile</c>.
    /// </summary>
    [RenderLate("Vars", "Path", "EnvVarFile")]
    public string? ExecuteCommand { get; init; }

    /// <summary>
    /// How a variable stands in <c>{{.Vars}}</c> or in the file: its name and its value, quoted for single quotes, take the places of the two
    /// <c>%s</c>. Default: <c>%s='%s' </c>, or <c>export %s='%s'</c> and a line end with <c>UseEnvVarFile</c>.
    /// </summary>
    public string? EnvVarFormat { get; init; }

    /// <summary>Whether the variables go to the machine in a file, which the script's command reads, and not on the command line, where every user of the machine sees them.</summary>
    public bool UseEnvVarFile { get; init; }

    /// <summary>
    /// The first line of a script made of <c>Inline</c>, without <c>#!</c>. Default: <c>/bin/sh -e</c>, and none where the first line of
    /// <c>Inline</c> has one itself.
    /// </summary>
    public string? InlineShebang { get; init; }

    /// <summary>The folder on the machine that scripts are copied to.</summary>
    public string RemoteFolder { get; init; } = "/tmp";

    /// <summary>The name of a script in that folder. Default: <c>script_</c>, eight random characters, <c>.sh</c>.</summary>
    public string? RemoteFile { get; init; }

    /// <summary>The full path of a script on the machine, in place of <c>RemoteFolder</c> and <c>RemoteFile</c>.</summary>
    public string? RemotePath { get; init; }

    /// <summary>Whether the script and the file with the variables are left on the machine.</summary>
    public bool SkipClean { get; init; }

    /// <summary>Whether the script may end the connection, as one that restarts the network does.</summary>
    public bool ExpectDisconnect { get; init; }

    /// <summary>
    /// Whether the script, the last one of several, restarts the machine. The connection may then end, and the step lasts until the machine is
    /// there again.
    /// </summary>
    public bool Reboot { get; init; }

    /// <summary>How long to wait for a machine that restarts (<c>Reboot</c>).</summary>
    [NotPartOfImage]
    public TimeSpan RebootTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long copying a script and starting it is tried again while the machine cannot be reached.</summary>
    [NotPartOfImage]
    public TimeSpan StartRetryTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A pause after the last script.</summary>
    [NotPartOfImage]
    public TimeSpan PauseAfter { get; init; }
}
