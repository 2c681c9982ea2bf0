namespace Packer.Provisioners.WindowsRestart;

/// <summary>Settings of <c>windows-restart</c>, which restarts a Windows machine.</summary>
public sealed record WindowsRestartConfig
{
    /// <summary>The command that restarts the machine.</summary>
    public string RestartCommand { get; init; } = "shutdown /r /f /t 0 /c \"packer restart\"";

    /// <summary>A command that succeeds when the machine has restarted, run before the check that is always made. Default: only that check.</summary>
    public string? RestartCheckCommand { get; init; }

    /// <summary>How long the restart may take.</summary>
    [NotPartOfImage]
    public TimeSpan RestartTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether to wait also until Windows has none of <see cref="RegistryKeys"/>, which say that it wants another restart or is busy with updates.</summary>
    public bool CheckRegistry { get; init; }

    /// <summary>The keys of the registry that are waited for to go.</summary>
    public IReadOnlyList<string> RegistryKeys { get; init; } =
    [
        @"HKLM:SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending",
        @"HKLM:SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\PackagesPending",
        @"HKLM:SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootInProgress",
    ];
}
