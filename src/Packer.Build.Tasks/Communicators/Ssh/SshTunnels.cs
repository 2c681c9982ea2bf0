using System.Net.Sockets;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Packer.Communicators.Ssh;

/// <summary>Opens the tunnels of the settings on a connection; they end with it.</summary>
internal static class SshTunnels
{
    private const string Loopback = "127.0.0.1";

    /// <summary>Opens all.</summary>
    /// <exception cref="PackerException">A tunnel cannot be opened.</exception>
    public static void Open(SshClient client, CommunicatorConfig config)
    {
        foreach (var text in config.SshLocalTunnels) Open(client, text, tunnel => new ForwardedPortLocal(Loopback, tunnel.Port, tunnel.Host, tunnel.HostPort));
        foreach (var text in config.SshRemoteTunnels) Open(client, text, tunnel => new ForwardedPortRemote(Loopback, tunnel.Port, tunnel.Host, tunnel.HostPort));
    }

    private static void Open(SshClient client, string text, Func<SshTunnel, ForwardedPort> make)
    {
        try
        {
            var port = make(SshTunnel.TryParse(text)!);
            client.AddForwardedPort(port);
            port.Start();
        }
        catch (Exception exception) when (exception is SshException or SocketException)
        {
            throw new PackerException(DiagnosticCodes.SshGatewayFailed, $"The tunnel '{text}' cannot be opened: {exception.Message} Choose another port, or allow forwarding in the server.", exception);
        }
    }
}
