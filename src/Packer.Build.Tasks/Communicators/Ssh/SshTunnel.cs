using System.Globalization;

namespace Packer.Communicators.Ssh;

/// <summary>A tunnel as the settings write it: <c>port:host:hostport</c>; a host that is an IPv6 address stands in brackets.</summary>
/// <param name="Port">Where it listens.</param>
/// <param name="Host">Where it leads.</param>
/// <param name="HostPort">The port there.</param>
internal sealed record SshTunnel(uint Port, string Host, uint HostPort)
{
    /// <summary>Reads a tunnel, or gives null where the text is none.</summary>
    public static SshTunnel? TryParse(string text)
    {
        var first = text.IndexOf(':', StringComparison.Ordinal);
        var last = text.LastIndexOf(':');
        if (first < 1 || last <= first + 1) return null;
        var host = text[(first + 1)..last];
        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal)) return null;
        return host.Length > 0 && TryParsePort(text[..first], out var port) && TryParsePort(text[(last + 1)..], out var hostPort) ? new SshTunnel(port, host, hostPort) : null;
    }

    private static bool TryParsePort(string text, out uint port) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
}
