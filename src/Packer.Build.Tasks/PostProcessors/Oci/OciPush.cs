using Packer.Engine;

namespace Packer.PostProcessors.Oci;

/// <summary>Pushes files to a registry as one artifact (OCI Distribution Specification 1.1, "Pushing"). What the registry has is not sent again.</summary>
/// <param name="config">The settings, against which <see cref="Check"/> has nothing.</param>
/// <param name="say">Is told what is done.</param>
/// <param name="message">Is told details.</param>
internal sealed class OciPush(OciConfig config, Action<string> say, Action<string> message)
{
    /// <summary>Gives the SHA-256 of a file where it is known already, in lower-case hex.</summary>
    public Func<string, string?> Known { get; init; } = static _ => null;

    /// <summary>Watches how a file of a name and a length is read.</summary>
    public Func<string, long, Stream, Stream> Track { get; init; } = static (_, _, content) => content;

    /// <summary>What is wrong with settings: the code, the key and the message.</summary>
    public static IEnumerable<(string Code, string Key, string Message)> Check(OciConfig config)
    {
        var repository = OciRepository.TryParse(config.Repository);
        if (repository is null)
            yield return (DiagnosticCodes.WrongValue, nameof(OciConfig.Repository), $"'Repository' is '{config.Repository}', but a registry and a name in lower case are expected, without a tag, like 'registry.example.com:5000/images/web'.");
        if (config.Tags.FirstOrDefault(tag => !OciRepository.IsTag(tag)) is { } wrong)
            yield return (DiagnosticCodes.WrongValue, nameof(OciConfig.Tags), $"'Tags' holds '{wrong}', but a tag has letters, digits, '_', '.' and '-', at most 128, and begins with one of the first three.");
        if (config.Username is null != config.Password is null)
            yield return (DiagnosticCodes.RequiredKeyMissing, config.Username is null ? nameof(OciConfig.Password) : nameof(OciConfig.Username), "'Username' and 'Password' belong together. Set both or none.");
        if (config.PlainHttp && config.Password is not null && repository?.IsLoopback == false)
            yield return (DiagnosticCodes.WrongValue, nameof(OciConfig.PlainHttp), $"'PlainHttp' would send the password to '{repository.Host}' so that everybody between can read it. Give the registry TLS and remove 'PlainHttp', or remove the password.");
    }

    /// <summary>Pushes the files and returns the digest of the artifact.</summary>
    /// <param name="files">The files; a folder stands for all files below it.</param>
    /// <param name="token">Ends the work; what was pushed stays, and no tag leads to it.</param>
    /// <exception cref="PackerException">There is nothing to push, or the registry refuses.</exception>
    public async Task<string> RunAsync(IEnumerable<string> files, CancellationToken token)
    {
        var repository = OciRepository.TryParse(config.Repository)!;
        var blobs = new List<OciBlob>();
        foreach (var path in files.SelectMany(ArtifactFiles.Expand))
        {
            var sha256 = Known(path) ?? (await Engine.Checksum.ComputeAsync(ChecksumKind.Sha256, path, token).ConfigureAwait(false)).Hex;
            blobs.Add(new OciBlob(path, $"sha256:{sha256}", new FileInfo(path).Length));
        }
        if (blobs.Count == 0) throw new PackerException(DiagnosticCodes.NothingToPush, "The artifact has no files that could be pushed. Put 'oci' behind a builder or post-processor that makes files.");

        using var registry = new OciRegistry(repository, config);
        say($"Pushing to {repository}");
        foreach (var blob in blobs) await PushAsync(registry, blob, token).ConfigureAwait(false);
        var empty = OciManifest.EmptyConfiguration;
        if (!await registry.HasBlobAsync(OciManifest.DigestOf(empty), token).ConfigureAwait(false))
            await registry.PushBlobAsync(OciManifest.DigestOf(empty), empty.Length, () => new MemoryStream(empty), token).ConfigureAwait(false);

        // Last: whoever follows a tag finds the old artifact whole until the new one is.
        var manifest = OciManifest.Create(config, blobs);
        var digest = OciManifest.DigestOf(manifest);
        foreach (var reference in config.Tags.Count > 0 ? config.Tags : [digest]) await registry.PushManifestAsync(reference, manifest, token).ConfigureAwait(false);
        return digest;
    }

    private async Task PushAsync(OciRegistry registry, OciBlob blob, CancellationToken token)
    {
        var name = Path.GetFileName(blob.Path);
        if (await registry.HasBlobAsync(blob.Digest, token).ConfigureAwait(false))
        {
            message($"{name}: the registry has it already");
            return;
        }
        await registry.PushBlobAsync(blob.Digest, blob.Size, Open, token).ConfigureAwait(false);

        Stream Open() => Track(name, blob.Size, new FileStream(blob.Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.SequentialScan | FileOptions.Asynchronous));
    }
}
