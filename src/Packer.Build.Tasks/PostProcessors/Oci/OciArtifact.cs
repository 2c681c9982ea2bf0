namespace Packer.PostProcessors.Oci;

/// <summary>An artifact in a registry. Its id is the repository and the digest of its manifest.</summary>
internal sealed class OciArtifact(OciRepository repository, OciConfig config, string digest) : Artifact("packer.post-processor.oci", $"{repository}@{digest}", [],
    $"Artifact in a registry: {repository}@{digest} ({string.Join(", ", config.Tags)})")
{
    /// <summary>Deletes the manifest in the registry, and with it the tags; the registry collects the blobs when nobody needs them.</summary>
    public override async Task DestroyAsync(CancellationToken token)
    {
        using var registry = new OciRegistry(repository, config);
        await registry.DeleteManifestAsync(digest, token).ConfigureAwait(false);
    }
}
