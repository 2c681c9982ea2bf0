using System.Globalization;
using Renci.SshNet;

namespace Packer.Communicators.Ssh;

/// <summary>A command that runs in the machine. What it writes is read from two streams, which hold it up when they are not read.</summary>
internal sealed class SshProcess : IAsyncDisposable
{
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SignalGrace = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan TerminateGrace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan KillGrace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DefaultProbeInterval = TimeSpan.FromSeconds(5);

    /// <summary>Numbers of the signals of RFC 4254, section 6.10, as POSIX shells count them.</summary>
    private static readonly IReadOnlyDictionary<string, int> Signals = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["HUP"] = 1, ["INT"] = 2, ["QUIT"] = 3, ["ILL"] = 4, ["ABRT"] = 6, ["FPE"] = 8, ["KILL"] = 9, ["USR1"] = 10, ["SEGV"] = 11, ["USR2"] = 12, ["PIPE"] = 13, ["ALRM"] = 14, ["TERM"] = 15,
    };

    private readonly SshLink<SshClient> link;
    private readonly SshCommand command;
    private readonly CommandChannel channel;
    private readonly ChannelPipe output = new();
    private readonly ChannelPipe error = new();
    private Task running = Task.CompletedTask;

    private SshProcess(SshLink<SshClient> link, string text)
    {
        this.link = link;
        command = link.Client.CreateCommand(text);
        channel = new CommandChannel(command);
        CommandChannel.Redirect(command, output, error);
    }

    public Stream Output => output.Reader;

    public Stream Error => error.Reader;

    /// <summary>Starts a command.</summary>
    /// <param name="link">The connection.</param>
    /// <param name="text">The command line.</param>
    /// <param name="terminal">Whether it gets a terminal.</param>
    /// <param name="token">Cancels the start.</param>
    /// <exception cref="Exception">Of the library, or a time-out: no session could be opened.</exception>
    public static async Task<SshProcess> StartAsync(SshLink<SshClient> link, string text, bool terminal, CancellationToken token)
    {
        var process = new SshProcess(link, text);
        try
        {
            await link.RunAsync(() => process.Start(terminal), OpenLimit, token).ConfigureAwait(false);
            return process;
        }
        catch
        {
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Gives the command what it reads, to its end. Blocks as long as the command does not read, and for as long as the connection lasts where it has ended without.</summary>
    public void Send(Stream? content)
    {
        // It must not be disposed: that is done with the command.
        var input = command.CreateInputStream();
        content?.CopyTo(input);
        channel.CloseInput();
    }

    /// <summary>Waits for the end.</summary>
    /// <param name="silence">How long the machine may say nothing before the connection counts as lost; 0 for ever.</param>
    /// <param name="interval">How often it is asked for a sign of life meanwhile.</param>
    /// <param name="token">Ends the command, by force if it must be.</param>
    /// <returns>The exit status, 128 and more for a signal as shells do, or <see cref="ICommunicator.ConnectionLost"/>.</returns>
    public async Task<int> WaitAsync(TimeSpan silence, TimeSpan interval, CancellationToken token)
    {
        using var ended = new CancellationTokenSource();
        var watch = silence > TimeSpan.Zero ? WatchAsync(silence, interval > TimeSpan.Zero ? interval : DefaultProbeInterval, ended.Token) : Task.CompletedTask;
        try
        {
            await running.WaitAsync(token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            await EndAsync().ConfigureAwait(false);
            throw;
        }
        catch (Exception)
        {
            // The connection broke; whether the status came before it is seen below.
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (command.ExitStatus is { } status) return status;
        return command.ExitSignal is { } signal && Signals.TryGetValue(signal, out var number) ? 128 + number : ICommunicator.ConnectionLost;
    }

    /// <summary>Talks with the command, and says at the end that there is no more. Writing blocks, so that a cancel may have to close the connection.</summary>
    /// <param name="work">Is given what the command reads.</param>
    /// <param name="token">Cancels it.</param>
    public Task CopyAsync(Func<Stream, Task> work, CancellationToken token) => link.RunAsync(async () =>
    {
        try
        {
            await work(command.CreateInputStream()).ConfigureAwait(false);
        }
        finally
        {
            if (!running.IsCompleted) channel.CloseInput();
        }
    }, Timeout.InfiniteTimeSpan, token);

    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(false);
        // Nobody reads any more: what still comes must not hold up the connection.
        await output.Reader.DisposeAsync().ConfigureAwait(false);
        await error.Reader.DisposeAsync().ConfigureAwait(false);
        try
        {
            await link.RunAsync(() => { command.Dispose(); return Task.CompletedTask; }, OpenLimit, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It ended with its connection.
        }
    }

    private Task Start(bool terminal)
    {
        channel.Open();
        if (terminal && !channel.RequestTerminal()) throw new InvalidOperationException("The SSH server gives no terminal. Leave out SshPty.");
        running = command.ExecuteAsync(CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Ends the command: politely, then by force, then by leaving it alone.</summary>
    private async Task EndAsync()
    {
        foreach (var (signal, grace) in new[] { ("TERM", TerminateGrace), ("KILL", KillGrace) })
        {
            if (await EndsAsync(() => { channel.Signal(signal); return running; }, SignalGrace).ConfigureAwait(false)) return;
            if (await EndsAsync(() => KillAsync(signal), grace).ConfigureAwait(false)) return;
        }
    }

    private async Task<bool> EndsAsync(Func<Task> kill, TimeSpan grace)
    {
        if (running.IsCompleted || !link.IsConnected) return true;
        var work = Task.Run(kill);
        await Task.WhenAny(running, Task.Delay(grace)).ConfigureAwait(false);
        _ = work.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return running.IsCompleted;
    }

    /// <summary>OpenSSH's server refuses signals for root. There the commands of this connection are found by their parent, the process that serves it.</summary>
    private async Task KillAsync(string signal)
    {
        using var killer = link.Client.CreateCommand(string.Create(CultureInfo.InvariantCulture, $$"""
            for s in /proc/[0-9]*/stat; do read -r l <"$s" || continue; p=${l%% *}; set -- ${l##*) }; if [ "$2" = "$PPID" ] && [ "$p" != $$ ]; then kill -{{signal}} -- "-$p"; fi; done 2>/dev/null
            """));
        await killer.ExecuteAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Asks the machine for signs of life, and closes a connection on which none come.</summary>
    private async Task WatchAsync(TimeSpan silence, TimeSpan interval, CancellationToken ended)
    {
        while (true)
        {
            await Task.Delay(interval, ended).ConfigureAwait(false);
            try
            {
                await Task.Run(channel.KeepAlive, CancellationToken.None).WaitAsync(silence, ended).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                link.Abort();
                return;
            }
        }
    }
}
