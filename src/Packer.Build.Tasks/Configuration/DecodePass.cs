using System.Text.Json.Nodes;

namespace Packer.Configuration;

/// <summary>One run of the decoder over one config: records, and the choice among layers. Values are in the other parts.</summary>
internal sealed partial class DecodePass(ConfigTypes types, DecodeContext context, IReadOnlyDictionary<string, string>? storedSecrets)
{
    /// <summary>Keys that begin so come from the engine and are never unknown.</summary>
    public const string InjectedPrefix = "packer_";

    private readonly List<ConfigDiagnostic> _diagnostics = [];
    private readonly List<ConfigInput> _inputs = [];
    private readonly HashSet<string> _fullPaths = new(StringComparer.Ordinal);
    private bool _hasUnknownInputs;
    private readonly List<ConfigOrigin> _unknownProperties = [];
    private readonly List<string> _artifactReferences = [];
    private readonly Dictionary<string, string> _literalSecrets = new(StringComparer.Ordinal);

    // The innermost field at work: it says whether values may be quoted.
    private ConfigField? _field;

    private bool IsStored => storedSecrets is not null;

    /// <summary>Decodes layers.</summary>
    public DecodeResult Decode(Type type, IReadOnlyList<ConfigLayer> layers)
    {
        var entries = new List<IReadOnlyList<ConfigEntry>>(layers.Count);
        foreach (var layer in layers)
        {
            entries.Add(layer.Entries);
        }

        var record = types.Describe(type);
        var config = ConfigTypes.Create(type);
        return Result(config, new MergedConfig(DecodeRecord(record, config, entries, null, "")));
    }

    /// <summary>Decodes a merged config.</summary>
    public DecodeResult Decode(Type type, MergedConfig merged)
    {
        var entries = new List<ConfigEntry>(merged.Values.Count);
        foreach (var value in merged.Values)
        {
            entries.Add(new ConfigEntry(value.Key, new ConfigSource(value.Origin, null, null), null, value.Value));
        }

        var record = types.Describe(type);
        var config = ConfigTypes.Create(type);
        DecodeRecord(record, config, [entries], null, "");
        return Result(config, merged);
    }

    /// <summary>The value of a field of a record; the holders on the way are made where they are missing.</summary>
    public static object? Get(ConfigField field, object record) => field.Property.GetValue(Holder(field, record));

