namespace Packer;

/// <summary>One step of a build that is cut into steps. Its clean-up stands beside the thing it undoes.</summary>
public interface IStep
{
    /// <summary>What the step does, for the log: <c>Download the ISO</c>.</summary>
    string Name { get; }

    /// <summary>Does the step. A step that fails throws.</summary>
    /// <param name="token">Stops it.</param>
    Task RunAsync(CancellationToken token);

    /// <summary>
    /// Undoes what must not stay. Called once for each step that was started, in reverse order, also for the one that failed or was cancelled
    /// and for all when every step succeeded.
    /// </summary>
    /// <param name="outcome">How the build went.</param>
    /// <param name="hurry">Cancelled when the user asks a second time to stop: wait for nothing that can be cut short.</param>
    Task CleanupAsync(StepOutcome outcome, CancellationToken hurry);
}

/// <summary>How the steps of a build went, as their clean-ups see it.</summary>
public enum StepOutcome
{
    /// <summary>Every step succeeded.</summary>
    Succeeded,

    /// <summary>A step failed.</summary>
    Failed,

    /// <summary>The build was cancelled.</summary>
    Cancelled,
}
