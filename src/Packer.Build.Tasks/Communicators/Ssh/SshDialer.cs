using System.Net.Sockets;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Packer.Communicators.Ssh;

/// <summary>Connects and logs in once, to the machine or to its jump host. Every failure says how far it came; a cancel leaves no connection.</summary>
/// <param name="config">The settings.</param>
internal sealed class SshDialer(CommunicatorConfig config)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(60);

    /// <summary>Connects.</summary>
    /// <param name="create">Makes the client.</param>
    /// <param name="address">Where to.</param>
    /// <param name="machine">What it is, for messages.</param>
    /// <param name="hostKeys">Which keys it may have.</param>
    /// <param name="username">The user.</param>
    /// <param name="methods">The ways to log in.</param>
    /// <param name="token">Cancels it.</param>
    /// <exception cref="SshFailure">It failed in a way that may pass.</exception>
    /// <exception cref="PackerException">It failed in a way that does not pass.</exception>
    public async Task<SshLink<T>> DialAsync<T>(
        Func<ConnectionInfo, T> create, MachineAddress address, string machine, HostKeyPolicy hostKeys, string username, AuthenticationMethod[] methods, CancellationToken token)
        where T : BaseClient
    {
        var info = Describe(address, username, methods);
        var client = create(info);
        Socket? socket = null;
        string? refusal = null;
        var answered = false;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(AnswerLimit);
        SocketCapture.Attach(client, opened => Volatile.Write(ref socket, opened));
        client.ServerIdentificationReceived += (_, _) =>
        {
            answered = true;
            limit.CancelAfter(HandshakeLimit);
        };
        client.HostKeyReceived += (_, shown) =>
        {
            refusal = hostKeys.Refuse(shown.HostKey, $"{machine} {address}");
            shown.CanTrust = refusal is null;
        };
        client.KeepAliveInterval = config.SshKeepAliveInterval > TimeSpan.Zero ? config.SshKeepAliveInterval : Timeout.InfiniteTimeSpan;
        try
        {
            await using (limit.Token.Register(() => Volatile.Read(ref socket)?.Dispose()).ConfigureAwait(false))
            {
                // The library blocks from the handshake on.
                await Task.Run(() => client.ConnectAsync(limit.Token), CancellationToken.None).ConfigureAwait(false);
            }
            limit.Token.ThrowIfCancellationRequested();
            // What waits from here on, waits for programs in the machine, which may take any time.
            info.Timeout = Timeout.InfiniteTimeSpan;
            return new SshLink<T>(client, socket!);
        }
        catch (Exception exception)
        {
            client.Dispose();
            socket?.Dispose();
            // How far it came tells why waiting was in vain.
            if (token.IsCancellationRequested) throw new OperationCanceledException("Connecting was cancelled.", Explain(exception, address, username, methods, answered), token);
            if (refusal is not null) throw new PackerException(DiagnosticCodes.SshHostKeyRefused, refusal, exception);
            if (exception is PackerException) throw;
            throw Explain(exception, address, username, methods, answered);
        }
    }

    private ConnectionInfo Describe(MachineAddress address, string username, AuthenticationMethod[] methods)
    {
        var info = config.SshProxyHost is { } proxy
            ? new ConnectionInfo(address.Host, address.Port, username, ProxyTypes.Socks5, proxy, config.SshProxyPort, config.SshProxyUsername ?? "", config.SshProxyPassword?.Reveal() ?? "", methods)
            : new ConnectionInfo(address.Host, address.Port, username, methods);
        info.Timeout = HandshakeLimit;
        SshAlgorithms.Apply(config, info);
        return info;
    }

    private static SshFailure Explain(Exception exception, MachineAddress address, string username, AuthenticationMethod[] methods, bool answered)
    {
        var isRefusal = exception is SshAuthenticationException
            || exception is SshConnectionException && exception.Message.Contains("authentication", StringComparison.OrdinalIgnoreCase);
        if (isRefusal)
        {
            var offered = methods.SelectMany(method => method.AllowedAuthentications ?? []).Distinct(StringComparer.Ordinal).ToList();
            var offer = offered.Count > 0 ? $" The server offers {string.Join(", ", offered)}." : "";
            return new SshFailure(SshPhase.Login, $"{address} does not let the user '{username}' in: {exception.Message} Tried: {string.Join(", ", methods.Select(method => method.Name).Distinct(StringComparer.Ordinal))}.{offer}", exception);
        }
        if (exception is SocketException or ProxyException) return new SshFailure(answered ? SshPhase.Handshake : SshPhase.Connection, $"{address}: {exception.Message}", exception);
        if (!answered) return new SshFailure(SshPhase.Answer, $"{address} accepts connections, but no SSH server answers: {exception.Message}", exception);
        var reason = exception is OperationCanceledException or ObjectDisposedException ? "it took too long." : exception.Message;
        return new SshFailure(SshPhase.Handshake, $"{address}: the handshake failed: {reason}", exception);
    }
}
