using Packer.Engine;
using Packer.Imaging;

namespace Packer.PostProcessors.Convert;

/// <summary>Writes the disks of an artifact in other formats.</summary>
[PackerPostProcessor("convert")]
public sealed class ConvertPostProcessor : PostProcessor<ConvertConfig>
{
    private const string BuilderId = "packer.post-processor.convert";

    private static readonly StringComparer PathComparer = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <inheritdoc />
    protected override void Validate(ConvertConfig config, ConfigValidation validation)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(validation);
        if (config.Formats.Distinct(StringComparer.Ordinal).Count() > 1 && !config.OutputFile.Contains(".Format", StringComparison.Ordinal) && !config.OutputFile.Contains(".Extension", StringComparison.Ordinal))
            validation.Error(DiagnosticCodes.WrongValue, nameof(ConvertConfig.OutputFile), "the output has the same name for each of several formats. Put {{.Extension}} into 'OutputFile'.");
    }

    /// <inheritdoc />
    protected override async Task<PostProcessResult> ProcessAsync(ConvertConfig config, BuildContext context, IArtifact artifact, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(artifact);
        var kind = DiskFormats.Kind(config.InputFormat);
        var disks = await Task.Run(() => DiskSelection.Find(artifact, config.Disks, kind), token).ConfigureAwait(false);
        var outputs = disks.ToDictionary(disk => disk, disk => Outputs(config, context, disk), PathComparer);
        CheckPlaces(outputs.Values.SelectMany(list => list), artifact);
        using var staged = new StagedDisks();
        foreach (var disk in disks)
        {
            context.Ui.Say($"Converting '{Path.GetFileName(disk)}' to {string.Join(", ", outputs[disk].Select(output => $"'{Path.GetFileName(output.Path)}'"))}");
            await staged.WriteAsync(disk, kind, outputs[disk], computeSha256: true, token).ConfigureAwait(false);
        }
        var written = staged.Publish();
        var made = new Artifact(BuilderId, context.Image, [.. written.Select(file => file.Path)], state: new Dictionary<string, object?>
        {
            [ArtifactState.Sha256] = written.ToDictionary(file => file.Path, file => file.Sha256!, StringComparer.Ordinal),
        });
        // What was not converted stands for something that is nowhere else.
        return new PostProcessResult(made, KeepInput: disks.Count < artifact.Files.Count);
    }

    private static List<DiskOutput> Outputs(ConvertConfig config, BuildContext context, string disk)
    {
        var name = DiskNames.WithoutExtension(disk);
        return [.. config.Formats.Distinct(StringComparer.Ordinal).Select(format => new DiskOutput(
            DiskFormats.Create(format, config.Qcow2Compression, config.VhdType, DiskNames.Identity(name)),
            Path.GetFullPath(context.Render(config.OutputFile, new Dictionary<string, string>
            {
                ["BuildName"] = context.Image,
                ["BuilderType"] = context.BuilderType,
                ["SourceName"] = name,
                ["Format"] = format,
                ["Extension"] = DiskFormats.Extension(format),
            }), context.OutputDirectory)))];
    }

    /// <summary>No file is written twice, and none over what it is made of.</summary>
    private static void CheckPlaces(IEnumerable<DiskOutput> outputs, IArtifact artifact)
    {
        var taken = new HashSet<string>(PathComparer);
        foreach (var path in outputs.Select(output => output.Path))
        {
            if (artifact.Files.Contains(path, PathComparer))
                throw new PackerException(DiagnosticCodes.DiskNotConverted, $"'{path}' would be written over a file of the artifact that is converted. Give it another name with 'OutputFile', such as '{{{{.SourceName}}}}-converted.{{{{.Extension}}}}'.");
            if (!taken.Add(path))
                throw new PackerException(DiagnosticCodes.DiskNotConverted, $"'{path}' would be written twice. Put {{{{.SourceName}}}} and {{{{.Extension}}}} into 'OutputFile'.");
        }
    }
}
