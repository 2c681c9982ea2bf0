namespace Packer;

/// <summary>The class to derive a post-processor from.</summary>
/// <typeparam name="TConfig">A class or record with a constructor without parameters; each of its properties is a key.</typeparam>
public abstract class PostProcessor<TConfig> : IPostProcessor
    where TConfig : class, new()
{
    private TConfig? config;

    /// <inheritdoc />
    public PrepareResult Prepare(PrepareContext context) => context.Prepare<TConfig>(Validate, out config);

    /// <inheritdoc />
    public Task<PostProcessResult> ProcessAsync(BuildContext context, IArtifact artifact, CancellationToken token) =>
        ProcessAsync(config ?? throw new InvalidOperationException("Prepare comes before ProcessAsync."), context, artifact, token);

    /// <summary>Checks what attributes cannot say. No side effects. Called only when every key could be decoded.</summary>
    /// <param name="config">The decoded settings.</param>
    /// <param name="validation">Takes the errors and warnings.</param>
    protected virtual void Validate(TConfig config, ConfigValidation validation)
    {
    }

    /// <summary>Works on an artifact and returns what became of it.</summary>
    /// <param name="config">The decoded settings.</param>
    /// <param name="context">The build that runs.</param>
    /// <param name="artifact">What the builder, or the post-processor before this one, made.</param>
    /// <param name="token">Stops the work.</param>
    /// <exception cref="PackerException">The step failed. The artifact stays.</exception>
    protected abstract Task<PostProcessResult> ProcessAsync(TConfig config, BuildContext context, IArtifact artifact, CancellationToken token);
}
