using Packer.Configuration;

namespace Packer.PostProcessors.Artifice;

/// <summary>Puts files in the place of the artifact's, such as those that a script made of them, so that the post-processors after it work on these.</summary>
[PackerPostProcessor("artifice")]
public sealed class ArtificePostProcessor : PostProcessor<ArtificeConfig>
{
    private const string BuilderId = "packer.post-processor.artifice";

    /// <inheritdoc />
    protected override Task<PostProcessResult> ProcessAsync(ArtificeConfig config, BuildContext context, IArtifact artifact, CancellationToken token)
    {
        var fields = new Dictionary<string, string> { ["BuildName"] = context.Image, ["BuilderType"] = context.BuilderType };
        var files = config.Files.Select(pattern => context.Render(pattern, fields)).SelectMany(pattern => Find(pattern, context.OutputDirectory)).Distinct(StringComparer.Ordinal).ToList();
        return Task.FromResult(new PostProcessResult(new Artifact(BuilderId, "", files), KeepInput: true));
    }

    private static List<string> Find(string pattern, string directory)
    {
        if (FileGlob.IsPattern(pattern))
        {
            var found = FileGlob.Expand(pattern, directory);
            return found.Count > 0 ? found : throw Missing($"no file matches '{pattern}'", directory);
        }
        var path = ConfigPaths.MakeFull(pattern, directory);
        return System.IO.File.Exists(path) || Directory.Exists(path) ? [path] : throw Missing($"there is no file '{path}'", directory);
    }

    private static PackerException Missing(string what, string directory) =>
        new(DiagnosticCodes.ArtificeFileMissing, $"The artifact is to have other files, but {what}. Correct 'Files', which is relative to '{directory}', or have a post-processor before this one make the file.");
}
