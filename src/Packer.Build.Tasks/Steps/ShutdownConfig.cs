namespace Packer.Steps;

/// <summary>Settings of how a machine is switched off after it was provisioned.</summary>
public sealed record ShutdownConfig
{
    /// <summary>
    /// The command that switches the machine off, such as <c>shutdown -P now</c>. Default: none; then the machine's power button is pressed (ACPI), and with the
    /// communicator <c>none</c> it is waited until the machine switches itself off.
    /// </summary>
    public string? ShutdownCommand { get; init; }

    /// <summary>How long that may take. Default: <c>5m</c>.</summary>
    [NotPartOfImage]
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
