using System.Text;

namespace Packer.TestPlugin;

/// <summary>Makes an "image" of the app of the project: its main assembly, and the list of its files.</summary>
[PackerBuilder("content", TakesApp = true)]
public sealed class ContentBuilder : Builder<ContentConfig>
{
    /// <inheritdoc />
    protected override async Task<IArtifact?> BuildAsync(ContentConfig config, BuildContext context, CancellationToken token)
    {
        var list = Path.Combine(context.OutputDirectory, context.Image + ".list");
        var text = new StringBuilder(config.Note).Append('\n');
        var files = new List<string> { list };
        if (context.App is { } app)
        {
            foreach (var file in Directory.EnumerateFiles(app.Directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                text.Append(Path.GetRelativePath(app.Directory, file)).Append('\n');
            var assembly = Path.Combine(context.OutputDirectory, context.Image + ".content");
            File.Copy(Path.Combine(app.Directory, app.EntryPoint + ".dll"), assembly);
            files.Insert(0, assembly);
        }
        await File.WriteAllTextAsync(list, text.ToString(), token);
        context.Ui.Say($"Took the app for {context.App?.RuntimeIdentifier ?? "nothing"}.");
        return new Artifact("packer.test.content", context.Image, files, "the content");
    }
}

/// <summary>The settings of the builder <c>content</c>.</summary>
public sealed record ContentConfig
{
    /// <summary>Text for the first line.</summary>
    public string Note { get; init; } = "";
}
