using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Packer.Communicators.Ssh;

/// <summary>
/// Looks whether an SSH server names itself at an address (RFC 4253, section 4.2). A connection alone says nothing: QEMU's user network accepts it for a guest
/// that does not listen yet.
/// </summary>
internal sealed class BannerProbe
{
    private const int LongestBanner = 64 * 1024;

    private readonly MachineAddress address;
    private long accepted;

    private BannerProbe(MachineAddress address) => this.address = address;

    /// <summary>Null where a server is there, else how far the probe came. Never fails.</summary>
    public Task<SshFailure?> Result { get; private set; } = Task.FromResult<SshFailure?>(null);

    /// <summary>How long the connection has been accepted already; zero before that.</summary>
    public TimeSpan Accepted => Volatile.Read(ref accepted) is var since && since == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(since);

    /// <summary>Connects and reads up to the server's name.</summary>
    /// <param name="address">Where.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="token">Ends it before; it then says how far it came.</param>
    public static BannerProbe Start(MachineAddress address, TimeSpan limit, CancellationToken token)
    {
        var probe = new BannerProbe(address);
        probe.Result = probe.RunAsync(limit, token);
        return probe;
    }

    private async Task<SshFailure?> RunAsync(TimeSpan limit, CancellationToken token)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(token);
        timeout.CancelAfter(limit);
        using var client = new TcpClient();
        var phase = SshPhase.Connection;
        try
        {
            await client.ConnectAsync(address.Host, address.Port, timeout.Token).ConfigureAwait(false);
            phase = SshPhase.Answer;
            Volatile.Write(ref accepted, Stopwatch.GetTimestamp());
            return await NamesItselfAsync(client.GetStream(), timeout.Token).ConfigureAwait(false) ? null
                : new SshFailure(SshPhase.Answer, $"{address} accepts connections, but closes them without an answer.");
        }
        catch (OperationCanceledException exception)
        {
            return new SshFailure(phase, phase == SshPhase.Connection ? $"{address} does not answer." : $"{address} accepts connections, but says nothing.", exception);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return new SshFailure(phase, $"{address}: {exception.Message}", exception);
        }
    }

    /// <summary>Other lines may come before the name.</summary>
    private static async Task<bool> NamesItselfAsync(NetworkStream stream, CancellationToken token)
    {
        var buffer = new byte[1024];
        var text = new List<byte>();
        while (text.Count < LongestBanner)
        {
            var count = await stream.ReadAsync(buffer, token).ConfigureAwait(false);
            if (count == 0) return false;
            text.AddRange(buffer.AsSpan(0, count));
            var seen = Encoding.Latin1.GetString(text.ToArray());
            if (seen.StartsWith("SSH-", StringComparison.Ordinal) || seen.Contains("\nSSH-", StringComparison.Ordinal)) return true;
        }
        return false;
    }
}
