using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Packer.Engine.Reports;

namespace Packer;

/// <summary>
/// Runs the steps of a build in order, and after them their clean-ups in reverse order, whatever happened: that of the failing step too. What happens
/// after a failure or a cancellation follows <see cref="BuildContext.OnError"/>; with <see cref="BuildContext.Debug"/> it pauses where a person can answer.
/// </summary>
/// <param name="context">The build that runs.</param>
public sealed class StepRunner(BuildContext context)
{
    private readonly IUi ui = context.Ui;
    private readonly List<StepTiming> timings = [];
    private readonly Stopwatch clock = new();
    private int running;

    /// <summary>How long each step took that was started, in order; a step that was run again has a line for each run.</summary>
    public IReadOnlyList<StepTiming> Timings => timings;

    /// <summary>Runs steps. Returns when all have run and cleaned up.</summary>
    /// <param name="steps">The steps; null stands for one that is not needed.</param>
    /// <param name="token">Cancels the step that runs; those after it do not start. The clean-ups run to their end all the same.</param>
    /// <exception cref="OperationCanceledException">The build was cancelled.</exception>
    /// <exception cref="PackerException">A step failed. Whatever else a step throws is passed on, too.</exception>
    /// <exception cref="InvalidOperationException">The runner runs already.</exception>
    public async Task RunAsync(IEnumerable<IStep?> steps, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(steps);
        if (Interlocked.Exchange(ref running, 1) != 0) throw new InvalidOperationException("The runner runs its steps already.");
        try
        {
            clock.Start();
            await RunToEndAsync(steps, token);
        }
        finally
        {
            Volatile.Write(ref running, 0);
        }
    }

    private async Task RunToEndAsync(IEnumerable<IStep?> steps, CancellationToken token)
    {
        if (context.Debug && !ui.CanAsk) ui.Message("There is no terminal to ask at, so debugging does not pause between the steps.");
        var started = new Stack<IStep>();
        var result = StepResult.Success;
        foreach (var step in steps.OfType<IStep>())
        {
            if (token.IsCancellationRequested) result = StepResult.Cancelled(null);
            if (result.Outcome != StepOutcome.Succeeded) break;
            started.Push(step);
            result = await RunStepAsync(step, token);
        }

        while (started.TryPop(out var step)) await CleanUpAsync(step, result, token);

        // The first error is the one that tells; what failed after it has been logged as a warning.
        if (result.Outcome == StepOutcome.Cancelled) throw new OperationCanceledException("The build was cancelled.", result.Error, token);
        if (result.Error is { } error) ExceptionDispatchInfo.Throw(error);
    }

    /// <summary>Runs a step, again and again as long as the person at the terminal says so.</summary>
    private async Task<StepResult> RunStepAsync(IStep step, CancellationToken token)
    {
        while (true)
        {
            var result = await TryAsync(step, token);
            if (await PauseAsync($"Pausing after run of '{step.Name}'.", result, token) is { } cancelled) return cancelled;
            if (result.Outcome != StepOutcome.Failed || context.OnError != OnError.Ask) return result;
            switch (await AskAsync(step, result.Error!, token))
            {
                case Answer.CleanUp: return token.IsCancellationRequested ? StepResult.Cancelled(result.Error) : result;
                case Answer.Abort: return result with { Aborted = true };
                default: ui.Say($"Running '{step.Name}' again."); break;
            }
        }
    }

    private async Task<StepResult> TryAsync(IStep step, CancellationToken token)
    {
        using var span = context.Recorder.Begin(step.Name, StepKinds.Step);
        var start = clock.Elapsed;
        StepResult result;
        try
        {
            await step.RunAsync(token);
            result = token.IsCancellationRequested ? StepResult.Cancelled(null) : StepResult.Success;
        }
        catch (Exception exception)
        {
            // Cut off in its work a step may fail in any way; that is the cancellation's doing, not a failure of its own.
            result = token.IsCancellationRequested ? StepResult.Cancelled(exception) : StepResult.Failed(exception);
            if (result.Outcome == StepOutcome.Cancelled && exception is not OperationCanceledException)
            {
                ui.Message($"Step '{step.Name}' was cancelled and ended so: {exception.Message}");
            }
        }
        var timing = new StepTiming(step.Name, start, clock.Elapsed - start, result.Outcome);
        timings.Add(timing);
        span.Outcome = result.Outcome;
        var ended = result.Outcome switch { StepOutcome.Succeeded => "took", StepOutcome.Failed => "failed after", _ => "was cancelled after" };
        ui.Message(string.Create(CultureInfo.InvariantCulture, $"Step '{step.Name}' {ended} {timing.Duration.TotalSeconds:0.00} s."));
        return result;
    }

