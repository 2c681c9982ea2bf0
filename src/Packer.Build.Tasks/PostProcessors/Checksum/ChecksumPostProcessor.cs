namespace Packer.PostProcessors.Checksum;

/// <summary>Writes checksums of the files of an artifact into a file beside them. A second run replaces it.</summary>
[PackerPostProcessor("checksum")]
public sealed class ChecksumPostProcessor : PostProcessor<ChecksumConfig>
{
    private const string BuilderId = "packer.post-processor.checksum";

    /// <inheritdoc />
    protected override void Validate(ChecksumConfig config, ConfigValidation validation)
    {
        if (config.ChecksumTypes.Distinct(StringComparer.Ordinal).Count() > 1 && !config.OutputFile.Contains(".ChecksumType", StringComparison.Ordinal))
            validation.Error(DiagnosticCodes.WrongValue, nameof(ChecksumConfig.OutputFile), "the output has the same name for each of several kinds of checksums. Put {{.ChecksumType}} into 'OutputFile'.");
    }

    /// <inheritdoc />
    protected override async Task<PostProcessResult> ProcessAsync(ChecksumConfig config, BuildContext context, IArtifact artifact, CancellationToken token)
    {
        var files = new List<string>(artifact.Files);
        foreach (var type in config.ChecksumTypes.Distinct(StringComparer.Ordinal))
        {
            var path = Path.GetFullPath(context.Render(config.OutputFile, new Dictionary<string, string>
            {
                ["BuildName"] = context.Image,
                ["BuilderType"] = context.BuilderType,
                [ChecksumFileWriter.TypeField] = type,
            }), context.OutputDirectory);
            await ChecksumFileWriter.WriteAsync(type, artifact.Files, path, token).ConfigureAwait(false);
            files.Add(path);
        }
        return new PostProcessResult(new Artifact(BuilderId, "Checksum", files), KeepInput: true, ForceKeepInput: true);
    }
}
