using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Packer.Tests.Engine;

/// <summary>An HTTP server that can misbehave: a handler writes raw bytes, and may cut or stall the connection.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly LoopbackServer server;
    private readonly Func<TestRequest, Task> handler;
    private int count;

    public TestServer(Func<TestRequest, Task> handler)
    {
        this.handler = handler;
        server = new LoopbackServer(ServeAsync);
    }

    public ConcurrentQueue<TestRequest> Requests { get; } = [];

    public int Port => server.Port;

    public Uri Address(string path) => new($"http://127.0.0.1:{Port}/{path}");

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        // A client that only looks whether somebody listens asks nothing.
        if (await reader.ReadLineAsync(stop) is not { } line) return;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync(stop) is { Length: > 0 } header)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            headers[header[..colon]] = header[(colon + 1)..].Trim();
        }
        var request = new TestRequest(Interlocked.Increment(ref count), line.Split(' ')[1], headers, client, stop);
        Requests.Enqueue(request);
        await handler(request);
        client.Client.Shutdown(SocketShutdown.Send);
    }
}

internal sealed record TestRequest(int Number, string Path, IReadOnlyDictionary<string, string> Headers, TcpClient Client, CancellationToken Stop)
{
    /// <summary>First byte of the range that was asked for, or null.</summary>
    public int? RangeStart => Headers.TryGetValue("Range", out var range) ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : null;

    public Task HeadAsync(string status, params string[] headers) =>
        WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n"));

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes) => await Client.GetStream().WriteAsync(bytes, Stop);

    /// <summary>Answers as a good server does, with the range that was asked for where the tag is still the same.</summary>
    public async Task ServeAsync(byte[] content, string? tag = "\"v1\"")
    {
        string[] tags = tag is null ? [] : [$"ETag: {tag}"];
        if (RangeStart is { } start && tag is not null && Headers.GetValueOrDefault("If-Range") == tag)
        {
            if (start >= content.Length)
            {
                await HeadAsync("416 Range Not Satisfiable", $"Content-Range: bytes */{content.Length}", "Content-Length: 0");
                return;
            }
            await HeadAsync("206 Partial Content", [$"Content-Range: bytes {start}-{content.Length - 1}/{content.Length}", $"Content-Length: {content.Length - start}", .. tags]);
            await WriteAsync(content.AsMemory(start));
            return;
        }
        await HeadAsync("200 OK", [$"Content-Length: {content.Length}", .. tags]);
        await WriteAsync(content);
    }

    /// <summary>Sends only the first bytes of what the length promises.</summary>
    public async Task TruncateAsync(byte[] content, int length, string? tag = "\"v1\"")
    {
        await HeadAsync("200 OK", [$"Content-Length: {content.Length}", .. tag is null ? Array.Empty<string>() : [$"ETag: {tag}"]]);
        await WriteAsync(content.AsMemory(0, length));
    }

    /// <summary>Breaks the connection hard.</summary>
    public void Reset()
    {
        Client.LingerState = new LingerOption(true, 0);
        Client.Client.Close();
    }

    /// <summary>Says nothing until the test ends or the client goes.</summary>
    public async Task StallAsync() => await Task.Delay(Timeout.Infinite, Stop);
}
