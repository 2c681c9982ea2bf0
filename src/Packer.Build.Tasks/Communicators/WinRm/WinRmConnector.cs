using System.Net.Sockets;
using System.Text;
using Packer.Configuration;
using Packer.Engine;

namespace Packer.Communicators.WinRm;

/// <summary>Waits until PowerShell runs in the machine. It looks often for a service that answers, and logs in only when there is one.</summary>
/// <param name="config">The settings.</param>
/// <param name="findAddress">Says where the machine is, or null while that is not known. Asked again and again, up to four times a second.</param>
/// <param name="say">Is told how far it has come, when that changes.</param>
/// <param name="times">How long to wait for answers.</param>
internal sealed class WinRmConnector(CommunicatorConfig config, Func<CancellationToken, Task<MachineAddress?>> findAddress, Action<string> say, WinRmTimes times) : IDisposable
{
    private const int PatientProbe = 5;
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLoginInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EagerLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PatientLimit = TimeSpan.FromSeconds(15);

    private WsManClient? client;

    /// <summary>Where the machine was when it was last looked for.</summary>
    public MachineAddress? Machine => client?.Machine;

    /// <summary>Waits for the machine.</summary>
    /// <exception cref="PackerException">The time is over, or waiting longer would not help.</exception>
    public async Task ConnectAsync(CancellationToken token)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(token);
        timeout.CancelAfter(config.WinrmTimeout);
        var failures = new WinRmFailures(say);
        var interval = FirstInterval;
        try
        {
            for (var count = 1; ; count++)
            {
                var next = Task.Delay(interval, timeout.Token);
                try
                {
                    var found = await FindAsync(timeout.Token).ConfigureAwait(false);
                    await found.ProbeAsync(count % PatientProbe == 0 ? PatientLimit : EagerLimit, timeout.Token).ConfigureAwait(false);
                    await CheckAsync(found, timeout.Token).ConfigureAwait(false);
                    return;
                }
                catch (Exception exception) when (exception is WinRmFailure or WsManFault)
                {
                    var failure = exception as WinRmFailure ?? new WinRmFailure(WinRmPhase.Shell, $"{Machine} made no shell: {exception.Message}.", exception);
                    failures.Add(failure);
                    // Nobody makes the certificate good by waiting.
                    if (failure.Phase == WinRmPhase.Certificate) throw failures.Explain("the first answer");
                    interval = Longer(interval, failure.Phase >= WinRmPhase.Login ? LongestLoginInterval : LongestInterval);
                }
                await next.ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw failures.Explain($"{DurationFormat.Format(config.WinrmTimeout)} (WinrmTimeout)");
        }
    }

    /// <summary>The connection to where the machine is now, without waiting for it.</summary>
    /// <exception cref="WinRmFailure">It has no address.</exception>
    public async Task<WsManClient> FindAsync(CancellationToken token)
    {
        MachineAddress? address;
        try
        {
            address = await findAddress(token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or TimeoutException)
        {
            throw new WinRmFailure(WinRmPhase.Address, exception.Message, exception);
        }
        if (address is null) throw new WinRmFailure(WinRmPhase.Address, "The machine has no address yet.");
        if (client is not null && client.Machine == address) return client;
        client?.Dispose();
        return client = new WsManClient(address, config, times);
    }

    public void Dispose() => client?.Dispose();

    /// <summary>A machine that is starting may let the user in before it can run anything.</summary>
    private async Task CheckAsync(WsManClient found, CancellationToken token)
    {
        var says = false;
        var output = new LineSplitter(line => says |= line.Contains(WinRmScripts.Sign, StringComparison.Ordinal));
        var error = new StringBuilder();
        var errors = new LineSplitter(line => WinRmScripts.AddError(error, line));
        var result = await new WinRmRun(found, times) { Output = bytes => output.Add(bytes), Error = bytes => errors.Add(bytes) }.RunAsync(WinRmScripts.Encode(WinRmScripts.Check), token).ConfigureAwait(false);
        output.Complete();
        errors.Complete();
        if (result.ExitCode == 0 && says) return;
        var reason = result.Lost ?? (error.Length > 0 ? error.ToString() : FormattableString.Invariant($"PowerShell ended with exit code {result.ExitCode}, and has not said what it was to say."));
        throw new WinRmFailure(WinRmPhase.Shell, $"{found.Machine} let the user in, but ran no command: {reason}");
    }

    private static TimeSpan Longer(TimeSpan interval, TimeSpan longest) => interval * 1.5 < longest ? interval * 1.5 : longest;
}
