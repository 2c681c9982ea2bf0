using System.Text;

namespace Packer.TestPlugin;

/// <summary>Makes an "image" of the app of the project: the list of its files, and a copy of its main assembly.</summary>
[PackerBuilder("content", TakesApp = true)]
public sealed class ContentBuilder : Builder<ContentConfig>
{
    /// <inheritdoc />
    protected override async Task<IArtifact?> BuildAsync(ContentConfig config, BuildContext context, CancellationToken token)
    {
        var path = Path.Combine(context.OutputDirectory, context.Image + ".content");
        var text = new StringBuilder(config.Note).Append('\n');
        if (context.App is { } app)
        {
            foreach (var file in Directory.EnumerateFiles(app.Directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                text.Append(Path.GetRelativePath(app.Directory, file)).Append('\n');
        }
        await File.WriteAllTextAsync(path, text.ToString(), token);
        return new Artifact("packer.test.content", context.Image, [path], "the content");
    }
}

/// <summary>The settings of the builder <c>content</c>.</summary>
public sealed record ContentConfig
{
    /// <summary>Text for the first line.</summary>
    public string Note { get; init; } = "";
}
