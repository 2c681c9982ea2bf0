using System.Text.Json.Nodes;

namespace Packer.Configuration;

/// <summary>Where a value was written; later kinds are meant to override earlier ones, but the order of the layers alone decides.</summary>
internal enum ConfigLayerKind
{
    /// <summary>The builder's own defaults.</summary>
    Defaults,

    /// <summary>A property <c>Packer&lt;Key&gt;</c> of the project.</summary>
    ProjectProperty,

    /// <summary>Metadata of the item.</summary>
    Item,

    /// <summary>The JSON file that the item's <c>ConfigFile</c> names.</summary>
    ConfigFile,

    /// <summary>A property <c>Packer&lt;Key&gt;</c> given on the command line.</summary>
    GlobalProperty,

    /// <summary>The <c>packer_*</c> keys that the engine adds.</summary>
    Injected,
}

/// <summary>
/// A key of a layer as the user wrote it; the caller finds the place in a file by it. In a layer of properties the key has its prefix <c>Packer</c>.
/// </summary>
internal readonly record struct ConfigOrigin(ConfigLayerKind Layer, string Key);

/// <summary>One key of a layer: either text of the project file or JSON. No record: its text would show secrets.</summary>
internal sealed class ConfigEntry
{
    /// <summary>The key, without a property's prefix.</summary>
    public required string Key { get; init; }

    /// <summary>Where the value comes from, key as written.</summary>
    public required ConfigOrigin Origin { get; init; }

    /// <summary>The value of a layer made of text; null in a layer made of JSON.</summary>
    public ConfigText? Text { get; init; }

    /// <summary>The value of a layer made of JSON.</summary>
    public JsonNode? Json { get; init; }

    /// <summary>The place of the key, where the layer itself knows it.</summary>
    public SourceLocation? Location { get; init; }

    /// <summary>What the user calls the layer's keys, such as <c>metadata 'Memory'</c>.</summary>
    public required string DisplayName { get; init; }
}

/// <summary>Keys and values of one kind and source. Layers are handed to the decoder in order; later ones override.</summary>
internal sealed class ConfigLayer
{
    private readonly List<ConfigEntry> _entries = [];

    /// <summary>Makes an empty layer.</summary>
    /// <param name="kind">Where the values were written.</param>
    /// <param name="description">For a <see cref="ConfigLayerKind.ConfigFile"/> the file's name as the user wrote it; else free text for messages, or null.</param>
    public ConfigLayer(ConfigLayerKind kind, string? description = null) => (Kind, Description) = (kind, description);

    public ConfigLayerKind Kind { get; }

    public string? Description { get; }

    public IReadOnlyList<ConfigEntry> Entries => _entries;

    /// <summary>
    /// Adds a value of the project file. The text is <em>escaped</em> as MSBuild keeps metadata and properties (<c>%3B</c> for a literal semicolon):
    /// make it by <see cref="ConfigText.FromEscaped"/>. Empty text means "not set". In a layer of properties the key has no prefix <c>Packer</c>.
    /// </summary>
    public ConfigLayer Add(string key, ConfigText text)
    {
        _entries.Add(new ConfigEntry { Key = key, Text = text, Origin = Origin(key), DisplayName = Display(key) });
        return this;
    }

    /// <summary>Adds a JSON value. Null means "not set"; an empty string is a value.</summary>
    public ConfigLayer Add(string key, JsonNode? json, SourceLocation? location = null)
    {
        _entries.Add(new ConfigEntry { Key = key, Json = json, Origin = Origin(key), DisplayName = Display(key), Location = location });
        return this;
    }

    /// <summary>Names a key for a message, such as <c>metadata 'Memory'</c>.</summary>
    internal static string Display(ConfigLayerKind kind, string? description, string writtenKey) => kind switch
    {
        ConfigLayerKind.Defaults => $"builder default '{writtenKey}'",
        ConfigLayerKind.ProjectProperty => $"property '{writtenKey}'",
        ConfigLayerKind.Item => $"metadata '{writtenKey}'",
        ConfigLayerKind.ConfigFile => $"key '{writtenKey}' of {(description is null ? "the ConfigFile" : $"'{description}'")}",
        ConfigLayerKind.GlobalProperty => $"command-line property '{writtenKey}'",
        _ => $"key '{writtenKey}'",
    };

    private ConfigOrigin Origin(string key) => new(Kind, Written(key));

    private string Display(string key) => Display(Kind, Description, Written(key));

    private string Written(string key) => Kind is ConfigLayerKind.ProjectProperty or ConfigLayerKind.GlobalProperty ? "Packer" + key : key;
}
