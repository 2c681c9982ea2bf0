using Renci.SshNet;
using Renci.SshNet.Common;

namespace Packer.Communicators.Ssh;

/// <summary>The jump host: a port of this side's loopback leads through it to the machine.</summary>
/// <param name="config">The settings.</param>
/// <param name="dialer">Connects to it.</param>
/// <param name="ask">Asks a person.</param>
internal sealed class SshBastion(CommunicatorConfig config, SshDialer dialer, Func<string, string>? ask) : IAsyncDisposable
{
    private const string Loopback = "127.0.0.1";

    private readonly HostKeyPolicy hostKeys = new(config.SshHostKeyPolicy == "none" ? "none" : "pin");
    private SshLink<SshClient>? link;
    private ForwardedPortLocal? port;
    private MachineAddress? target;

    /// <summary>Where to connect to so that one reaches the machine.</summary>
    /// <exception cref="PackerException">The jump host does not take us through.</exception>
    public async Task<MachineAddress> ReachAsync(MachineAddress machine, CancellationToken token)
    {
        if (link is not { IsConnected: true })
        {
            await DisposeAsync().ConfigureAwait(false);
            link = await DialAsync(token).ConfigureAwait(false);
        }
        if (port is null || target != machine)
        {
            Close();
            port = new ForwardedPortLocal(Loopback, 0, machine.Host, (uint)machine.Port);
            link.Client.AddForwardedPort(port);
            port.Start();
            target = machine;
        }
        return new MachineAddress(Loopback, (int)port.BoundPort);
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        if (link is not null) await link.DisposeAsync().ConfigureAwait(false);
        link = null;
    }

    private async Task<SshLink<SshClient>> DialAsync(CancellationToken token)
    {
        var login = SshLogin.ToBastion(config);
        var address = new MachineAddress(config.SshBastionHost!, config.SshBastionPort);
        try
        {
            return await dialer.DialAsync(static info => new SshClient(info), address, "The jump host", hostKeys, login.Username, SshAuthentication.Methods(login, ask), token).ConfigureAwait(false);
        }
        catch (SshFailure failure)
        {
            throw new PackerException(DiagnosticCodes.SshGatewayFailed, $"The jump host of SshBastionHost cannot be used: {failure.Message} Correct the SshBastion… keys.", failure);
        }
    }

    private void Close()
    {
        try
        {
            port?.Dispose();
        }
        catch (Exception exception) when (exception is SshException or ObjectDisposedException)
        {
            // It ended with its connection.
        }
        port = null;
    }
}