    private async Task CleanUpAsync(IStep step, StepResult result, CancellationToken token)
    {
        if (IsKept(step, result))
        {
            ui.Say($"Step '{step.Name}' is not cleaned up, so that it can be looked at.");
            return;
        }
        if (result.Outcome != StepOutcome.Cancelled) await PauseAsync($"Pausing before clean-up of '{step.Name}'.", result, token);
        using var span = context.Recorder.Begin($"Clean up: {step.Name}", StepKinds.CleanUp);
        try
        {
            await step.CleanupAsync(result.Outcome, context.Hurry);
        }
        catch (OperationCanceledException) when (context.Hurry.IsCancellationRequested)
        {
            ui.Warn(DiagnosticCodes.CleanupFailed, $"The clean-up of step '{step.Name}' was cut short; something may be left behind.");
        }
        catch (Exception exception)
        {
            ui.Warn(DiagnosticCodes.CleanupFailed, $"The clean-up of step '{step.Name}' failed, so something may be left behind: {exception.Message}");
        }
    }

    private bool IsKept(IStep step, StepResult result) => result.Aborted || result.Outcome != StepOutcome.Succeeded && context.OnError switch
    {
        OnError.Abort => true,
        OnError.RunCleanupProvisioner => step is not ICleanupProvisionStep,
        _ => false,
    };

    /// <summary>Waits for the person at the terminal in debugging. Returns the result that a cancellation meanwhile makes, else null.</summary>
    private async Task<StepResult?> PauseAsync(string where, StepResult result, CancellationToken token)
    {
        if (!context.Debug || !ui.CanAsk || result.Outcome == StepOutcome.Cancelled || token.IsCancellationRequested) return null;
        try
        {
            await ui.AskAsync($"{where} Press Enter to continue.", token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or PackerException)
        {
            // Cancelled, or the terminal is gone: there is nobody to wait for.
        }
        return token.IsCancellationRequested ? StepResult.Cancelled(result.Error) : null;
    }

    private async Task<Answer> AskAsync(IStep step, Exception error, CancellationToken token)
    {
        if (!ui.CanAsk)
        {
            ui.Say("There is no terminal to ask at what to do about the failure: cleaning up.");
            return Answer.CleanUp;
        }
        ui.Error($"Step '{step.Name}' failed: {error.Message}");
        while (true)
        {
            string line;
            try
            {
                line = await ui.AskAsync("[c] clean up and end, [a] end without clean-up, or [r] run the step again (default: c)?", token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or PackerException)
            {
                return Answer.CleanUp;
            }
            switch (line.Trim().ToLowerInvariant())
            {
                case "" or "c": return Answer.CleanUp;
                case "a": return Answer.Abort;
                case "r": return Answer.Retry;
            }
        }
    }

    private enum Answer
    {
        CleanUp,
        Abort,
        Retry,
    }

    /// <param name="Outcome">How the steps went so far.</param>
    /// <param name="Error">What the last step threw.</param>
    /// <param name="Aborted">Whether the person at the terminal wants no clean-up.</param>
    private sealed record StepResult(StepOutcome Outcome, Exception? Error, bool Aborted = false)
    {
        public static readonly StepResult Success = new(StepOutcome.Succeeded, null);

        public static StepResult Cancelled(Exception? error) => new(StepOutcome.Cancelled, error);

        public static StepResult Failed(Exception error) => new(StepOutcome.Failed, error);
    }
}
