using Packer.Engine.Reports;

namespace Packer.Engine;

/// <summary>A post-processor in a sequence.</summary>
/// <param name="Name">Its type, for messages: <c>compress</c>.</param>
/// <param name="PostProcessor">The prepared post-processor.</param>
/// <param name="KeepInput">What the user says about the artifact that it is given (<c>KeepInputArtifact</c>); null where nothing.</param>
/// <param name="Hash">Of all that its work depends on but for what it is given; null where it always works.</param>
internal sealed record PostProcessorStep(string Name, IPostProcessor PostProcessor, bool? KeepInput, string? Hash = null);

/// <summary>What post-processors have made before of the same artifact of the builder.</summary>
internal interface IPostProcessorMemory
{
    /// <summary>What a step made of its input, where all of it is as it was; else null.</summary>
    /// <param name="key">Tells the step and those before it.</param>
    /// <param name="input">What it is given.</param>
    PostProcessResult? Recall(string key, IArtifact input);

    /// <summary>Keeps what a step made.</summary>
    /// <param name="key">Tells the step and those before it.</param>
    /// <param name="input">What it was given.</param>
    /// <param name="result">What came of it.</param>
    Task RememberAsync(string key, IArtifact input, PostProcessResult result);
}

/// <summary>What came of the post-processors.</summary>
/// <param name="Artifacts">All that is left: the builder's artifact first, if it is, then the others as they were made. None stands twice.</param>
/// <param name="Errors">One for each post-processor that failed. The build has failed where there is any.</param>
internal sealed record PostProcessorOutcome(IReadOnlyList<IArtifact> Artifacts, IReadOnlyList<PackerException> Errors);

/// <summary>
/// Runs sequences of post-processors. Each begins with the builder's artifact; each post-processor is given what the one before it made. An artifact is
/// destroyed only when the post-processor that was given it has succeeded and nobody wants it kept; so a failure never costs what was there before.
/// </summary>
/// <param name="sequences">The sequences, each in order.</param>
/// <param name="memory">Knows what an earlier run has made, or null.</param>
internal sealed class PostProcessorRunner(IReadOnlyList<IReadOnlyList<PostProcessorStep>> sequences, IPostProcessorMemory? memory = null)
{
    /// <summary>Runs all sequences; a failure ends its own only.</summary>
    /// <param name="context">The build that runs.</param>
    /// <param name="built">The builder's artifact; where it is null, nothing runs.</param>
    /// <param name="token">Stops the work. What is there then stays.</param>
    /// <exception cref="OperationCanceledException">The build was cancelled.</exception>
    public async Task<PostProcessorOutcome> RunAsync(BuildContext context, IArtifact? built, CancellationToken token)
    {
        if (built is null) return new PostProcessorOutcome([], []);
        var results = new Results(built);
        var errors = new List<PackerException>();
        foreach (var sequence in sequences.Where(sequence => sequence.Count > 0))
        {
            IArtifact? current = built;
            var key = "";
            foreach (var step in sequence)
            {
                token.ThrowIfCancellationRequested();
                key = $"{key}{(key.Length == 0 ? "" : "/")}{step.Hash}";
                PostProcessResult result;
                try
                {
                    var input = current;
                    var known = step.Hash is null ? null : memory?.Recall(key, input);
                    if (known is not null) context.Ui.Message($"The post-processor '{step.Name}' has done its work before; it is not done again.");
                    result = known ?? await context.Recorder.RunAsync(step.Name, StepKinds.PostProcessor, () => step.PostProcessor.ProcessAsync(context, input, token), token);
                    if (step.Hash is not null && memory is not null) await memory.RememberAsync(key, input, result);
                }
                catch (Exception exception) when (token.IsCancellationRequested)
                {
                    if (exception is OperationCanceledException) throw;
                    throw new OperationCanceledException($"The post-processor '{step.Name}' was cancelled.", exception, token);
                }
                catch (Exception exception)
                {
                    errors.Add(Failed(step, exception));
                    break;
                }
                if (result.Artifact is { } made) results.Add(made);
                if (result.KeepInput && (step.KeepInput != false || result.ForceKeepInput) || step.KeepInput == true) results.Keep(current);
                else if (!ReferenceEquals(result.Artifact, current)) results.Supersede(current);

                // The other sequences still need the builder's artifact.
                if (!ReferenceEquals(current, built)) await DestroySupersededAsync(context, results, current, token);
                current = result.Artifact;
                if (current is null) break;
            }
            // What a sequence ends with is what it was made for, also where another one has no use for it.
            if (current is not null) results.Keep(current);
        }
        // After a failure the next build goes on from what the builder made.
        if (errors.Count == 0) await DestroySupersededAsync(context, results, built, token);
        return new PostProcessorOutcome(results.Left, errors);
    }

    private static async Task DestroySupersededAsync(BuildContext context, Results results, IArtifact artifact, CancellationToken token)
    {
        if (!results.IsSuperseded(artifact)) return;
        results.Remove(artifact);
        if (results.SharesFiles(artifact)) return;
        try
        {
            await artifact.DestroyAsync(token);
        }
        catch (Exception exception) when (!token.IsCancellationRequested)
        {
            context.Ui.Warn(DiagnosticCodes.CleanupFailed, $"The artifact '{artifact.Id}' is not needed any more, but could not be removed: {exception.Message}");
        }
    }

    private static PackerException Failed(PostProcessorStep step, Exception exception) =>
        new((exception as PackerException)?.Code ?? DiagnosticCodes.PostProcessorFailed, $"The post-processor '{step.Name}' failed: {exception.Message}", exception);

    /// <summary>The artifacts that there are, and who wants them.</summary>
    private sealed class Results
    {
        private static readonly StringComparison Comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

        private readonly List<IArtifact> left = [];
        private readonly HashSet<IArtifact> kept = new(ReferenceEqualityComparer.Instance);
        private readonly HashSet<IArtifact> superseded = new(ReferenceEqualityComparer.Instance);

        public Results(IArtifact built) => left.Add(built);

        public IReadOnlyList<IArtifact> Left => left;

        public void Add(IArtifact artifact)
        {
            if (!left.Any(other => ReferenceEquals(other, artifact))) left.Add(artifact);
        }

        public void Keep(IArtifact artifact) => kept.Add(artifact);

        public void Supersede(IArtifact artifact) => superseded.Add(artifact);

        public bool IsSuperseded(IArtifact artifact) => superseded.Contains(artifact) && !kept.Contains(artifact);

        public void Remove(IArtifact artifact) => left.RemoveAll(other => ReferenceEquals(other, artifact));

        /// <summary>Whether what is left is made of some of the artifact's files.</summary>
        public bool SharesFiles(IArtifact artifact) => left.Any(other => !ReferenceEquals(other, artifact)
            && other.Files.Any(file => artifact.Files.Any(mine => Covers(mine, file) || Covers(file, mine))));

        /// <summary>Whether two paths are the same, or the first is a folder above the second.</summary>
        private static bool Covers(string path, string other) => other.StartsWith(path, Comparison)
            && (other.Length == path.Length || Path.EndsInDirectorySeparator(path) || other[path.Length] == Path.DirectorySeparatorChar);
    }
}
