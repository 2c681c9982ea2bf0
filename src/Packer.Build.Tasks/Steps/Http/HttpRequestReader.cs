using System.Text;

namespace Packer.Steps.Http;

/// <summary>Reads one head after the other from a connection.</summary>
internal sealed class HttpRequestReader(Stream stream)
{
    /// <summary>Longest head in bytes.</summary>
    public const int MaximumHead = 32 << 10;

    private readonly byte[] buffer = new byte[MaximumHead];
    private int filled;

    /// <summary>The next head with the empty line at its end; empty where the client has closed the connection, null where the head is too long.</summary>
    public async Task<string?> ReadAsync(CancellationToken token)
    {
        while (true)
        {
            SkipLeadingLines();
            if (FindEnd() is { } end)
            {
                var head = Encoding.Latin1.GetString(buffer, 0, end);
                Drop(end);
                return head;
            }
            if (filled == buffer.Length) return null;
            var count = await stream.ReadAsync(buffer.AsMemory(filled), token).ConfigureAwait(false);
            if (count == 0) return "";
            filled += count;
        }
    }

    /// <summary>Some clients send an empty line after a request (RFC 9112, section 2.2).</summary>
    private void SkipLeadingLines()
    {
        var start = buffer.AsSpan(0, filled).IndexOfAnyExcept((byte)'\r', (byte)'\n');
        Drop(start < 0 ? filled : start);
    }

    private int? FindEnd()
    {
        var text = buffer.AsSpan(0, filled);
        var (strict, lenient) = (text.IndexOf("\r\n\r\n"u8), text.IndexOf("\n\n"u8));
        if (strict >= 0 && (lenient < 0 || strict < lenient)) return strict + 4;
        return lenient >= 0 ? lenient + 2 : null;
    }

    private void Drop(int count)
    {
        if (count == 0) return;
        buffer.AsSpan(count, filled - count).CopyTo(buffer);
        filled -= count;
    }
}
