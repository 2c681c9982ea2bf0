using Microsoft.Build.Framework;
using Packer.Configuration;
using Packer.Engine;
using Packer.Engine.MSBuild;

namespace Packer;

/// <summary>
/// An MSBuild task that ends cleanly on every route by which a build can be stopped: MSBuild's own cancel, SIGTERM, SIGHUP, the end of the
/// process, and the death of the process that started it. All of them cancel one token.
/// </summary>
public abstract class CancelableTask : Microsoft.Build.Utilities.Task, ICancelableTask
{
    private readonly CancellationTokenSource hurry = new();

    private protected CancelableTask()
    {
    }

    private protected CancelGate Gate { get; } = new();

    /// <summary>Cancelled when the user asks a second time to stop.</summary>
    protected CancellationToken Hurry => hurry.Token;

    /// <summary>
    /// Cancels the token and returns when the work has ended and cleaned up; at once where it has not started, because then it may never start.
    /// Safe at any moment, from any thread, any number of times (MSBuild's task host calls this millions of times).
    /// </summary>
    public void Cancel() => Gate.Cancel();

    /// <inheritdoc />
    public sealed override bool Execute()
    {
        if (!Gate.TryEnter()) return false;
        try
        {
            using var listeners = new StopListeners(Gate, hurry.Cancel, ParentWatch.OfThisProcess());
            // On the pool, so that no synchronisation context of a host is captured. The form without a result is compiled in the runtime already.
            var work = Task.FromResult(false);
            Task.Run((Func<Task>)(() => work = ExecuteAsync(Gate.Token))).GetAwaiter().GetResult();
            return work.Result && !Log.HasLoggedErrors;
        }
        catch (OperationCanceledException) when (Gate.IsStopping)
        {
            DiagnosticLog.Write(Log, Diagnostic.Error(DiagnosticCodes.BuildCancelled, "The build was cancelled. Build again to go on."));
            return false;
        }
        finally
        {
            Gate.Exit();
        }
    }

    /// <summary>The work. Errors are logged, not thrown.</summary>
    /// <param name="token">Cancelled by every way in which a build can be stopped. After that the engine is used for logging only.</param>
    /// <returns>Whether it succeeded.</returns>
    private protected abstract Task<bool> ExecuteAsync(CancellationToken token);
}
