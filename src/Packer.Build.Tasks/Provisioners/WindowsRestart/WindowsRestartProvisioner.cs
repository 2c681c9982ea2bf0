namespace Packer.Provisioners.WindowsRestart;

/// <summary>Restarts a Windows machine and waits until it can be used again.</summary>
[PackerProvisioner("windows-restart")]
public sealed class WindowsRestartProvisioner : Provisioner<WindowsRestartConfig>
{
    /// <summary>How the waiting is spread.</summary>
    internal WindowsRestartPauses Pauses { get; init; } = new();

    /// <inheritdoc />
    protected override Task ProvisionAsync(WindowsRestartConfig config, ProvisionContext context, CancellationToken token) =>
        new WindowsRestart(config, context, Pauses).RunAsync(token);
}

/// <summary>The pauses of a restart.</summary>
internal sealed record WindowsRestartPauses
{
    /// <summary>Between two tries to start the command.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Between two looks at whether the machine has begun to go down.</summary>
    public TimeSpan Probe { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two looks at whether it is back.</summary>
    public TimeSpan Check { get; init; } = TimeSpan.FromSeconds(5);
}
