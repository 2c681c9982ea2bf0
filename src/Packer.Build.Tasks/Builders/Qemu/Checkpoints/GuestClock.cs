using System.Globalization;
using Packer.Configuration;

namespace Packer.Builders.Qemu.Checkpoints;

/// <summary>
/// Brings the clock of a resumed guest up to date. It stood still with the machine, perhaps for days, and a clock in the past makes certificates invalid and
/// files older than what they are made from. A full build has the right time, too.
/// </summary>
internal static class GuestClock
{
    /// <summary>Sets the clock of a Linux guest, where the user may do so; says it where that does not succeed.</summary>
    /// <param name="communicator">The connection to the guest.</param>
    /// <param name="stopped">Since when the clock stood still.</param>
    /// <param name="ui">Is told when it fails.</param>
    /// <param name="token">Stops it.</param>
    public static async Task SetAsync(ICommunicator communicator, DateTimeOffset stopped, IUi ui, CancellationToken token)
    {
        var now = DateTimeOffset.UtcNow;
        var time = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var status = await communicator.RunAsync(new RemoteCommand($"test \"$(uname -s)\" = Linux && {{ date -u -s @{time} || sudo -n date -u -s @{time}; }}") { Output = Ignore, Error = Ignore }, token).ConfigureAwait(false);
        if (status != 0) ui.Say($"The guest's clock is {DurationFormat.Format(TimeSpan.FromSeconds(Math.Round((now - stopped).TotalSeconds)))} behind and could not be set; set it in a provisioner where that matters.");
    }

    private static void Ignore(string line)
    {
    }
}
