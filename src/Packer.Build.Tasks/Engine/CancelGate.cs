namespace Packer.Engine;

/// <summary>
/// Turns a cancel that may come at any moment, from any thread and any number of times into one signal, and lets it wait for the end of what
/// runs.
/// </summary>
internal sealed class CancelGate
{
    private readonly CancellationTokenSource stop = new();
    private readonly ManualResetEventSlim idle = new(initialState: true);
    private readonly Lock gate = new();
    private int running;
    private bool stopping;

    public CancellationToken Token => stop.Token;

    public bool IsStopping => Volatile.Read(ref stopping);

    /// <summary>Begins a run, unless a cancel came before it. May be nested.</summary>
    public bool TryEnter()
    {
        lock (gate)
        {
            if (stopping && running == 0) return false;
            if (running++ == 0) idle.Reset();
            return true;
        }
    }

    public void Exit()
    {
        lock (gate)
        {
            if (--running == 0) idle.Set();
        }
    }

    /// <summary>Signals once, then returns when nothing runs any more; at once where nothing has begun, because then it may never begin.</summary>
    public void Cancel()
    {
        bool first;
        lock (gate)
        {
            first = !stopping;
            stopping = true;
        }
        // Not under the lock: what is registered on the token runs here.
        if (first) stop.Cancel();
        idle.Wait();
    }
}
