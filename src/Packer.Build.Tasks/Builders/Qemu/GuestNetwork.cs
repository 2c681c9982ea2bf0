using System.Diagnostics;
using Packer.Builders.Qemu.Qmp;

namespace Packer.Builders.Qemu;

/// <summary>
/// Knows whether the guest has a network: whether it has taken an address since it was started or reset. QEMU's own network accepts a connection for a guest that
/// has none and offers it to the guest again and again, also when it has been given up on this side; each look that comes too early so costs the guest's server
/// a login that nobody wants, just when it is busiest.
/// </summary>
internal sealed class GuestNetwork : IAsyncDisposable
{
    private const string Filter = "packer-heard";

    /// <summary>Enough of a packet for the kind of a DHCP message; all else stands before that.</summary>
    private const int KeptLength = 512;

    /// <summary>A guest with an address of its own choice may be silent until it is spoken to. Such a look is lost on any other, and on one whose server comes up just then.</summary>
    private static readonly TimeSpan UsualLookInterval = TimeSpan.FromSeconds(30);

    /// <summary>One whose card is at work, but which does not ask for an address, has chosen it itself.</summary>
    private static readonly TimeSpan LinkedTime = TimeSpan.FromSeconds(3);

    /// <summary>A guest that has asked for its address has to take it still, and what comes before that is lost to it.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(250);

    private readonly QmpClient qmp;
    private readonly string network;
    private readonly string capture;
    private readonly TimeSpan lookInterval;
    private readonly QmpSubscription events;
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly Stopwatch sinceLook = Stopwatch.StartNew();
    private Task watching = Task.CompletedTask;
    private bool listening;
    private long heard;
    private long? linked;

    private GuestNetwork(QmpClient qmp, string network, string capture, TimeSpan lookInterval)
    {
        this.qmp = qmp;
        this.network = network;
        this.capture = capture;
        this.lookInterval = lookInterval;
        events = qmp.Subscribe();
    }

    /// <summary>Begins to listen to a machine.</summary>
    /// <param name="qmp">Its control connection.</param>
    /// <param name="network">Id of its network in QEMU.</param>
    /// <param name="capture">Full path of a file that QEMU may write what the guest sends to; it is deleted.</param>
    /// <param name="isUp">Whether the guest is known to have a network already, as one has that goes on from a checkpoint.</param>
    /// <param name="token">Ends the start.</param>
    /// <param name="lookInterval">Time between two looks at a guest that is silent. Default: 30 s.</param>
    public static async Task<GuestNetwork> StartAsync(QmpClient qmp, string network, string capture, bool isUp, CancellationToken token, TimeSpan? lookInterval = null)
    {
        var guest = new GuestNetwork(qmp, network, capture, lookInterval ?? UsualLookInterval);
        try
        {
            // A network of the user's own, or a QEMU without filters: then there is nothing to listen to, and every look is made.
            if (isUp || await guest.ListenAsync(token).ConfigureAwait(false)) guest.watching = guest.WatchAsync();
            return guest;
        }
        catch
        {
            await guest.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether a connection to the guest may succeed now: it has a network, or has not been looked at for some seconds.</summary>
    public async Task<bool> IsWorthALookAsync(CancellationToken token)
    {
        if (!await IsUpAsync(token).ConfigureAwait(false) && sinceLook.Elapsed < lookInterval) return false;
        sinceLook.Restart();
        return true;
    }

    /// <summary>Ends the listening. To be called when the machine has ended: before that it has the file open.</summary>
    public async ValueTask DisposeAsync()
    {
        events.Dispose();
        await watching.ConfigureAwait(false);
        gate.Dispose();
        System.IO.File.Delete(capture);
    }

    private async Task<bool> IsUpAsync(CancellationToken token)
    {
        await gate.WaitAsync(token).ConfigureAwait(false);
        try
        {
            if (!listening) return Stopwatch.GetElapsedTime(heard) >= SettleTime;
            var address = System.IO.File.Exists(capture) ? GuestCapture.Read(capture) : GuestAddress.None;
            if (address == GuestAddress.None) return false;
            if (address == GuestAddress.Linked && Stopwatch.GetElapsedTime(linked ??= Stopwatch.GetTimestamp()) < LinkedTime) return false;
            await StopListeningAsync(token).ConfigureAwait(false);
            if (address != GuestAddress.Requested) return true;
            heard = Stopwatch.GetTimestamp();
            return false;
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task WatchAsync()
    {
        try
        {
            await foreach (var happened in events.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                if (happened.Name != "RESET") continue;
                await gate.WaitAsync().ConfigureAwait(false);
                try
                {
                    if (listening) await StopListeningAsync(CancellationToken.None).ConfigureAwait(false);
                    if (!await ListenAsync(CancellationToken.None).ConfigureAwait(false)) return;
                }
                finally
                {
                    gate.Release();
                }
            }
        }
        catch (PackerException exception) when (exception.Code == DiagnosticCodes.MachineConnectionLost)
        {
            // The machine has ended; who needed it says so.
        }
    }

    private async Task<bool> ListenAsync(CancellationToken token)
    {
        try
        {
            // "rx" is what the network receives: what the guest sends (QEMU, "-object filter-dump").
            var filter = new Dictionary<string, object> { ["qom-type"] = "filter-dump", ["id"] = Filter, ["netdev"] = network, ["queue"] = "rx", ["file"] = capture, ["maxlen"] = KeptLength };
            await qmp.ExecuteAsync("object-add", filter, token).ConfigureAwait(false);
            linked = null;
            return listening = true;
        }
        catch (QmpException)
        {
            return listening = false;
        }
    }

    private async Task StopListeningAsync(CancellationToken token)
    {
        await qmp.ExecuteAsync("object-del", new { id = Filter }, token).ConfigureAwait(false);
        listening = false;
        System.IO.File.Delete(capture);
    }
}
