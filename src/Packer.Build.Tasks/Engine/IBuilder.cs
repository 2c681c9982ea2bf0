namespace Packer;

/// <summary>Makes an image. Authors derive from <see cref="Builder{TConfig}"/>, which is also an MSBuild task.</summary>
public interface IBuilder
{
    /// <summary>
    /// Merges the layers, decodes and checks them. No side effects: it may never be followed by a run, and runs in validation and in an editor.
    /// </summary>
    /// <param name="context">The settings and where they come from.</param>
    /// <returns>All errors and warnings at once.</returns>
    PrepareResult Prepare(PrepareContext context);

    /// <summary>Builds, cleans up after itself, and returns what it made, or null where there is nothing to keep.</summary>
    /// <param name="context">The build that runs.</param>
    /// <param name="token">Cancelled by every way in which a build can be stopped. The method returns when it has cleaned up.</param>
    /// <exception cref="PackerException">The build failed.</exception>
    /// <exception cref="OperationCanceledException">The build was cancelled.</exception>
    Task<IArtifact?> RunAsync(BuildContext context, CancellationToken token);

    /// <summary>
    /// Cancels the run and returns only when it has ended and cleaned up; at once where none has started. Safe at any moment, from any thread,
    /// any number of times.
    /// </summary>
    void Cancel();
}
