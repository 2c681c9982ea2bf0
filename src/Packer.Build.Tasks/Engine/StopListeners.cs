using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Packer.Engine;

/// <summary>
/// The routes by which a build is stopped that reach no <c>ICancelableTask.Cancel</c>: SIGTERM, SIGHUP, the end of the process, the death of
/// the process that started it. Also counts Ctrl-C, as MSBuild answers only the first.
/// </summary>
internal sealed class StopListeners : IDisposable
{
    /// <summary>
    /// What runs in this process, under <c>-mt</c> several builds. The system calls the handlers one after another and each waits for its own
    /// run, so the first must signal all: the clean-ups then run side by side. A run takes itself out at its end.
    /// </summary>
    private static readonly ConcurrentDictionary<CancelGate, byte> Running = new();

    /// <summary>
    /// A run that begins when the process ends already would get no handler of its own called any more. MSBuild starts the next image
    /// as soon as a SIGTERM has ended the one before.
    /// </summary>
    private static volatile bool processEnds;

    private readonly List<PosixSignalRegistration> registrations = [];
    private readonly StopRequests requests = new();
    private readonly CancelGate gate;
    private readonly EventHandler exit;
    private readonly IDisposable? parentWatch;

    /// <summary>
    /// MSBuild keeps threads of the pool waiting while it cancels, and the pool adds new ones at one a second only: clean-ups that should run
    /// side by side then wait for one another. Threads up to this number are added at once.
    /// </summary>
    private const int ThreadsWithoutDelay = 64;

    static StopListeners()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => processEnds = true;
        ThreadPool.GetMinThreads(out var workers, out var completionPorts);
        if (workers < ThreadsWithoutDelay) ThreadPool.SetMinThreads(ThreadsWithoutDelay, completionPorts);
    }

    /// <param name="gate">Is cancelled; the handlers wait for it, as the process ends when they return.</param>
    /// <param name="hurry">Called when the user asks a second time to stop.</param>
    /// <param name="watch">Notices the death of the parent process; null for none.</param>
    public StopListeners(CancelGate gate, Action hurry, ParentWatch? watch)
    {
        this.gate = gate;
        Running.TryAdd(gate, 0);
        exit = (_, _) => StopAll();
        AppDomain.CurrentDomain.ProcessExit += exit;
        if (processEnds) gate.Signal();
        Register(PosixSignal.SIGTERM, Terminate);
        if (!OperatingSystem.IsWindows()) Register(PosixSignal.SIGHUP, Terminate);
        Register(PosixSignal.SIGINT, _ =>
        {
            if (requests.IsAnother(StopRequest.Interrupt)) Hurry();
        });
        // Nothing waits here: the timer must go on.
        parentWatch = watch?.Start(() => Task.Run(gate.Signal));

        void Terminate(PosixSignalContext context)
        {
            if (requests.IsAnother(StopRequest.Terminate)) Hurry();
            StopAll();
        }

        void Hurry()
        {
            try
            {
                hurry();
            }
            catch (AggregateException)
            {
                // What a builder registered failed; thrown on, it would end the process in the middle of the clean-up.
            }
        }
    }

    public void Dispose()
    {
        parentWatch?.Dispose();
        AppDomain.CurrentDomain.ProcessExit -= exit;
        foreach (var registration in registrations) registration.Dispose();
        Running.TryRemove(gate, out _);
    }

    private void StopAll()
    {
        foreach (var other in Running.Keys)
            if (other != gate) Task.Run(other.Signal);
        gate.Cancel();
    }

    private void Register(PosixSignal signal, Action<PosixSignalContext> handler)
    {
        try
        {
            registrations.Add(PosixSignalRegistration.Create(signal, handler));
        }
        catch (PlatformNotSupportedException)
        {
            // A platform without the signal has no such route.
        }
    }
}
