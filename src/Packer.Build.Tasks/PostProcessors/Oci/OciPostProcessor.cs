using Packer.Engine;

namespace Packer.PostProcessors.Oci;

/// <summary>Pushes the files of an artifact to a registry, as an artifact that <c>oras pull</c> and its like fetch. What the registry has is not sent again.</summary>
[PackerPostProcessor("oci")]
public sealed class OciPostProcessor : PostProcessor<OciConfig>
{
    /// <inheritdoc />
    protected override void Validate(OciConfig config, ConfigValidation validation)
    {
        foreach (var (code, key, message) in OciPush.Check(config)) validation.Error(code, key, message);
    }

    /// <inheritdoc />
    protected override async Task<PostProcessResult> ProcessAsync(OciConfig config, BuildContext context, IArtifact artifact, CancellationToken token)
    {
        var known = artifact.State(ArtifactState.Sha256) as IReadOnlyDictionary<string, string>;
        var digest = await new OciPush(config, context.Ui.Say, context.Ui.Message)
        {
            Known = path => known?.GetValueOrDefault(path),
            Track = (name, length, content) => context.Ui.TrackProgress(name, 0, length, content),
        }.RunAsync(artifact.Files, token).ConfigureAwait(false);
        return new PostProcessResult(new OciArtifact(OciRepository.TryParse(config.Repository)!, config, digest), KeepInput: true);
    }
}
