using Microsoft.Build.Framework;
using Packer.Engine.Planning;

namespace Packer.Builders.File;

/// <summary>Makes an image of one file, copied or written from a text: for trying out, and for files that others depend on.</summary>
[MSBuildMultiThreadableTask]
[PackerBuilder("file", Provisions = false)]
public sealed class FileBuilder : Builder<FileConfig>
{
    private const string BuilderId = "packer.file";
    private const string ArtifactName = "File";

    /// <inheritdoc />
    protected override void Validate(FileConfig config, ConfigValidation validation)
    {
        if (config is { Source: not null, Content: not null })
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(FileConfig.Content), "both 'Source' and 'Content' are set. Remove one of them.");
        if (config.TargetFile is { } target && (Path.IsPathRooted(target) || !PortablePath.IsWithin(Path.GetFullPath(target, Path.GetTempPath()), Path.GetTempPath())))
            validation.Error(DiagnosticCodes.FileTargetOutside, nameof(FileConfig.TargetFile), $"the target '{target}' leads out of the image's output folder. Give a path inside it; OutputDirectory moves the folder itself.");
    }

    /// <inheritdoc />
    protected override async Task<IArtifact?> BuildAsync(FileConfig config, BuildContext context, CancellationToken token)
    {
        var name = config.TargetFile ?? (config.Source is null ? context.Image : Path.GetFileName(config.Source));
        var path = Path.Combine(context.OutputDirectory, name.Replace('\\', '/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (config.Source is not null) await CopyAsync(config.Source, path, token).ConfigureAwait(false);
        else await System.IO.File.WriteAllTextAsync(path, config.Content ?? "", token).ConfigureAwait(false);
        // As Packer does: what is in such a file is nobody else's business unless its owner says so.
        if (!OperatingSystem.IsWindows()) System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        context.Ui.Message($"Wrote '{name}'.");
        return new Artifact(BuilderId, ArtifactName, [path], $"Stored file: {path}");
    }

    private static async Task CopyAsync(string source, string path, CancellationToken token)
    {
        try
        {
            await using var reader = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
            await using var writer = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16, FileOptions.Asynchronous);
            await reader.CopyToAsync(writer, token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new PackerException(DiagnosticCodes.InputMissing, $"The source '{source}' cannot be read: {exception.Message} Correct the key 'Source'.", exception);
        }
    }
}
