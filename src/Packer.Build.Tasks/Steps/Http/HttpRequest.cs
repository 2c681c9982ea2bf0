using System.Globalization;
using System.Text;

namespace Packer.Steps.Http;

/// <summary>The head of a request (RFC 9112, sections 2 to 6). Bodies are never read: no method that is answered has one.</summary>
internal sealed record HttpRequest(string Method, string Target, bool IsVersion10, IReadOnlyDictionary<string, string> Headers)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether the client wants to go on with the same connection (RFC 9112, section 9.3), and its next request can be found in it.</summary>
    public bool KeepsAlive
    {
        get
        {
            if (HasBody) return false;
            var options = Headers.GetValueOrDefault("Connection", "").Split(',', StringSplitOptions.TrimEntries);
            return IsVersion10 ? options.Contains("keep-alive", StringComparer.OrdinalIgnoreCase) : !options.Contains("close", StringComparer.OrdinalIgnoreCase);
        }
    }

    private bool HasBody => Headers.ContainsKey("Transfer-Encoding") || (Headers.TryGetValue("Content-Length", out var length) && length != "0");

    /// <summary>Reads a head.</summary>
    /// <returns>The request, or null where it is none.</returns>
    public static HttpRequest? Parse(string head)
    {
        var lines = head.Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        var parts = lines[0].Split(' ');
        if (parts.Length != 3 || parts[0].Length == 0 || !parts[2].StartsWith("HTTP/1.", StringComparison.Ordinal)) return null;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1).TakeWhile(line => line.Length > 0))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || char.IsWhiteSpace(line[colon - 1])) return null;
            var value = line[(colon + 1)..].Trim();
            headers[line[..colon]] = headers.TryGetValue(line[..colon], out var before) ? $"{before}, {value}" : value;
        }
        return new HttpRequest(parts[0], parts[1], parts[2] == "HTTP/1.0", headers);
    }

    /// <summary>The names of the path, their escapes resolved; empty and <c>.</c> names are left out.</summary>
    /// <returns>False where the path is malformed, or where it has <c>..</c> or another name that could lead out of a folder.</returns>
    public bool TryGetPath(out IReadOnlyList<string> names, out bool isFolder)
    {
        (names, isFolder) = ([], false);
        var path = Target;
        if (path.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            var start = path.IndexOf('/', "http://".Length);
            path = start < 0 ? "/" : path[start..];
        }
        if (!path.StartsWith('/')) return false;
        var end = path.AsSpan().IndexOfAny('?', '#');
        if (end >= 0) path = path[..end];
        if (!TryUnescape(path, out var text)) return false;
        var parts = text.Split('/').Where(name => name.Length > 0 && name != ".").ToArray();
        if (parts.Any(name => name == ".." || name.Contains('\0', StringComparison.Ordinal) || (OperatingSystem.IsWindows() && name.AsSpan().ContainsAny('\\', ':')))) return false;
        (names, isFolder) = (parts, text.EndsWith('/'));
        return true;
    }

    /// <summary>RFC 3986, section 2.1; the bytes are UTF-8.</summary>
    private static bool TryUnescape(string text, out string result)
    {
        result = "";
        // The head was read as Latin-1, a character a byte.
        var bytes = new List<byte>(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] != '%')
            {
                bytes.Add((byte)text[index]);
                continue;
            }
            if (index + 2 >= text.Length || !byte.TryParse(text.AsSpan(index + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) return false;
            bytes.Add(value);
            index += 2;
        }
        try
        {
            result = StrictUtf8.GetString([.. bytes]);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
