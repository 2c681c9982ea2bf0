using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Packer.Tests.Builders.Appliance;

/// <summary>A time server (RFC 5905, section 7.3) on a loopback address, which can be made to answer wrongly.</summary>
internal sealed class TestTimeServer : IAsyncDisposable
{
    private const int PacketLength = 48;

    // Seconds from 1900, where NTP begins to count, to 1970.
    private const long Epoch = 2208988800;

    private readonly Socket socket;
    private readonly CancellationTokenSource stop = new();
    private readonly Func<byte[], byte[]> change;
    private readonly Task serving;
    private int count;

    /// <param name="address">Where it listens.</param>
    /// <param name="port">0 for any that is free.</param>
    /// <param name="clock">The time that it tells; null for the true one.</param>
    /// <param name="change">Makes another answer of the right one.</param>
    public TestTimeServer(IPAddress address, int port = 0, Func<DateTimeOffset>? clock = null, Func<byte[], byte[]>? change = null)
    {
        this.change = change ?? (answer => answer);
        socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(address, port));
        serving = ServeAsync(clock ?? (() => DateTimeOffset.UtcNow), address);
    }

    public int Port => ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <summary>How many questions there were.</summary>
    public int Count => Volatile.Read(ref count);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await serving;
        socket.Dispose();
        stop.Dispose();
    }

    private async Task ServeAsync(Func<DateTimeOffset> clock, IPAddress address)
    {
        var buffer = new byte[512];
        EndPoint any = new IPEndPoint(address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        try
        {
            while (true)
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any, stop.Token);
                var now = Timestamp(clock());
                Interlocked.Increment(ref count);
                // Only what RFC 4330, section 5, lets a client send.
                if (received.ReceivedBytes != PacketLength || buffer[0] != 0x23) continue;
                var answer = new byte[PacketLength];
                answer[0] = 0x24;
                answer[1] = 2;
                buffer.AsSpan(40, 8).CopyTo(answer.AsSpan(24));
                BinaryPrimitives.WriteUInt64BigEndian(answer.AsSpan(32), now);
                BinaryPrimitives.WriteUInt64BigEndian(answer.AsSpan(40), Timestamp(clock()));
                await socket.SendToAsync(change(answer), SocketFlags.None, received.RemoteEndPoint, stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private static ulong Timestamp(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        var (seconds, rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        return ((ulong)(seconds + Epoch) << 32) + ((ulong)rest << 32) / (ulong)TimeSpan.TicksPerSecond;
    }
}
