using System.Buffers;
using System.Globalization;
using System.Text;

namespace Packer.Steps.Http;

/// <summary>An answer (RFC 9112, section 4).</summary>
internal sealed class HttpResponse(int status, string reason) : IDisposable
{
    private const int BufferSize = 128 << 10;

    private readonly StringBuilder headers = new();

    public int Status => status;

    /// <summary>Bytes of the body.</summary>
    public long Length { get; private set; }

    private Stream? Body { get; set; }

    private long Start { get; set; }

    /// <summary>An answer that only says something.</summary>
    public static HttpResponse Text(int status, string reason, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text + "\n");
        return new HttpResponse(status, reason).Add("Content-Type", "text/plain; charset=utf-8").WithBody(new MemoryStream(bytes, writable: false), 0, bytes.Length);
    }

    public HttpResponse Add(string name, string value)
    {
        headers.Append(name).Append(": ").Append(value).Append("\r\n");
        return this;
    }

    /// <summary>Sends a part of a stream, which is closed afterwards.</summary>
    public HttpResponse WithBody(Stream body, long start, long length)
    {
        (Body, Start, Length) = (body, start, length);
        return this;
    }

    /// <summary>Writes it.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="withBody">Whether the body goes with it, which it does not for HEAD.</param>
    /// <param name="keepsAlive">Whether the connection stays.</param>
    /// <param name="token">Stops the writing.</param>
    /// <exception cref="EndOfStreamException">The file has become shorter.</exception>
    public async Task WriteAsync(Stream stream, bool withBody, bool keepsAlive, CancellationToken token)
    {
        var head = string.Create(CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {reason}\r\nDate: {DateTime.UtcNow:R}\r\nContent-Length: {Length}\r\nConnection: {(keepsAlive ? "keep-alive" : "close")}\r\n{headers}\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head), token).ConfigureAwait(false);
        if (!withBody || Body is null || Length == 0) return;
        if (Start > 0) Body.Position = Start;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (var left = Length; left > 0;)
            {
                var count = await Body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), token).ConfigureAwait(false);
                if (count == 0) throw new EndOfStreamException("the file has become shorter");
                await stream.WriteAsync(buffer.AsMemory(0, count), token).ConfigureAwait(false);
                left -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => Body?.Dispose();
}
