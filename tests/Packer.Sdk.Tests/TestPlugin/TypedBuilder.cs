namespace Packer.TestPlugin;

/// <summary>Writes its settings to a file; it has a key of every kind, so that every kind can be wrong.</summary>
[PackerBuilder("typed")]
public sealed class TypedBuilder : Builder<TypedConfig>
{
    /// <inheritdoc />
    protected override async Task<IArtifact?> BuildAsync(TypedConfig config, BuildContext context, CancellationToken token)
    {
        var path = Path.Combine(context.OutputDirectory, context.Image + ".txt");
        var tags = string.Join(",", config.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"));
        await File.WriteAllTextAsync(path, $"count={config.Count} enabled={config.Enabled} wait={config.Wait} size={config.DiskSize.Bytes} mode={config.Mode} ports={string.Join(",", config.Ports)} words={string.Join("|", config.Words)} tags={tags} note={config.Note}\n", token);
        return new Artifact("packer.test.typed", context.Image, [path], "the settings");
    }

    /// <inheritdoc />
    protected override void Validate(TypedConfig config, ConfigValidation validation)
    {
        if (config.Note == "throw") throw new InvalidOperationException("The check of the plugin is broken.");
    }
}

/// <summary>The settings of the builder <c>typed</c>.</summary>
public sealed record TypedConfig
{
    /// <summary>A whole number.</summary>
    [ConfigRange(1, 16)]
    public int Count { get; init; } = 1;

    /// <summary>A boolean.</summary>
    public bool Enabled { get; init; }

    /// <summary>A duration.</summary>
    [NotPartOfImage]
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A size.</summary>
    public ByteSize DiskSize { get; init; } = new(1 << 20);

    /// <summary>An enumeration.</summary>
    public TypedMode Mode { get; init; }

    /// <summary>A list of numbers.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>A map.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>A text with a name of former times.</summary>
    [ConfigDeprecated("remark")]
    public string Note { get; init; } = "";
}

/// <summary>An enumeration.</summary>
public enum TypedMode
{
    /// <summary>The first.</summary>
    Fast,

    /// <summary>The second.</summary>
    Thorough,
}
