using Microsoft.Build.Framework;
using Packer.Engine.MSBuild;

namespace Packer;

/// <summary>
/// The class to derive a builder from. It is an MSBuild task: the SDK runs it for the images that name it, and a target of a project can call
/// it by hand. An author writes a config record, <see cref="BuildAsync"/>, and the attribute <see cref="PackerBuilderAttribute"/>.
/// </summary>
/// <typeparam name="TConfig">A class or record with a constructor without parameters; each of its properties is a key.</typeparam>
public abstract class Builder<TConfig> : CancelableTask, IBuilder
    where TConfig : class, new()
{
    private TConfig? config;

    /// <summary>When called by hand in a target: the name of the image.</summary>
    public string ImageName { get; set; } = "";

    /// <summary>When called by hand in a target: items whose metadata are the settings; later ones override earlier ones.</summary>
    public ITaskItem[] Settings { get; set; } = [];

    /// <summary>When called by hand in a target: the folder that the image lands in.</summary>
    public string OutputDirectory { get; set; } = "";

    /// <summary>When called by hand in a target: what was made, with the metadata of <c>PackerArtifact</c>.</summary>
    [Output]
    public ITaskItem[] Artifacts { get; set; } = [];

    /// <summary>The decoded settings, for built-in builders; <see cref="Prepare"/> comes before.</summary>
    private protected TConfig Config => config ?? throw new InvalidOperationException("Prepare comes first.");

    /// <inheritdoc />
    public PrepareResult Prepare(PrepareContext context) => context.Prepare<TConfig>(Validate, out config);

    /// <inheritdoc />
    public async Task<IArtifact?> RunAsync(BuildContext context, CancellationToken token)
    {
        if (config is null) throw new InvalidOperationException("Prepare comes before RunAsync.");
        if (!Gate.TryEnter()) throw new OperationCanceledException(Gate.Token);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(token, Gate.Token);
            return await BuildAsync(config, context, either.Token).ConfigureAwait(false);
        }
        finally
        {
            Gate.Exit();
        }
    }

    /// <summary>Checks what attributes cannot say. No side effects. Called only when every key could be decoded.</summary>
    /// <param name="config">The decoded settings.</param>
    /// <param name="validation">Takes the errors and warnings.</param>
    protected virtual void Validate(TConfig config, ConfigValidation validation)
    {
    }

    /// <summary>Builds, cleans up after itself, and returns what it made, or null where there is nothing to keep.</summary>
    /// <param name="config">The decoded settings.</param>
    /// <param name="context">The build that runs.</param>
    /// <param name="token">Cancelled by every way in which a build can be stopped.</param>
    /// <exception cref="PackerException">The build failed.</exception>
    protected abstract Task<IArtifact?> BuildAsync(TConfig config, BuildContext context, CancellationToken token);

    private protected sealed override async Task<bool> ExecuteAsync(CancellationToken token)
    {
        Artifacts = await DirectBuild.RunAsync(this, Log, BuildEngine.ProjectFileOfTaskNode, ImageName, Settings, OutputDirectory, Hurry, token).ConfigureAwait(false) ?? [];
        return !Log.HasLoggedErrors;
    }
}
