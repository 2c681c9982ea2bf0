using Packer;

namespace Company.Builder1;

/// <summary>Makes an image of a greeting.</summary>
[PackerBuilder("BUILDER_NAME", Provisions = false)]
public sealed class ImageBuilder : Builder<ImageConfig>
{
    // For ever the same: it is how others recognise what this builder makes.
    private const string BuilderId = "Company.Builder1.BUILDER_NAME";

    /// <inheritdoc />
    protected override async Task<IArtifact?> BuildAsync(ImageConfig config, BuildContext context, CancellationToken token)
    {
        context.Ui.Say($"Greeting {config.Greet}");
        // The folder is empty, and becomes the output folder only when all has succeeded.
        var path = Path.Combine(context.OutputDirectory, context.Image + ".txt");
        await File.WriteAllTextAsync(path, $"Hello, {config.Greet}!\n", token);
        return new Artifact(BuilderId, context.Image, [path]);
    }
}
