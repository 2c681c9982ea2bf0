using System.Diagnostics;

namespace Packer.Engine;

/// <summary>A program that a <see cref="ProcessRunner"/> has started.</summary>
internal sealed class RunningProcess : IRunningProcess
{
    /// <summary>With the whole tree gone its pipes are closed; what still holds them is out of reach.</summary>
    private static readonly TimeSpan LastOutput = TimeSpan.FromSeconds(2);

    private readonly Process process;
    private readonly ProcessTree tree;
    private readonly ProcessRunnerOptions options;
    private readonly CancellationToken hurry;
    private readonly Action<RunningProcess> ended;
    private readonly Lock gate = new();
    private readonly Lock callbacks = new();
    private readonly CancellationTokenSource stopReading = new();
    private readonly Task<int> exit;
    private readonly Task reading;
    private Exception? callbackFailure;
    private Task? ending;
    private Task? disposing;

    /// <summary>Takes over a process that has just started.</summary>
    public RunningProcess(
        Process process, ProcessStart start, ProcessTree tree, ProcessRunnerOptions options, CancellationToken hurry, Action<RunningProcess> ended)
    {
        this.process = process;
        this.tree = tree;
        this.options = options;
        this.hurry = hurry;
        this.ended = ended;
        Id = process.Id;
        // A program that asks the person at the terminal would wait for ever.
        process.StandardInput.Close();
        reading = Task.WhenAll(ReadAsync(process.StandardOutput.BaseStream, start.Output), ReadAsync(process.StandardError.BaseStream, start.Error));
        exit = WaitForExitAsync();
    }

    /// <inheritdoc />
    public int Id { get; }

    /// <inheritdoc />
    public bool HasExited => exit.IsCompleted;

    /// <inheritdoc />
    public async Task<int> WaitAsync(CancellationToken token)
    {
        try
        {
            await exit.WaitAsync(token);
            // What it started may hold its output for ever, as a daemon does that was not told where to write.
            await Task.WhenAny(reading, Task.Delay(options.OutputGrace, token));
            token.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            await EndAsync();
            throw;
        }
        if (!reading.IsCompleted)
        {
            await EndAsync();
            await StopReadingAsync();
        }
        if (callbackFailure is { } failure) throw new InvalidOperationException($"The receiver of the output of process {Id} failed: {failure.Message}", failure);
        return await exit;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        lock (gate) return new ValueTask(disposing ??= DisposeOnceAsync());
    }

    private async Task DisposeOnceAsync()
    {
        await EndAsync();
        await StopReadingAsync();
        await Task.WhenAny(exit, Task.Delay(LastOutput));
        ended(this);
        process.Dispose();
    }

    /// <summary>Ends the tree. Also after the program itself has ended: what it started may not have.</summary>
    private Task EndAsync()
    {
        lock (gate) return ending is { IsCompleted: false } ? ending : ending = Task.Run(() => tree.EndAsync(options.TerminationGrace, hurry));
    }

    private async Task StopReadingAsync()
    {
        await Task.WhenAny(reading, Task.Delay(LastOutput));
        await stopReading.CancelAsync();
        await reading;
    }

    private async Task<int> WaitForExitAsync()
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private async Task ReadAsync(Stream stream, Action<string>? receive)
    {
        try
        {
            await new LineSplitter(Receive).ReadAsync(stream, stopReading.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Given up, or the pipe broke: there is no more output.
        }

        void Receive(string line)
        {
            if (receive is null) return;
            // One at a time, so that the two streams' receivers may share what they fill.
            lock (callbacks)
            {
                if (callbackFailure is not null) return;
                try
                {
                    receive(line);
                }
                catch (Exception exception)
                {
                    // The program goes on and its output is drained, or it would hang; whoever waits for it is told.
                    callbackFailure = exception;
                }
            }
        }
    }
}
