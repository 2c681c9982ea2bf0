namespace Packer.Engine;

/// <summary>A communicator that can tell one run of a machine from the next, so that a restart of it can be waited for.</summary>
internal interface IRebootingCommunicator
{
    /// <summary>Reads what names the run of the machine since it was last started; null where the machine has no such thing.</summary>
    /// <param name="token">Gives up.</param>
    Task<string?> ReadBootIdAsync(CancellationToken token);

    /// <summary>Waits until the machine has restarted and can be used again.</summary>
    /// <param name="previousBootId">What <see cref="ReadBootIdAsync"/> gave before the restart.</param>
    /// <param name="token">Gives up waiting.</param>
    Task WaitForRebootAsync(string? previousBootId, CancellationToken token);
}
