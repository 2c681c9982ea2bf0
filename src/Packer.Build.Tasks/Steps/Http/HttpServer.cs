using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Packer.Steps.Http;

/// <summary>A small HTTP/1.1 server for files. It serves until it is disposed, which breaks off what is being sent.</summary>
internal sealed class HttpServer : IAsyncDisposable
{
    /// <summary>How long a client may keep a connection without a request, and take to send one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly Socket listener;
    private readonly HttpResponder responder;
    private readonly IUi ui;
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<long, Task> connections = new();
    private readonly Task accepting;

    /// <param name="listener">A socket that listens; the server owns it.</param>
    /// <param name="content">What it gives away.</param>
    /// <param name="ui">Is told each request.</param>
    public HttpServer(Socket listener, IHttpContent content, IUi ui)
    {
        this.listener = listener;
        this.ui = ui;
        responder = new HttpResponder(content);
        accepting = Task.Run(AcceptAsync);
    }

    public IPEndPoint EndPoint => (IPEndPoint)listener.LocalEndPoint!;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await accepting.ConfigureAwait(false);
        listener.Dispose();
        await Task.WhenAll(connections.Values).ConfigureAwait(false);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        for (long number = 0; ; number++)
        {
            try
            {
                var socket = await listener.AcceptAsync(stop.Token).ConfigureAwait(false);
                var connection = Task.Run(() => ServeAsync(socket));
                connections[number] = connection;
                var key = number;
                _ = connection.ContinueWith(_ => connections.TryRemove(key, out Task? _), TaskScheduler.Default);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset or SocketError.TooManyOpenSockets)
            {
                // That one client is gone, or some others have to go first.
                if (exception.SocketErrorCode == SocketError.TooManyOpenSockets) await Task.Delay(RetryAfter, CancellationToken.None).ConfigureAwait(false);
            }
            catch (SocketException exception)
            {
                ui.Warn(DiagnosticCodes.HttpServerEnded, $"The HTTP server can take no more connections: {exception.Message.TrimEnd('.')}. Build again when the reason is gone.");
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                socket.NoDelay = true;
                await using var stream = new NetworkStream(socket);
                var client = (socket.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "?";
                var reader = new HttpRequestReader(stream);
                while (await ServeRequestAsync(stream, reader, client).ConfigureAwait(false))
                {
                }
                await SayGoodbyeAsync(socket, stream).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The client is gone, was silent for too long, or the server ends.
            }
        }
    }

    /// <summary>Answers one request; false where none follows in the same connection.</summary>
    private async Task<bool> ServeRequestAsync(NetworkStream stream, HttpRequestReader reader, string client)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        patience.CancelAfter(Patience);
        var head = await reader.ReadAsync(patience.Token).ConfigureAwait(false);
        if (head?.Length == 0) return false;
        var request = head is null ? null : HttpRequest.Parse(head);
        using var response = request is not null ? responder.Answer(request)
            : head is null ? HttpResponse.Text(431, "Request Header Fields Too Large", "The head of the request is too long.")
            : HttpResponse.Text(400, "Bad Request", "This is no request of HTTP/1.");
        var keepsAlive = request?.KeepsAlive ?? false;
        var said = string.Create(CultureInfo.InvariantCulture, $"HTTP: {client} {request?.Method ?? "?"} {request?.Target ?? "?"}: {response.Status}, {response.Length} bytes");
        try
        {
            await response.WriteAsync(stream, request?.Method != "HEAD", keepsAlive, stop.Token).ConfigureAwait(false);
            ui.Message(said);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or UnauthorizedAccessException)
        {
            // The length that was announced can no longer be kept.
            ui.Message($"{said}, broken off: {exception.Message}");
            return false;
        }
        return keepsAlive;
    }

    /// <summary>Closes so that the answer arrives: what the client still sends must be read, or the system takes the answer back.</summary>
    private async Task SayGoodbyeAsync(Socket socket, NetworkStream stream)
    {
        socket.Shutdown(SocketShutdown.Send);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        patience.CancelAfter(LastWords);
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, patience.Token).ConfigureAwait(false) > 0)
        {
        }
    }
}
