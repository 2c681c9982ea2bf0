namespace Packer.Communicators.Ssh;

/// <summary>A connection that can follow a machine through a reboot.</summary>
internal interface IReboots
{
    /// <summary>The id of the present boot, or null where the machine has none (<c>/proc/sys/kernel/random/boot_id</c> is Linux's). Read it before the reboot.</summary>
    Task<string?> ReadBootIdAsync(CancellationToken token);

    /// <summary>Waits until the machine answers again after a reboot; what runs afterwards runs in the new boot.</summary>
    /// <param name="bootId">What <see cref="ReadBootIdAsync"/> gave before, or null: then a lost connection stands for the reboot.</param>
    /// <param name="timeout">Longest time.</param>
    /// <param name="token">Stops the waiting.</param>
    /// <exception cref="PackerException">It did not come back in time.</exception>
    Task WaitForRebootAsync(string? bootId, TimeSpan timeout, CancellationToken token);
}
