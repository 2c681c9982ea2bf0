using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Packer.Running;

/// <summary>Finds out when a port of a running image answers.</summary>
internal static class PortProbe
{
    private const string HttpStart = "HTTP/";

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly byte[] Question = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");

    /// <summary>
    /// Waits until something comes from a port. That it can be connected to proves nothing: QEMU takes the connection itself. So it is asked for a web page, which makes
    /// servers of any kind say something.
    /// </summary>
    /// <param name="port">Port of 127.0.0.1.</param>
    /// <param name="token">Ends the waiting.</param>
    /// <returns>Whether what answers speaks HTTP.</returns>
    public static async Task<bool> WaitAsync(int port, CancellationToken token)
    {
        while (true)
        {
            if (await AskAsync(port, token).ConfigureAwait(false) is { } start) return start.StartsWith(HttpStart, StringComparison.Ordinal);
            await Task.Delay(Pause, token).ConfigureAwait(false);
        }
    }

    private static async Task<string?> AskAsync(int port, CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(AnswerLimit);
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), limit.Token).ConfigureAwait(false);
            await socket.SendAsync(Question, limit.Token).ConfigureAwait(false);
            var buffer = new byte[HttpStart.Length];
            var count = await socket.ReceiveAsync(buffer, limit.Token).ConfigureAwait(false);
            return count == 0 ? null : Encoding.ASCII.GetString(buffer, 0, count);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException && !token.IsCancellationRequested)
        {
            return null;
        }
    }
}
