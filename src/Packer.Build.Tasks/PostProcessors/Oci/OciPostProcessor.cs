using Packer.Engine;

namespace Packer.PostProcessors.Oci;

/// <summary>Pushes the files of an artifact to a registry, as an artifact that <c>oras pull</c> and its like fetch. What the registry has is not sent again.</summary>
[PackerPostProcessor("oci")]
public sealed class OciPostProcessor : PostProcessor<OciConfig>
{
    /// <inheritdoc />
    protected override void Validate(OciConfig config, ConfigValidation validation)
    {
        var repository = OciRepository.TryParse(config.Repository);
        if (repository is null)
            validation.Error(DiagnosticCodes.WrongValue, nameof(OciConfig.Repository), $"'Repository' is '{config.Repository}', but a registry and a name in lower case are expected, without a tag, like 'registry.example.com:5000/images/web'.");
        if (config.Tags.FirstOrDefault(tag => !OciRepository.IsTag(tag)) is { } wrong)
            validation.Error(DiagnosticCodes.WrongValue, nameof(OciConfig.Tags), $"'Tags' holds '{wrong}', but a tag has letters, digits, '_', '.' and '-', at most 128, and begins with one of the first three.");
        if (config.Username is null != config.Password is null)
            validation.Error(DiagnosticCodes.RequiredKeyMissing, config.Username is null ? nameof(OciConfig.Password) : nameof(OciConfig.Username), "'Username' and 'Password' belong together. Set both or none.");
        if (config.PlainHttp && config.Password is not null && repository?.IsLoopback == false)
            validation.Error(DiagnosticCodes.WrongValue, nameof(OciConfig.PlainHttp), $"'PlainHttp' would send the password to '{repository.Host}' so that everybody between can read it. Give the registry TLS and remove 'PlainHttp', or remove the password.");
    }

    /// <inheritdoc />
    protected override async Task<PostProcessResult> ProcessAsync(OciConfig config, BuildContext context, IArtifact artifact, CancellationToken token)
    {
        var repository = OciRepository.TryParse(config.Repository)!;
        var blobs = new List<OciBlob>();
        var known = artifact.State(ArtifactState.Sha256) as IReadOnlyDictionary<string, string>;
        foreach (var path in artifact.Files.SelectMany(ArtifactFiles.Expand))
        {
            var sha256 = known?.GetValueOrDefault(path) ?? (await Engine.Checksum.ComputeAsync(ChecksumKind.Sha256, path, token).ConfigureAwait(false)).Hex;
            blobs.Add(new OciBlob(path, $"sha256:{sha256}", new FileInfo(path).Length));
        }
        if (blobs.Count == 0) throw new PackerException(DiagnosticCodes.NothingToPush, "The artifact has no files that could be pushed. Put 'oci' behind a builder or post-processor that makes files.");

        using var registry = new OciRegistry(repository, config);
        context.Ui.Say($"Pushing to {repository}");
        foreach (var blob in blobs) await PushAsync(registry, blob, context.Ui, token).ConfigureAwait(false);
        var empty = OciManifest.EmptyConfiguration;
        if (!await registry.HasBlobAsync(OciManifest.DigestOf(empty), token).ConfigureAwait(false))
            await registry.PushBlobAsync(OciManifest.DigestOf(empty), empty.Length, () => new MemoryStream(empty), token).ConfigureAwait(false);

        // Last: whoever follows a tag finds the old artifact whole until the new one is.
        var manifest = OciManifest.Create(config, blobs);
        var digest = OciManifest.DigestOf(manifest);
        foreach (var reference in config.Tags.Count > 0 ? config.Tags : [digest]) await registry.PushManifestAsync(reference, manifest, token).ConfigureAwait(false);
        return new PostProcessResult(new OciArtifact(repository, config, digest), KeepInput: true);
    }

    private static async Task PushAsync(OciRegistry registry, OciBlob blob, IUi ui, CancellationToken token)
    {
        var name = Path.GetFileName(blob.Path);
        if (await registry.HasBlobAsync(blob.Digest, token).ConfigureAwait(false))
        {
            ui.Message($"{name}: the registry has it already");
            return;
        }
        await registry.PushBlobAsync(blob.Digest, blob.Size, Open, token).ConfigureAwait(false);

        Stream Open() => ui.TrackProgress(name, 0, blob.Size, new FileStream(blob.Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.SequentialScan | FileOptions.Asynchronous));
    }
}
