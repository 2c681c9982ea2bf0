using System.Net;
using System.Net.Sockets;
using Packer.Communicators;

namespace Packer.Tests.Communicators;

/// <summary>Listens on loopback and does with each connection what a test wants, such as nothing.</summary>
internal sealed class FaultyPeer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly Func<NetworkStream, CancellationToken, Task> serve;
    private readonly bool holdsOnFailure;
    private int open;
    private int seen;

    public FaultyPeer(Func<NetworkStream, CancellationToken, Task> serve, bool holdsOnFailure = false)
    {
        this.serve = serve;
        this.holdsOnFailure = holdsOnFailure;
        listener.Start();
        _ = AcceptAsync();
    }

    public MachineAddress Address => new("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);

    /// <summary>Connections that stand.</summary>
    public int Open => Volatile.Read(ref open);

    /// <summary>Connections that there were.</summary>
    public int Seen => Volatile.Read(ref seen);

    public static FaultyPeer ThatOnlyNamesItself() => new(async (stream, token) =>
    {
        await stream.WriteAsync("SSH-2.0-Half\r\n"u8.ToArray(), token);
        await stream.ReadExactlyAsync(new byte[1 << 20], token);
    });

    public void Dispose()
    {
        end.Cancel();
        listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!end.IsCancellationRequested) _ = ServeAsync(await listener.AcceptTcpClientAsync(end.Token));
    }

    private async Task ServeAsync(TcpClient client)
    {
        Interlocked.Increment(ref open);
        Interlocked.Increment(ref seen);
        using (client)
        {
            try
            {
                await serve(client.GetStream(), end.Token);
            }
            catch (SocketException) when (holdsOnFailure)
            {
                await HoldAsync(client);
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
            }
        }
        Interlocked.Decrement(ref open);
    }

    private async Task HoldAsync(TcpClient client)
    {
        try
        {
            while (await client.GetStream().ReadAsync(new byte[1024], end.Token) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
        }
    }
}