    /// <summary>Makes the first letter a capital one.</summary>
    public static string Capitalize(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private DecodeResult Result(object config, MergedConfig merged) => new()
    {
        Config = config,
        Merged = merged,
        Diagnostics = _diagnostics,
        Inputs = _inputs,
        FullPaths = [.. _fullPaths],
        HasUnknownInputs = _hasUnknownInputs,
        LiteralSecrets = _literalSecrets,
        UnknownProperties = _unknownProperties,
        ArtifactReferences = _artifactReferences,
    };

    private List<MergedValue> DecodeRecord(
        ConfigRecordType record, object instance, List<IReadOnlyList<ConfigEntry>> layers, ConfigSource? parent, string parentPath)
    {
        var written = Assign(record, layers, parent, parentPath);
        var values = new List<MergedValue>(record.Fields.Count);
        foreach (var field in record.Fields)
        {
            if (parent is not null && !field.IsPartOfImage)
            {
                throw new InvalidOperationException(
                    $"'{field.Property.Name}' of '{record.Type}' is nested: [NotPartOfImage] has no effect there. Move it to the outer record.");
            }

            var outer = _field;
            _field = field;
            var value = DecodeField(record, field, instance, written[field.Index], parent, parentPath);
            _field = outer;
            if (value is not null)
            {
                values.Add(value);
            }
        }

        return values;
    }

    /// <summary>Finds the field of each key of each layer, and reports keys that are unknown, old or written twice.</summary>
    private List<RawValue>?[] Assign(ConfigRecordType record, List<IReadOnlyList<ConfigEntry>> layers, ConfigSource? parent, string parentPath)
    {
        var written = new List<RawValue>?[record.Fields.Count];
        var layerOf = new int[record.Fields.Count];
        for (var layer = 0; layer < layers.Count; layer++)
        {
            foreach (var entry in layers[layer])
            {
                var field = record.Find(entry.Key, out var isOldKey);
                if (field is null)
                {
                    ReportUnknown(entry, record, parent);
                    continue;
                }

                if (!entry.IsSet || (entry.Text is { IsBlank: true } && field.ValueType.Shape is not (ConfigShape.Text or ConfigShape.Secret)))
                {
                    continue;
                }

                if (isOldKey)
                {
                    Warn(DiagnosticCodes.DeprecatedKey, entry.Source,
                        $"{entry.Source.DisplayName} is deprecated. Write '{KeyName.InStyleOf(entry.Key, field.Name)}' instead.");
                }

                var values = written[field.Index] ??= [];
                if (layerOf[field.Index] == layer + 1)
                {
                    Error(DiagnosticCodes.ConflictingKeys, entry.Source,
                        $"{entry.Source.DisplayName} and '{values[^1].Source.Key}' are one and the same key, '{field.Name}'. Keep one of the two.");
                    continue;
                }

                layerOf[field.Index] = layer + 1;
                values.Add(new RawValue(entry, parentPath + field.Name));
            }
        }

        return written;
    }

    private MergedValue? DecodeField(
        ConfigRecordType record, ConfigField field, object instance, List<RawValue>? written, ConfigSource? parent, string parentPath)
    {
        // A nested record may come from an initializer with defaults of its own; the outermost one never does.
        var initial = parent is null
            ? types.Default(record, field)
            : CanonicalValue.OfDefault(Get(field, instance), field.ValueType, field.LateFields is not null, types);
        List<ConfigOrigin>? origins = null;
        var outcome = written is null ? Outcome.NotSet : DecodeLayers(field, instance, initial, written, out origins);
        if (field.IsRequired && IsMissing(outcome))
        {
            ReportMissing(field, parent);
            return null;
        }

        if (outcome.Kind == OutcomeKind.NotSet)
        {
            outcome = DecodeDefault(field, initial, parentPath);
            origins = [new ConfigOrigin(ConfigLayerKind.Defaults, field.Name)];
        }

        if (outcome.Kind == OutcomeKind.Set)
        {
            field.Property.SetValue(Holder(field, instance), outcome.Value);
        }

        return outcome.Canonical is null ? null : new MergedValue(field.Name, outcome.Canonical, origins!, field.IsPartOfImage);
    }

    private Outcome DecodeLayers(ConfigField field, object instance, JsonNode? initial, List<RawValue> written, out List<ConfigOrigin> origins)
    {
        origins = [];
        if (field.ValueType.Shape is ConfigShape.Map or ConfigShape.Record)
        {
            foreach (var raw in written)
            {
                origins.Add(raw.Source.Origin);
            }

            return field.ValueType.Shape == ConfigShape.Record
                ? DecodeNested(written, field.ValueType, Get(field, instance))
                : DecodeMapLayers(field, initial, written, origins);
        }

        for (var index = written.Count - 1; index >= 0; index--)
        {
            var outcome = Decode(written[index], field.ValueType, field);
            if (outcome.Kind != OutcomeKind.NotSet)
            {
                origins.Add(written[index].Source.Origin);
                return outcome;
            }
        }

        return Outcome.NotSet;
    }

    /// <summary>The default of a map is its lowest layer; a merged config holds it already.</summary>
    private Outcome DecodeMapLayers(ConfigField field, JsonNode? initial, List<RawValue> written, List<ConfigOrigin> origins)
    {
        if (initial is not null && !IsStored)
        {
            var origin = new ConfigOrigin(ConfigLayerKind.Defaults, field.Name);
            origins.Insert(0, origin);
            written.Insert(0, new RawValue(initial, new ConfigSource(origin, null, null), written[0].Path));
        }

        return DecodeMap(written, field.ValueType, field);
    }

    /// <summary>A default is taken as it is; only paths must be made full like written ones.</summary>
    private Outcome DecodeDefault(ConfigField field, JsonNode? initial, string parentPath)
    {
        if (initial is null || field.PathKind == ConfigPathKind.None)
        {
            return new Outcome(OutcomeKind.NotSet, null, initial);
        }

        var source = new ConfigSource(new ConfigOrigin(ConfigLayerKind.Defaults, field.Name), null, null);
        return Decode(new RawValue(initial, source, parentPath + field.Name), field.ValueType, field);
    }

    private Outcome Decode(RawValue raw, ConfigValueType type, ConfigField field) => type.Shape switch
    {
        ConfigShape.List => DecodeList(raw, type, field),
        ConfigShape.Map => DecodeMap([raw], type, field),
        ConfigShape.Record => DecodeNested([raw], type, null),
        _ => DecodeScalar(raw, type, field),
    };

    /// <summary>A record inside a record: the layers' objects are merged key by key.</summary>
    private Outcome DecodeNested(List<RawValue> raws, ConfigValueType type, object? current)
    {
        var layers = new List<IReadOnlyList<ConfigEntry>>();
        foreach (var raw in raws)
        {
            if (!TryParseNested(raw, type, out var json))
            {
                return Outcome.Failed;
            }

            foreach (var item in Objects(json))
            {
                if (item is not JsonObject map)
                {
                    ReportWrong(raw, type);
                    return Outcome.Failed;
                }

                var entries = new List<ConfigEntry>(map.Count);
                foreach (var (key, value) in map)
                {
                    entries.Add(new ConfigEntry(key, raw.Source.Child(key), null, value));
                }

                layers.Add(entries);
            }
        }

        var instance = current ?? ConfigTypes.Create(type.Type);
        var source = raws[^1].Source;
        var canonical = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var value in DecodeRecord(types.Describe(type.Type), instance, layers, source, raws[^1].Path + "/"))
        {
            canonical.Add(value.Key, value.Value);
        }

        return new Outcome(OutcomeKind.Set, instance, CanonicalValue.Sorted(canonical));
    }

    /// <summary>A list of objects stands for all of them in order.</summary>
    private static JsonNode?[] Objects(JsonNode? json) => json is JsonArray array ? [.. array] : new[] { json };

    private static bool IsMissing(Outcome outcome) =>
        outcome.Kind == OutcomeKind.NotSet || (outcome.Kind == OutcomeKind.Set && outcome.Value is null or "" or System.Collections.ICollection { Count: 0 });

    private static object Holder(ConfigField field, object record)
    {
        foreach (var squashed in field.Holders)
        {
            var inner = squashed.GetValue(record);
            if (inner is null)
            {
                inner = ConfigTypes.Create(squashed.PropertyType);
                squashed.SetValue(record, inner);
            }

            record = inner;
        }

        return record;
    }
}
