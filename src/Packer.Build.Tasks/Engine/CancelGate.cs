namespace Packer.Engine;

/// <summary>
/// Turns a cancel that may come at any moment, from any thread and any number of times into one signal, and lets it wait for the end of what
/// runs.
/// </summary>
internal sealed class CancelGate
{
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private TaskCompletionSource ended = new();
    private int running;
    private int signallingThread;
    private bool stopping;

    public CancelGate() => ended.SetResult();

    public CancellationToken Token => stop.Token;

    public bool IsStopping => Volatile.Read(ref stopping);

    /// <summary>Begins a run, unless a cancel came before it. May be nested.</summary>
    public bool TryEnter()
    {
        lock (gate)
        {
            if (stopping && running == 0) return false;
            if (running++ == 0) ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    public void Exit()
    {
        lock (gate)
        {
            if (--running == 0) ended.SetResult();
        }
    }

    /// <summary>Signals once, then returns when nothing runs any more; at once where nothing has begun, because then it may never begin.</summary>
    public void Cancel()
    {
        var end = Signal();
        // A callback of the token that cancels again must not wait for an end that comes after it.
        if (Volatile.Read(ref signallingThread) == Environment.CurrentManagedThreadId) return;
        // For a task, not for an event: the pool adds a thread for one that waits so, and what is waited for may need it.
        end.GetAwaiter().GetResult();
    }

    /// <summary>Signals once, and returns what ends with the last run.</summary>
    public Task Signal()
    {
        Task end;
        lock (gate)
        {
            end = ended.Task;
            if (stopping) return end;
            stopping = true;
            signallingThread = Environment.CurrentManagedThreadId;
        }
        try
        {
            // Not under the lock: what is registered on the token runs here.
            stop.Cancel();
        }
        catch (AggregateException)
        {
            // A callback of the run failed. The run ends all the same, and tells; whoever cancels, as a signal handler, has nothing to do with it.
        }
        finally
        {
            Volatile.Write(ref signallingThread, 0);
        }
        return end;
    }
}
