using System.Globalization;

namespace Packer.PostProcessors.Compress;

/// <summary>Compresses the files of an artifact, into an archive where they are several. The artifact is then the compressed file.</summary>
[PackerPostProcessor("compress")]
public sealed class CompressPostProcessor : PostProcessor<CompressConfig>
{
    private const string BuilderId = "packer.post-processor.compress";
    private const string UsualName = "packer_{{.BuildName}}_{{.BuilderType}}";
    private const string UsualFormat = "tar.gz";

    /// <inheritdoc />
    protected override void Validate(CompressConfig config, ConfigValidation validation)
    {
        var name = config.OutputFile ?? "";
        var format = CompressFormat.TryParse(config.Format ?? (name.Length == 0 ? UsualFormat : name));
        if (format is null && config.Format is not null)
        {
            validation.Error(DiagnosticCodes.CompressionUnknown, nameof(CompressConfig.Format), Unknown("Format", config.Format));
        }
        else if (format is null && !name.EndsWith("}}", StringComparison.Ordinal))
        {
            validation.Error(DiagnosticCodes.CompressionUnknown, nameof(CompressConfig.OutputFile), Unknown("OutputFile", name));
        }
        var highest = format?.MaximumLevel ?? 9;
        if (config.CompressionLevel < -1 || config.CompressionLevel > highest)
        {
            validation.Error(DiagnosticCodes.WrongValue, nameof(CompressConfig.CompressionLevel),
                string.Create(CultureInfo.InvariantCulture, $"'CompressionLevel' is {config.CompressionLevel}, but levels go from 1 to {highest}. Take one of these, or 0 for the usual one."));
        }
    }

    /// <inheritdoc />
    protected override async Task<PostProcessResult> ProcessAsync(CompressConfig config, BuildContext context, IArtifact artifact, CancellationToken token)
    {
        var name = context.Render(config.OutputFile ?? $"{UsualName}.{(config.Format ?? UsualFormat).TrimStart('.')}", new Dictionary<string, string>
        {
            ["BuildName"] = context.Image,
            ["BuilderType"] = context.BuilderType,
        });
        var format = CompressFormat.TryParse(config.Format ?? name) ?? throw new PackerException(DiagnosticCodes.CompressionUnknown, Unknown("OutputFile", name));
        var output = Path.GetFullPath(name, context.OutputDirectory);
        context.Ui.Say($"Compressing into {Path.GetFileName(output)}");
        var sha256 = await new FileCompressor(context.Ui.Message).CompressAsync(artifact.Files, output, format, config.CompressionLevel, token).ConfigureAwait(false);
        var state = new Dictionary<string, object?> { [ArtifactState.Sha256] = new Dictionary<string, string> { [output] = sha256 } };
        return new PostProcessResult(new Artifact(BuilderId, "", [output], state: state), KeepInput: false);
    }

    /// <summary>The message where a format is not known.</summary>
    internal static string Unknown(string key, string value) =>
        $"'{key}' is '{value}', whose ending names no archive or compression. Known are {CompressFormat.Known}.";
}
