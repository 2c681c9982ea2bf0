using System.Net.Sockets;
using System.Text;

namespace Packer.Communicators.Ssh;

/// <summary>
/// Looks whether an SSH server names itself at an address (RFC 4253, section 4.2). A connection alone says nothing: QEMU's user network accepts it for a guest
/// that does not listen yet.
/// </summary>
internal static class BannerProbe
{
    private const int LongestBanner = 64 * 1024;

    /// <summary>Connects and reads up to the server's name.</summary>
    /// <param name="address">Where.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="token">Ends it before; it then says how far it came.</param>
    /// <returns>Null where a server is there, else how far it came.</returns>
    public static async Task<SshFailure?> RunAsync(MachineAddress address, TimeSpan limit, CancellationToken token)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(token);
        timeout.CancelAfter(limit);
        using var client = new TcpClient();
        var phase = SshPhase.Connection;
        try
        {
            await client.ConnectAsync(address.Host, address.Port, timeout.Token).ConfigureAwait(false);
            phase = SshPhase.Answer;
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
