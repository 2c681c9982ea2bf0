using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Packer.Tests.Engine;

namespace Packer.Tests.Builders.Appliance;

/// <summary>What a machine asks of its cloud.</summary>
internal sealed record MetadataRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>Whether a header has a value.</summary>
    public bool Has(string header, string value) => Headers.TryGetValue(header, out var found) && found == value;
}

/// <summary>The metadata service of a cloud, on the loopback address: answers as the function says, with a status and a text.</summary>
internal sealed class MetadataServer : IAsyncDisposable
{
    private readonly LoopbackServer server;
    private readonly Func<MetadataRequest, (int Status, string Text)> answer;

    public MetadataServer(Func<MetadataRequest, (int Status, string Text)> answer)
    {
        this.answer = answer;
        server = new LoopbackServer(ServeAsync);
    }

    public int Port => server.Port;

    /// <summary>All that was asked, each with the status that it was answered with.</summary>
    public ConcurrentQueue<(MetadataRequest Request, int Status)> Requests { get; } = [];

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        await using var stream = client.GetStream();
        var request = await ReadAsync(stream, stop);
        var (status, text) = answer(request);
        Requests.Enqueue((request, status));
        var body = Encoding.UTF8.GetBytes(text);
        var head = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {(HttpStatusCode)status}\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body], stop);
    }

    private static async Task<MetadataRequest> ReadAsync(NetworkStream stream, CancellationToken stop)
    {
        var received = new List<byte>();
        var buffer = new byte[4096];
        while (true)
        {
            var text = Encoding.Latin1.GetString([.. received]);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var lines = text[..end].Split("\r\n");
                var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
                var length = int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture);
                var first = lines[0].Split(' ');
                if (text.Length >= end + 4 + length) return new MetadataRequest(first[0], first[1], headers, text[(end + 4)..(end + 4 + length)]);
            }
            var count = await stream.ReadAsync(buffer, stop);
            if (count == 0) throw new IOException("The request has no end.");
            received.AddRange(buffer[..count]);
        }
    }
}
