using System.Globalization;
using System.Net.Sockets;
using Packer.Builders.Qemu.Qmp;

namespace Packer.Builders.Qemu;

/// <summary>A running machine: QEMU's process, its control connection, and what it said. Disposing it ends the process.</summary>
internal sealed class QemuMachine : IAsyncDisposable
{
    private const int KeptLines = 20;
    private const string SessionProgram = "setsid";
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(30);

    /// <summary>QEMU's last words come after its last event.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);

    private readonly IRunningProcess process;
    private readonly Queue<string> words;
    private readonly Task<int> exited;
    private readonly CancellationTokenSource unwatch = new();
    private GuestWatch? watch;
    private Task<GuestEnd> ended = Task.FromException<GuestEnd>(new InvalidOperationException("The machine is not watched yet."));

    private QemuMachine(IRunningProcess process, Queue<string> words)
    {
        this.process = process;
        this.words = words;
        exited = process.WaitAsync(CancellationToken.None);
    }

    /// <summary>The control connection.</summary>
    public QmpClient Qmp { get; private set; } = null!;

    /// <summary>Whether QEMU has ended.</summary>
    public bool HasExited => exited.IsCompleted;

    /// <summary>Starts QEMU and connects to it.</summary>
    /// <param name="program">The program of QEMU.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="socket">Full path of its control socket.</param>
    /// <param name="context">The build that runs.</param>
    /// <param name="token">Ends the start.</param>
    /// <exception cref="PackerException">QEMU is not installed, or it ended at once.</exception>
    public static async Task<QemuMachine> StartAsync(string program, IReadOnlyList<string> arguments, string socket, BuildContext context, CancellationToken token)
    {
        var words = new Queue<string>();
        var (first, all) = OutOfReachOfCtrlC(program, arguments);
        var start = new ProcessStart(first, all) { WorkingDirectory = context.TemporaryDirectory, Output = context.Ui.Message, Error = Hear };
        var machine = new QemuMachine(context.Processes.Start(start), words);
        try
        {
            await machine.ConnectAsync(socket, token).ConfigureAwait(false);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        void Hear(string line)
        {
            context.Ui.Message($"QEMU: {line}");
            lock (words)
            {
                words.Enqueue(line);
                if (words.Count > KeptLines) words.Dequeue();
            }
        }
    }

    /// <summary>Does something that needs the machine. When the machine ends or stops meanwhile, the work is cancelled and that is the error.</summary>
    /// <param name="work">What is done.</param>
    /// <param name="token">Ends the work.</param>
    /// <exception cref="PackerException">The machine ended or stopped, or the work failed.</exception>
    public async Task WhileRunningAsync(Func<CancellationToken, Task> work, CancellationToken token)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token);
        var working = work(either.Token);
        if (await Task.WhenAny(working, ended).ConfigureAwait(false) == working)
        {
            try
            {
                await working.ConfigureAwait(false);
                return;
            }
            catch (PackerException) when (!token.IsCancellationRequested)
            {
                // The work may have noticed first what the machine's end did to it.
                if (!await EndsNowAsync().ConfigureAwait(false)) throw;
                throw await LossAsync().ConfigureAwait(false);
            }
        }
        await either.CancelAsync().ConfigureAwait(false);
        await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // It may just have been done.
        if (working.IsCompletedSuccessfully) return;
        token.ThrowIfCancellationRequested();
        throw await LossAsync().ConfigureAwait(false);
    }

    /// <summary>Waits until QEMU has ended because the guest switched the machine off.</summary>
    /// <param name="limit">How long that may take.</param>
    /// <param name="token">Ends the waiting.</param>
    /// <returns>False when the time is over.</returns>
    /// <exception cref="PackerException">The machine stopped or was ended in another way.</exception>
    public async Task<bool> WaitForPowerOffAsync(TimeSpan limit, CancellationToken token)
    {
        try
        {
            var end = await ended.WaitAsync(limit, token).ConfigureAwait(false);
            if (end.Kind != GuestEndKind.ShutDown || !end.ByGuest) throw await LossAsync().ConfigureAwait(false);
            // The disks are whole only when QEMU itself has ended.
            await exited.WaitAsync(limit, token).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Writes what the screen shows to a PNG file.</summary>
    /// <param name="path">Full path; an old file is replaced.</param>
    /// <param name="token">Gives up waiting.</param>
    public Task SaveScreenAsync(string path, CancellationToken token) => Qmp.ScreenDumpAsync(path, token);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await unwatch.CancelAsync().ConfigureAwait(false);
        watch?.Dispose();
        if (Qmp is not null) await Qmp.DisposeAsync().ConfigureAwait(false);
        await process.DisposeAsync().ConfigureAwait(false);
        await ((Task)ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        unwatch.Dispose();
    }

    /// <summary>
    /// QEMU takes SIGINT for the wish to end, whatever it was started with, and a terminal's Ctrl-C goes to all programs of its session. In a session of its own
    /// it is not reached, and what works in the machine can be cleaned up. Systems without the program <c>setsid</c> do without that.
    /// </summary>
    private static (string Program, IReadOnlyList<string> Arguments) OutOfReachOfCtrlC(string program, IReadOnlyList<string> arguments) =>
        OperatingSystem.IsLinux() && Engine.ProgramFinder.Find(SessionProgram, Environment.GetEnvironmentVariable("PATH")) is not null ? (SessionProgram, [program, .. arguments]) : (program, arguments);

    private async Task ConnectAsync(string socket, CancellationToken token)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var connecting = QmpClient.ConnectAsync(new UnixDomainSocketEndPoint(socket), ConnectLimit, stop.Token);
        if (await Task.WhenAny(connecting, exited).ConfigureAwait(false) == connecting)
        {
            try
            {
                Qmp = await connecting.ConfigureAwait(false);
                watch = new GuestWatch(Qmp);
                ended = watch.WaitAsync(unwatch.Token);
                return;
            }
            catch (PackerException exception)
            {
                // It opens the socket before it looks at the rest of its command line, and closes it when it does not like that.
                await Task.WhenAny(exited, Task.Delay(LastWords, token)).ConfigureAwait(false);
                if (!exited.IsCompleted) throw DoesNotStart(exception.Message);
            }
        }
        await stop.CancelAsync().ConfigureAwait(false);
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        token.ThrowIfCancellationRequested();
        var code = await exited.ConfigureAwait(false);
        throw DoesNotStart(string.Create(CultureInfo.InvariantCulture, $"it ended with exit code {code}."));
    }

    private async Task<bool> EndsNowAsync()
    {
        await Task.WhenAny(ended, Task.Delay(LastWords)).ConfigureAwait(false);
        return ended.IsCompletedSuccessfully;
    }

    private PackerException DoesNotStart(string reason) => new(DiagnosticCodes.MachineDoesNotStart,
        $"QEMU does not start: {reason} {Words()}Correct the setting that it names; the log file has the whole command line.");

    private async Task<PackerException> LossAsync()
    {
        var end = await ended.ConfigureAwait(false);
        if (end.Kind is GuestEndKind.ShutDown or GuestEndKind.Lost) await Task.WhenAny(exited, Task.Delay(LastWords)).ConfigureAwait(false);
        var code = exited.IsCompletedSuccessfully && exited.Result != 0 ? string.Create(CultureInfo.InvariantCulture, $" QEMU ended with exit code {exited.Result}.") : "";
        var failure = end.ToException();
        return new PackerException(failure.Code, $"{failure.Message}{code} The build still needed the machine. {Words()}".TrimEnd(), failure);
    }

    private string Words()
    {
        lock (words) return words.Count == 0 ? "" : $"QEMU said: {string.Join(" ", words).TrimEnd('.')}. ";
    }
}
