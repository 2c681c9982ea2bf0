namespace Packer.Provisioners.WindowsShell;

/// <summary>Settings of <c>windows-shell</c>, which runs batch files on a Windows machine.</summary>
public sealed record WindowsShellConfig
{
    /// <summary>The scripts and what all provisioners with scripts have.</summary>
    [ConfigSquash]
    public ScriptConfig Run { get; init; } = new();

    /// <summary>Whether the files are copied byte by byte. Otherwise the line ends of Unix in them become those of Windows.</summary>
    public bool Binary { get; init; }

    /// <summary>The script on the machine.</summary>
    public string RemotePath { get; init; } = "c:/Windows/Temp/script.bat";

    /// <summary>The command that runs a script. <c>{{.Path}}</c> is the script on the machine, <c>{{.Vars}}</c> the variables.</summary>
    [RenderLate("Vars", "Path")]
    public string ExecuteCommand { get; init; } = "{{.Vars}}\"{{.Path}}\"";

    /// <summary>How a variable stands in <c>{{.Vars}}</c>: its name and its value take the places of the two <c>%s</c>.</summary>
    public string EnvVarFormat { get; init; } = "set \"%s=%s\" && ";

    /// <summary>How long copying a script and starting it is tried again while the machine cannot be reached.</summary>
    [NotPartOfImage]
    public TimeSpan StartRetryTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
