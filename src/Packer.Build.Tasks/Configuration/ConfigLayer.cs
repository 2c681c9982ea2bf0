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

    /// <summary>What a step's <c>Override</c> says for one image.</summary>
    Override,

    /// <summary>A property <c>Packer&lt;Key&gt;</c> given on the command line.</summary>
    GlobalProperty,

    /// <summary>The <c>packer_*</c> keys that the engine adds.</summary>
    Injected,
}

/// <summary>
/// A key of a layer as the user wrote it; the caller finds the place in a file by it. In a layer of properties the key has its prefix <c>Packer</c>.
/// </summary>
internal sealed record ConfigOrigin(ConfigLayerKind Layer, string Key);

/// <summary>One key of a layer: either text of the project file or JSON. No record: its text would show secrets.</summary>
internal sealed class ConfigEntry(string key, ConfigSource source, ConfigText? text, JsonNode? json)
{
    /// <summary>The key, without a property's prefix.</summary>
    public string Key { get; } = key;

    /// <summary>Where the value comes from.</summary>
    public ConfigSource Source { get; } = source;

    /// <summary>The value of a layer made of text; null in a layer made of JSON.</summary>
    public ConfigText? Text { get; } = text;

    /// <summary>The value of a layer made of JSON.</summary>
    public JsonNode? Json { get; } = json;

    /// <summary>False: the same as not written.</summary>
    public bool IsSet => Text is not null ? !Text.IsEmpty : Json is not null;
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
        _entries.Add(new ConfigEntry(key, Source(key, null), text, null));
        return this;
    }

    /// <summary>Adds a JSON value. Null means "not set"; an empty string is a value.</summary>
    public ConfigLayer Add(string key, JsonNode? json, SourceLocation? location = null)
    {
        _entries.Add(new ConfigEntry(key, Source(key, location), null, json));
        return this;
    }

    private ConfigSource Source(string key, SourceLocation? location)
    {
        var written = Kind is ConfigLayerKind.ProjectProperty or ConfigLayerKind.GlobalProperty ? "Packer" + key : key;
        return new ConfigSource(new ConfigOrigin(Kind, written), Description, location);
    }
}
