using System.ComponentModel;
using System.Diagnostics;

namespace Packer.Engine;

/// <summary>How patient a <see cref="ProcessRunner"/> is.</summary>
internal sealed record ProcessRunnerOptions
{
    /// <summary>Time for a program to end in good order before it is ended by force. Default: 5 s.</summary>
    public TimeSpan TerminationGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time for what a program started to let go of its output after the program itself has ended. Default: 5 s.</summary>
    public TimeSpan OutputGrace { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>Starts programs. Disposing it ends all that still run.</summary>
internal sealed class ProcessRunner : IProcessRunner, IAsyncDisposable
{
    /// <summary>
    /// An ignored signal stays ignored in the program that takes the shell's place: a terminal's Ctrl-C does not reach it, nor the end of the terminal.
    /// </summary>
    private const string IgnoreTerminal = "trap '' INT HUP; exec \"$@\"";

    private readonly Lock gate = new();
    private readonly HashSet<RunningProcess> running = [];
    private readonly ProcessLedger ledger;
    private readonly ProcessRunnerOptions options;
    private readonly CancellationToken hurry;
    private bool disposed;

    /// <summary>Makes a runner.</summary>
    /// <param name="ledgerPath">Full path of the <see cref="ProcessLedger"/> in which the processes are written down.</param>
    /// <param name="hurry">Cuts the time that a program has to end in good order.</param>
    /// <param name="options">How patient it is.</param>
    public ProcessRunner(string ledgerPath, CancellationToken hurry = default, ProcessRunnerOptions? options = null)
    {
        ledger = new ProcessLedger(ledgerPath);
        this.hurry = hurry;
        this.options = options ?? new ProcessRunnerOptions();
    }

    /// <inheritdoc />
    public IRunningProcess Start(ProcessStart start)
    {
        var mark = Guid.NewGuid().ToString("N");
        var info = Describe(start, mark);
        // Held while starting, so that disposing the runner misses none.
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            ledger.Announce(mark);
            var process = new Process { StartInfo = info };
            try
            {
                process.Start();
            }
            catch (Exception exception) when (exception is Win32Exception or InvalidOperationException or IOException)
            {
                process.Dispose();
                ledger.Remove(mark);
                throw DoesNotStart(start, exception.Message, exception);
            }
            // Where the process has ended already there is nothing to write down but its mark, which is.
            var identity = ProcessTable.Find(process.Id);
            var result = new RunningProcess(process, start, new ProcessTree(identity, mark), options, hurry, Forget);
            running.Add(result);
            if (identity is { } found) ledger.Add(found, mark);
            return result;
        }

        void Forget(RunningProcess ended)
        {
            lock (gate)
            {
                if (running.Remove(ended)) ledger.Remove(mark);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        RunningProcess[] left;
        lock (gate)
        {
            disposed = true;
            left = [.. running];
        }
        await Task.WhenAll(left.Select(process => process.DisposeAsync().AsTask()));
    }

    private static ProcessStartInfo Describe(ProcessStart start, string mark)
    {
        if (!Directory.Exists(start.WorkingDirectory)) throw DoesNotStart(start, $"its working directory '{start.WorkingDirectory}' does not exist");
        var info = new ProcessStartInfo
        {
            WorkingDirectory = start.WorkingDirectory,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in start.Environment)
        {
            if (value is null) info.Environment.Remove(name);
            else info.Environment[name] = value;
        }
        info.Environment[ProcessTree.MarkVariable] = mark;

        var program = ProgramFinder.Find(start.FileName, info.Environment.TryGetValue("PATH", out var path) ? path : null)
            ?? throw DoesNotStart(start, "it was not found, or may not be run. Install it, or give its full path");
        if (OperatingSystem.IsWindows())
        {
            info.CreateNewProcessGroup = true;
            info.FileName = program;
        }
        else
        {
            info.FileName = "/bin/sh";
            foreach (var argument in (string[])["-c", IgnoreTerminal, "sh", program]) info.ArgumentList.Add(argument);
        }
        foreach (var argument in start.Arguments) info.ArgumentList.Add(argument);
        return info;
    }

    private static PackerException DoesNotStart(ProcessStart start, string reason, Exception? cause = null) =>
        new(DiagnosticCodes.ProgramDoesNotStart, $"The program '{start.FileName}' cannot be started: {reason.TrimEnd('.')}.", cause);
}
