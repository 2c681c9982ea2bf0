using System.Text.Json;
using System.Text.Json.Nodes;

namespace Packer.Configuration;

/// <summary>One key of a merged config.</summary>
/// <param name="Key">The canonical key in snake_case.</param>
/// <param name="Value">
/// The canonical value. Strings are in template form: what is known is rendered, what is known only while the image is built is kept as <c>{{ }}</c>.
/// A secret is its reference, or <c>{"literal":true}</c>.
/// </param>
/// <param name="Origins">Where it was written, lowest layer first; more than one only where maps or nested records were merged.</param>
/// <param name="PartOfImage">False: the value is left out of the hash.</param>
internal sealed record MergedValue(string Key, JsonNode Value, IReadOnlyList<ConfigOrigin> Origins, bool PartOfImage)
{
    /// <summary>The layer that had the last word.</summary>
    public ConfigOrigin Origin => Origins[^1];
}

/// <summary>
/// The config of a component after merging: canonical keys in ordinal order. The plan holds it, inspection shows it, and <see cref="ConfigDecoder.FromMerged"/>
/// decodes it again. It never holds a secret. A literal secret leaves only a mark, no hash of it either (a weak password could be found from its hash):
/// so changing a literal secret makes no image out of date.
/// </summary>
internal sealed class MergedConfig
{
    private readonly Dictionary<string, MergedValue> _byKey;

    public MergedConfig(IEnumerable<MergedValue> values)
    {
        var sorted = new List<MergedValue>(values);
        sorted.Sort(static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        Values = sorted;
        _byKey = new Dictionary<string, MergedValue>(sorted.Count, StringComparer.Ordinal);
        foreach (var value in sorted)
        {
            _byKey.Add(value.Key, value);
        }
    }

    /// <summary>The keys in ordinal order.</summary>
    public IReadOnlyList<MergedValue> Values { get; }

    /// <summary>The value of a canonical key, or null.</summary>
    public MergedValue? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>Writes all of it as one JSON object; <see cref="Read"/> reads it.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var value in Values)
        {
            writer.WriteStartObject(value.Key);
            writer.WritePropertyName("value");
            value.Value.WriteTo(writer);
            writer.WriteStartArray("from");
            foreach (var origin in value.Origins)
            {
                writer.WriteStartObject();
                writer.WriteString("layer", LayerName(origin.Layer));
                writer.WriteString("key", origin.Key);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (!value.PartOfImage)
            {
                writer.WriteBoolean("part_of_image", false);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>
    /// Writes what makes the image as one JSON object, key → value: no layers, and nothing that is marked with <see cref="NotPartOfImageAttribute"/>.
    /// Equal configs give equal bytes.
    /// </summary>
    public void WriteImageTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var value in Values)
        {
            if (value.PartOfImage)
            {
                writer.WritePropertyName(value.Key);
                value.Value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote.</summary>
    /// <exception cref="FormatException">The object is not of that form.</exception>
    public static MergedConfig Read(JsonObject json)
    {
        var values = new List<MergedValue>(json.Count);
        foreach (var (key, node) in json)
        {
            if (node is not JsonObject entry || entry["value"] is not { } value || entry["from"] is not JsonArray { Count: > 0 } from)
            {
                throw new FormatException($"The key '{key}' of the plan is not of the form expected.");
            }

            var origins = new List<ConfigOrigin>(from.Count);
            foreach (var origin in from)
            {
                origins.Add(origin is JsonObject && Text(origin["layer"]) is { } layer && Text(origin["key"]) is { } written
                    ? new ConfigOrigin(LayerKind(layer), written)
                    : throw new FormatException($"A layer of the key '{key}' of the plan is not of the form expected."));
            }

            values.Add(new MergedValue(key, value.DeepClone(), origins, entry["part_of_image"]?.GetValueKind() != JsonValueKind.False));
        }

        return new MergedConfig(values);
    }

    /// <summary>The name of a layer in a plan and for inspection.</summary>
    internal static string LayerName(ConfigLayerKind kind) => kind switch
    {
        ConfigLayerKind.Defaults => "default",
        ConfigLayerKind.ProjectProperty => "property",
        ConfigLayerKind.Item => "item",
        ConfigLayerKind.ConfigFile => "config_file",
        ConfigLayerKind.Override => "override",
        ConfigLayerKind.GlobalProperty => "global_property",
        _ => "injected",
    };

    private static ConfigLayerKind LayerKind(string name) => name switch
    {
        "default" => ConfigLayerKind.Defaults,
        "property" => ConfigLayerKind.ProjectProperty,
        "item" => ConfigLayerKind.Item,
        "config_file" => ConfigLayerKind.ConfigFile,
        "override" => ConfigLayerKind.Override,
        "global_property" => ConfigLayerKind.GlobalProperty,
        "injected" => ConfigLayerKind.Injected,
        _ => throw new FormatException($"'{name}' is no layer."),
    };

    private static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? (string?)node : null;
}
