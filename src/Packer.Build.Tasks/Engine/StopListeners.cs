using System.Runtime.InteropServices;

namespace Packer.Engine;

/// <summary>
/// The routes by which a build is stopped that reach no <c>ICancelableTask.Cancel</c>: SIGTERM, SIGHUP, the end of the process, the death of
/// the process that started it. Also counts Ctrl-C, as MSBuild answers only the first.
/// </summary>
internal sealed class StopListeners : IDisposable
{
    private static readonly TimeSpan ParentWatchInterval = TimeSpan.FromSeconds(1);

    private readonly List<PosixSignalRegistration> registrations = [];
    private readonly EventHandler exit;
    private readonly Timer? parentWatch;
    private int interrupts;

    /// <param name="gate">Is cancelled; the handlers wait for it, as the process ends when they return.</param>
    /// <param name="hurry">Called when the user asks a second time to stop.</param>
    public StopListeners(CancelGate gate, Action hurry)
    {
        exit = (_, _) => gate.Cancel();
        AppDomain.CurrentDomain.ProcessExit += exit;
        Register(PosixSignal.SIGTERM, _ => gate.Cancel());
        if (!OperatingSystem.IsWindows()) Register(PosixSignal.SIGHUP, _ => gate.Cancel());
        Register(PosixSignal.SIGINT, _ =>
        {
            if (Interlocked.Increment(ref interrupts) > 1 && gate.IsStopping) hurry();
        });
        if (ParentProcess.Id() is { } parent)
        {
            // A task host does not notice that its parent died; this does. Nothing waits here: the timer must go on.
            parentWatch = new Timer(_ =>
            {
                if (ParentProcess.Id() != parent) Task.Run(gate.Cancel);
            }, null, ParentWatchInterval, ParentWatchInterval);
        }
    }

    public void Dispose()
    {
        parentWatch?.Dispose();
        AppDomain.CurrentDomain.ProcessExit -= exit;
        foreach (var registration in registrations) registration.Dispose();
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
