using System.Text.Json.Nodes;

namespace Packer.Configuration;

/// <summary>One run of the decoder over one config: records, and the choice among layers. Values are in the other parts.</summary>
internal sealed partial class DecodePass(ConfigTypes types, DecodeContext context, IReadOnlyDictionary<string, string>? storedSecrets)
{
    /// <summary>Keys that begin so come from the engine and are never unknown.</summary>
    public const string InjectedPrefix = "packer_";

    private readonly List<ConfigDiagnostic> _diagnostics = [];
    private readonly List<ConfigInput> _inputs = [];
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

        var config = ConfigTypes.Create(type);
        return Result(config, new MergedConfig(DecodeRecord(types.Describe(type), config, entries, null, "")));
    }

    /// <summary>Decodes a merged config.</summary>
    public DecodeResult Decode(Type type, MergedConfig merged)
    {
        var entries = new List<ConfigEntry>(merged.Values.Count);
        foreach (var value in merged.Values)
        {
            entries.Add(new ConfigEntry(value.Key, new ConfigSource(value.Origin, null, null), null, value.Value));
        }

        var config = ConfigTypes.Create(type);
        DecodeRecord(types.Describe(type), config, [entries], null, "");
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
                throw new InvalidOperationException($"'{field.Property.Name}' of '{record.Type}' is nested: [NotPartOfImage] has no effect there. Move it to the outer record.");
            }

            if (DecodeField(field, instance, written[field.Index], parent, parentPath) is { } value)
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
                        $"{entry.Source.DisplayName} and '{values[^1].Source.Origin.Key}' are one and the same key, '{field.Name}'. Keep one of the two.");
                    continue;
                }

                layerOf[field.Index] = layer + 1;
                values.Add(new RawValue(entry, parentPath + field.Name));
            }
        }

        return written;
    }

    private MergedValue? DecodeField(ConfigField field, object instance, List<RawValue>? written, ConfigSource? parent, string parentPath)
    {
        var outer = _field;
        _field = field;
        var value = DecodeField(field, Holder(field, instance), written, parentPath, parent);
        _field = outer;
        return value;
    }

    private MergedValue? DecodeField(ConfigField field, object holder, List<RawValue>? written, string parentPath, ConfigSource? parent)
    {
        List<ConfigOrigin>? origins = null;
        var outcome = written is null ? Outcome.NotSet : DecodeLayers(field, field.Property.GetValue(holder), written, out origins);
        if (field.IsRequired && IsMissing(outcome))
        {
            ReportMissing(field, parent);
            return null;
        }

        if (outcome.Kind == OutcomeKind.NotSet)
        {
            outcome = DecodeDefault(field, field.Property.GetValue(holder), parentPath);
            origins = [new ConfigOrigin(ConfigLayerKind.Defaults, field.Name)];
        }

        if (outcome.Kind == OutcomeKind.Set)
        {
            field.Property.SetValue(holder, outcome.Value);
        }

        return outcome.Canonical is null ? null : new MergedValue(field.Name, outcome.Canonical, origins!, field.IsPartOfImage);
    }

    private Outcome DecodeLayers(ConfigField field, object? current, List<RawValue> written, out List<ConfigOrigin> origins)
    {
        origins = [];
        switch (field.ValueType.Shape)
        {
            case ConfigShape.Map or ConfigShape.Record:
                var raws = new List<RawValue>(written.Count + 1);
                foreach (var raw in written)
                {
                    origins.Add(raw.Source.Origin);
                    raws.Add(raw);
                }

                if (field.ValueType.Shape == ConfigShape.Record)
                {
                    return DecodeNested(raws, field.ValueType, current);
                }

                if (CanonicalValue.OfDefault(current, field.ValueType, field.LateFields is not null, types) is { } initial)
                {
                    var origin = new ConfigOrigin(ConfigLayerKind.Defaults, field.Name);
                    raws.Insert(0, new RawValue(initial, new ConfigSource(origin, null, null), written[0].Path));
                    if (!IsStored)
                    {
                        origins.Insert(0, origin);
                    }
                }

                return DecodeMap(raws, field.ValueType, field);
            default:
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
    }

    /// <summary>A default is taken as it is; only paths must be made full like written ones.</summary>
    private Outcome DecodeDefault(ConfigField field, object? value, string parentPath)
    {
        var canonical = CanonicalValue.OfDefault(value, field.ValueType, field.LateFields is not null, types);
        if (canonical is null || field.PathKind == ConfigPathKind.None)
        {
            return new Outcome(OutcomeKind.NotSet, null, canonical);
        }

        var source = new ConfigSource(new ConfigOrigin(ConfigLayerKind.Defaults, field.Name), null, null);
        return Decode(new RawValue(canonical, source, parentPath + field.Name), field.ValueType, field);
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

            IEnumerable<JsonNode?> items = json is JsonArray array ? array : [json];
            foreach (var item in items)
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
        var canonical = new List<KeyValuePair<string, JsonNode?>>();
        foreach (var value in DecodeRecord(types.Describe(type.Type), instance, layers, source, raws[^1].Path + "/"))
        {
            canonical.Add(new(value.Key, value.Value));
        }

        return new Outcome(OutcomeKind.Set, instance, CanonicalValue.Sorted(canonical));
    }

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
