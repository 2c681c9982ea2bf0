namespace Packer;

/// <summary>A step that works on an artifact after it was built.</summary>
public interface IPostProcessor
{
    /// <summary>Decodes and checks the settings, without side effects.</summary>
    /// <param name="context">The settings and where they come from.</param>
    PrepareResult Prepare(PrepareContext context);

    /// <summary>Works on an artifact and returns what became of it.</summary>
    /// <param name="context">The build that runs.</param>
    /// <param name="artifact">What the builder, or the post-processor before this one, made.</param>
    /// <param name="token">Stops the work.</param>
    /// <exception cref="PackerException">The step failed. The artifact stays.</exception>
    Task<PostProcessResult> ProcessAsync(BuildContext context, IArtifact artifact, CancellationToken token);
}

/// <summary>What a post-processor made of an artifact.</summary>
/// <param name="Artifact">The new artifact, the one it was given, or null, which ends the sequence.</param>
/// <param name="KeepInput">Whether the artifact it was given stays, unless the user says otherwise with <c>KeepInputArtifact</c>.</param>
/// <param name="ForceKeepInput">Whether that holds even where the user says otherwise, because the new artifact is made of the old one's files.</param>
public sealed record PostProcessResult(IArtifact? Artifact, bool KeepInput, bool ForceKeepInput = false);
