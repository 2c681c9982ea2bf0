namespace Packer.Provisioners.PowerShell;

/// <summary>What PowerShell allows to run (<c>about_Execution_Policies</c>).</summary>
public enum ExecutionPolicy
{
    /// <summary>Everything runs.</summary>
    Bypass,

    /// <summary>Only signed scripts.</summary>
    [ConfigName("allsigned")]
    AllSigned,

    /// <summary>What Windows has set.</summary>
    Default,

    /// <summary>Scripts of this machine, and signed ones.</summary>
    [ConfigName("remotesigned")]
    RemoteSigned,

    /// <summary>No scripts.</summary>
    Restricted,

    /// <summary>None is set.</summary>
    Undefined,

    /// <summary>Everything, with questions for what was downloaded.</summary>
    Unrestricted,

    /// <summary>PowerShell is not started: the shell of the connection is PowerShell already.</summary>
    None,
}

/// <summary>Settings of <c>powershell</c>, which runs PowerShell scripts on a Windows machine.</summary>
public sealed record PowerShellConfig
{
    /// <summary>The scripts and what all provisioners with scripts have.</summary>
    [ConfigSquash]
    public ScriptConfig Run { get; init; } = new();

    /// <summary>Accepted and without effect: scripts are always copied byte by byte.</summary>
    public bool Binary { get; init; }

    /// <summary>The script on the machine; a path that ends in a separator is a folder. Default: <c>c:/Windows/Temp/script-ID.ps1</c>.</summary>
    public string? RemotePath { get; init; }

    /// <summary>The file on the machine that sets the variables. Default: <c>c:/Windows/Temp/packer-ps-env-vars-ID.ps1</c>.</summary>
    public string? RemoteEnvVarPath { get; init; }

    /// <summary>What PowerShell allows to run.</summary>
    public ExecutionPolicy ExecutionPolicy { get; init; }

    /// <summary>Whether <c>pwsh</c> (PowerShell 7) runs the scripts, not <c>powershell</c>.</summary>
    public bool UsePwsh { get; init; }

    /// <summary>
    /// The command that runs a script. <c>{{.Path}}</c> is the script on the machine, <c>{{.Vars}}</c> the file with the variables. Default: PowerShell with a
    /// block that reads the variables, runs the script and ends with its exit code.
    /// </summary>
    [RenderLate("Vars", "Path")]
    public string? ExecuteCommand { get; init; }

    /// <summary>The command for scripts of <see cref="ElevatedUser"/>. Default: as that of <see cref="ExecuteCommand"/>.</summary>
    [RenderLate("Vars", "Path")]
    public string? ElevatedExecuteCommand { get; init; }

    /// <summary>How a variable is set: its name and its value, quoted for double quotes, take the places of the two <c>%s</c>.</summary>
    public string EnvVarFormat { get; init; } = "$env:%s=\"%s\"; ";

    /// <summary>The same for scripts of <see cref="ElevatedUser"/>.</summary>
    public string ElevatedEnvVarFormat { get; init; } = "$env:%s=\"%s\"; ";

    /// <summary>A user of the machine with whose full rights the scripts run, as a scheduled task. Default: the user of the connection.</summary>
    public string? ElevatedUser { get; init; }

    /// <summary>The password of that user; without one, as for <c>SYSTEM</c>, the user is taken for a service account.</summary>
    public Secret? ElevatedPassword { get; init; }

    /// <summary>What <c>Set-PSDebug -Trace</c> is given: 0 is off, 1 shows each line, 2 also variables and calls.</summary>
    [ConfigRange(0, 2)]
    [NotPartOfImage]
    public int DebugMode { get; init; }

    /// <summary>Whether the scripts and the file with the variables are left on the machine. What a scheduled task needs is always removed.</summary>
    public bool SkipClean { get; init; }

    /// <summary>How long copying a script and starting it is tried again while the machine cannot be reached.</summary>
    [NotPartOfImage]
    public TimeSpan StartRetryTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A pause after the last script.</summary>
    [NotPartOfImage]
    public TimeSpan PauseAfter { get; init; }
}
