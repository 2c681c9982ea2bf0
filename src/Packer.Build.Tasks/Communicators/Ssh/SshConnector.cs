using System.Diagnostics;
using System.Net.Sockets;
using Packer.Configuration;
using Renci.SshNet;

namespace Packer.Communicators.Ssh;

/// <summary>
/// Waits until one can log in to the machine. It looks often, and with several looks at a time, so that a server is used within a second of its being there,
/// also behind a forwarded port that accepts connections for nobody.
/// </summary>
internal sealed class SshConnector : IAsyncDisposable
{
    private const int AttemptsWithoutTimeout = 10;
    private const int PatientProbe = 5;
    private const int MostProbes = 6;
    private const double Growth = 1.2;
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLoginPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerGrace = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan EagerLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PatientLimit = TimeSpan.FromSeconds(15);

    private readonly CommunicatorConfig config;
    private readonly Func<CancellationToken, Task<MachineAddress?>> findAddress;
    private readonly SshKeyPair? keyPair;
    private readonly SshDialer dialer;
    private readonly SshBastion? bastion;
    private readonly HostKeyPolicy hostKeys;
    private readonly int? attempts;

    /// <summary>Makes a connector.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="findAddress">Says where the machine is, or null while that is not known. Asked again and again, up to four times a second.</param>
    /// <param name="keyPair">The temporary key pair that the machine knows, or null.</param>
    /// <param name="ask">Asks a person, or null where nobody can be asked.</param>
    public SshConnector(CommunicatorConfig config, Func<CancellationToken, Task<MachineAddress?>> findAddress, SshKeyPair? keyPair, Func<string, string>? ask)
    {
        this.config = config;
        this.findAddress = findAddress;
        this.keyPair = keyPair;
        dialer = new SshDialer(config);
        bastion = config.SshBastionHost is null ? null : new SshBastion(config, dialer, ask);
        hostKeys = new HostKeyPolicy(config.SshHostKeyPolicy);
        Limit = config.SshTimeout ?? DefaultTimeout;
        attempts = config.SshHandshakeAttempts ?? (config.SshTimeout is null ? AttemptsWithoutTimeout : null);
    }

    /// <summary>How long it waits.</summary>
    public TimeSpan Limit { get; }

    /// <summary>Where the machine was when it was last connected to.</summary>
    public MachineAddress? Machine { get; private set; }

    /// <summary>Waits for the machine and logs in.</summary>
    /// <param name="create">Makes the client.</param>
    /// <param name="token">Stops the waiting; no connection is left.</param>
    /// <exception cref="PackerException">The time is over, or logging in was refused too often, or waiting longer would not help.</exception>
    public async Task<SshLink<T>> ConnectAsync<T>(Func<ConnectionInfo, T> create, CancellationToken token)
        where T : BaseClient
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(token);
        timeout.CancelAfter(Limit);
        var failures = new SshFailures();
        var pause = FirstInterval;
        try
        {
            for (var refused = 0; ;)
            {
                try
                {
                    var (machine, way) = await FindServerAsync(failures, timeout.Token).ConfigureAwait(false);
                    var login = SshLogin.ToMachine(config, keyPair);
                    var link = await dialer.DialAsync(create, way, "The machine", hostKeys, login.Username, SshAuthentication.Methods(login, ask: null), timeout.Token).ConfigureAwait(false);
                    Machine = machine;
                    return link;
                }
                catch (SshFailure failure)
                {
                    failures.Add(failure);
                    if (failure.Phase == SshPhase.Login && ++refused >= attempts) throw failures.Explain($"{refused} tries");
                }
                // Users and their keys are often made after the server has started.
                await Task.Delay(pause, timeout.Token).ConfigureAwait(false);
                pause = Longer(pause, LongestLoginPause);
            }
        }
        catch (OperationCanceledException exception) when (!token.IsCancellationRequested)
        {
            if (exception.InnerException is SshFailure failure) failures.Add(failure);
            throw failures.Explain($"{DurationFormat.Format(Limit)} (SshTimeout)");
        }
    }

    public ValueTask DisposeAsync() => bastion?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Waits until an SSH server answers. Gives the machine, and where to connect to so that one reaches it.</summary>
    private async Task<(MachineAddress Machine, MachineAddress Way)> FindServerAsync(SshFailures failures, CancellationToken token)
    {
        using var found = CancellationTokenSource.CreateLinkedTokenSource(token);
        var probes = new List<(BannerProbe Probe, MachineAddress Machine, MachineAddress Way)>();
        var interval = FirstInterval;
        try
        {
            for (var count = 1; ; count++)
            {
                var look = Task.Delay(interval, token);
                var machine = await AddressAsync(failures, token).ConfigureAwait(false);
                // A server that has taken a connection is at work on its answer; a slow one would be kept from it by more of them.
                if (machine is not null && !probes.Any(probe => probe.Probe.Accepted > TimeSpan.Zero && probe.Probe.Accepted < AnswerGrace))
                {
                    var way = bastion is null ? machine : await bastion.ReachAsync(machine, token).ConfigureAwait(false);
                    // What lies behind a proxy is looked at by connecting for good.
                    if (config.SshProxyHost is not null) return (machine, way);
                    // A slow machine needs more than a moment for its answer; most looks are short, or a dead end would hold them all.
                    var limit = count % PatientProbe == 0 ? PatientLimit : EagerLimit;
                    if (probes.Count < MostProbes) probes.Add((BannerProbe.Start(way, limit, found.Token), machine, way));
                }
                while (!look.IsCompleted)
                {
                    await Task.WhenAny(probes.Select(probe => (Task)probe.Probe.Result).Append(look)).ConfigureAwait(false);
                    foreach (var probe in probes.Where(probe => probe.Probe.Result.IsCompleted).ToList())
                    {
                        probes.Remove(probe);
                        if (await probe.Probe.Result.ConfigureAwait(false) is not { } failure) return (probe.Machine, probe.Way);
                        failures.Add(failure);
                    }
                }
                await look.ConfigureAwait(false);
                interval = machine is null ? FirstInterval : Longer(interval, LongestInterval);
            }
        }
        finally
        {
            await found.CancelAsync().ConfigureAwait(false);
            foreach (var (probe, _, _) in probes)
            {
                if (await probe.Result.ConfigureAwait(false) is { } failure) failures.Add(failure);
            }
        }
    }

    private async Task<MachineAddress?> AddressAsync(SshFailures failures, CancellationToken token)
    {
        try
        {
            if (await findAddress(token).ConfigureAwait(false) is { } machine) return machine;
            failures.Add(new SshFailure(SshPhase.Address, "The machine has no address yet."));
        }
        catch (Exception exception) when (exception is IOException or SocketException or TimeoutException)
        {
            failures.Add(new SshFailure(SshPhase.Address, exception.Message, exception));
        }
        return null;
    }

    private static TimeSpan Longer(TimeSpan interval, TimeSpan longest) => interval * Growth < longest ? interval * Growth : longest;
}
