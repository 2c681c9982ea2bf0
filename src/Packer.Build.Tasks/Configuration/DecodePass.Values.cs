using System.Collections;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Configuration.Templates;

namespace Packer.Configuration;

/// <summary>Scalars, lists and maps.</summary>
internal sealed partial class DecodePass
{
    private const string LiteralMark = "literal";

    private Outcome DecodeScalar(RawValue raw, ConfigValueType type, ConfigField field)
    {
        if (raw.Written is { } written)
        {
            return DecodeText(written, raw, type, field);
        }

        if (type.Shape == ConfigShape.Secret && IsStored && raw.Json is JsonObject)
        {
            return RestoreSecret(raw);
        }

        if (raw.Json is JsonValue && raw.Json.GetValueKind() is var kind && kind == JsonValueKind.String)
        {
            return DecodeText((string)raw.Json!, raw, type, field);
        }

        if (raw.Json is JsonValue && type.Shape == ConfigShape.Secret)
        {
            return DecodeText(raw.Json.GetValueKind() == JsonValueKind.Number ? ScalarDecoder.NumberText(raw.Json) : raw.Json.ToJsonString(), raw, type, field);
        }

        if (raw.Json is JsonValue && ScalarDecoder.TryFromJson(type, raw.Json, out var value))
        {
            return Finish(value!, raw, type, field);
        }

        ReportWrong(raw, type);
        return Outcome.Failed;
    }

    private Outcome DecodeText(string written, RawValue raw, ConfigValueType type, ConfigField field)
    {
        if (field.LateFields is not null && type.Shape == ConfigShape.Text)
        {
            return DecodeLate(written, raw, field.LateFields);
        }

        if (!TryRender(written, raw, out var rendered))
        {
            return Outcome.Failed;
        }

        if (type.Shape == ConfigShape.Secret)
        {
            return rendered.Text.Length == 0 && raw.EmptyIsUnset ? Outcome.NotSet : DecodeSecret(rendered, raw);
        }

        if (!rendered.IsComplete)
        {
            // A file whose path is known only while the image is built cannot be hashed before.
            _hasUnknownInputs |= field.PathKind is not (ConfigPathKind.None or ConfigPathKind.Path);
            var canonical = JsonValue.Create(rendered.Template);
            return type.Shape == ConfigShape.Text
                ? new Outcome(OutcomeKind.Set, rendered.Template, canonical)
                : new Outcome(OutcomeKind.Deferred, null, canonical);
        }

        if (type.Shape == ConfigShape.Text)
        {
            var isUnset = rendered.Text.Length == 0 && (raw.EmptyIsUnset || field.PathKind != ConfigPathKind.None);
            return isUnset ? Outcome.NotSet : Finish(rendered.Text, raw, type, field);
        }

        var text = rendered.Text.Trim();
        if (text.Length == 0 && (raw.EmptyIsUnset || type.IsNullable))
        {
            return Outcome.NotSet;
        }

        if (ScalarDecoder.TryFromText(type, text, out var value))
        {
            return Finish(value!, raw, type, field);
        }

        ReportWrong(raw, type);
        return Outcome.Failed;
    }

    /// <summary>Checks a decoded scalar and makes paths full.</summary>
    private Outcome Finish(object value, RawValue raw, ConfigValueType type, ConfigField field)
    {
        if (field.Choices is not null && value is string choice && !field.Choices.Contains(choice, StringComparer.Ordinal))
        {
            ReportWrong(raw, ScalarDecoder.OneOf(field.Choices), Suggestion.Nearest(choice, field.Choices));
            return Outcome.Failed;
        }

        if (field.Range is not null && ValueRange.Violation(field.Range, value) is { } allowed)
        {
            ReportWrong(raw, allowed, null);
            return Outcome.Failed;
        }

        if (field.PathKind != ConfigPathKind.None && value is string path)
        {
            return FinishPath(path, raw, field);
        }

        return new Outcome(OutcomeKind.Set, value, CanonicalValue.OfScalar(value, type));
    }

    private Outcome DecodeLate(string written, RawValue raw, IReadOnlyList<string> fields)
    {
        if (written.Length == 0 && raw.EmptyIsUnset)
        {
            return Outcome.NotSet;
        }

        try
        {
            context.Templates.Check(written, fields, _artifactReferences);
        }
        catch (TemplateException exception)
        {
            ReportTemplate(raw, exception);
            return Outcome.Failed;
        }

        return new Outcome(OutcomeKind.Set, written, JsonValue.Create(written));
    }

    private bool TryRender(string written, RawValue raw, out RenderedTemplate rendered)
    {
        rendered = default;
        try
        {
            rendered = context.Templates.Render(written, context.TemplateData, _artifactReferences);
        }
        catch (TemplateException exception)
        {
            ReportTemplate(raw, exception);
            return false;
        }

        if (!rendered.IsComplete && context.TemplatesMustBeComplete)
        {
            ReportIncomplete(raw);
            return false;
        }

        return true;
    }

    private Outcome DecodeSecret(RenderedTemplate rendered, RawValue raw)
    {
        if (rendered.IsComplete && Secret.IsReferenceText(rendered.Text))
        {
            if (rendered.Text.EndsWith(':'))
            {
                ReportWrong(raw, "'env:NAME' or 'file:PATH'", null);
                return Outcome.Failed;
            }

            return DecodeReference(rendered, raw);
        }

        if (!IsStored && rendered.IsComplete && rendered.Text.Length > 0)
        {
            Warn(DiagnosticCodes.LiteralSecret, raw.Source,
                $"{raw.Source.DisplayName} holds a secret itself, so it can be read in the project and in logs, and a change of it makes no image out of date. " +
                "Put it into an environment variable or a file, and write 'env:NAME' or 'file:PATH'.");
        }

        return KeepLiteral(rendered, raw);
    }

    private Outcome DecodeReference(RenderedTemplate rendered, RawValue raw)
    {
        try
        {
            var reference = Secret.Parse(rendered.Text, context.ProjectDirectory, context.GetEnvironmentVariable);
            return new Outcome(OutcomeKind.Set, reference, JsonValue.Create(rendered.Template));
        }
        catch (ArgumentException)
        {
            ReportWrong(raw, "'env:NAME' or 'file:PATH'", null);
            return Outcome.Failed;
        }
    }

    private Outcome KeepLiteral(RenderedTemplate rendered, RawValue raw)
    {
        _literalSecrets[raw.Path] = rendered.Template;
        return new Outcome(OutcomeKind.Set, Secret.FromLiteral(rendered.Text), new JsonObject { [LiteralMark] = true });
    }

    private Outcome RestoreSecret(RawValue raw)
    {
        if (!storedSecrets!.TryGetValue(raw.Path, out var literal))
        {
            Error(DiagnosticCodes.SecretUnresolved, raw.Source,
                $"{raw.Source.DisplayName} is a literal secret, which no plan keeps, and it was not handed over. Write 'env:NAME' or 'file:PATH' instead.");
            return Outcome.Failed;
        }

        return TryRender(literal, raw, out var rendered) ? KeepLiteral(rendered, raw) : Outcome.Failed;
    }

    private Outcome DecodeList(RawValue raw, ConfigValueType type, ConfigField field)
    {
        var element = type.Element!;
        var values = new List<object?>();
        var canonical = new JsonArray();
        var (failed, deferred) = (false, false);
        foreach (var item in Elements(raw, type, ref failed))
        {
            if (item.Json is null && item.Plain is null)
            {
                ReportWrong(item, element);
                failed = true;
                continue;
            }

            if (field.PathKind is ConfigPathKind.InputFiles or ConfigPathKind.InputPaths && TryExpand(item, field.PathKind == ConfigPathKind.InputPaths, canonical, values, out var expanded))
            {
                failed |= !expanded;
                continue;
            }

            var outcome = Decode(item, element, field);
            failed |= outcome.Kind == OutcomeKind.Failed;
            deferred |= outcome.Kind == OutcomeKind.Deferred;
            if (outcome.Kind is OutcomeKind.Set or OutcomeKind.Deferred)
            {
                values.Add(outcome.Value);
                canonical.Add(outcome.Canonical);
            }
        }

        if (failed)
        {
            return Outcome.Failed;
        }

        if (canonical.Count == 0 && raw.EmptyIsUnset)
        {
            return Outcome.NotSet;
        }

        return deferred ? new Outcome(OutcomeKind.Deferred, null, canonical) : new Outcome(OutcomeKind.Set, MakeList(type, values), canonical);
    }

    /// <summary>The elements of a list; what is no list is a list of one.</summary>
    private List<RawValue> Elements(RawValue raw, ConfigValueType type, ref bool failed)
    {
        var items = new List<RawValue>();
        if (raw.Text is { } text && type.Element!.IsScalar)
        {
            foreach (var part in text.SplitList())
            {
                items.Add(new RawValue(part, true, raw.Source.Element(items.Count), $"{raw.Path}/{items.Count}"));
            }

            return items;
        }

        if (raw.Plain is not null && type.Element!.IsScalar)
        {
            items.Add(new RawValue(raw.Plain, true, raw.Source, $"{raw.Path}/0"));
            return items;
        }

        if (!TryParseNested(raw, type, out var json))
        {
            failed = true;
            return items;
        }

        switch (json)
        {
            case JsonArray array:
                foreach (var node in array)
                {
                    items.Add(new RawValue(node, raw.Source.Element(items.Count), $"{raw.Path}/{items.Count}"));
                }

                break;
            case JsonObject { Count: 0 }:
            case JsonValue when json.GetValueKind() == JsonValueKind.String && ((string)json!).Length == 0:
                break;
            default:
                items.Add(new RawValue(json, raw.Source, $"{raw.Path}/0"));
                break;
        }

        return items;
    }

    private Outcome DecodeMap(List<RawValue> raws, ConfigValueType type, ConfigField field)
    {
        var merged = new Dictionary<string, RawValue>(StringComparer.Ordinal);
        var failed = false;
        foreach (var raw in raws)
        {
            failed |= !TryMerge(raw, type, merged);
        }

        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), type.Element!.DeclaredType))!;
        var canonical = new Dictionary<string, JsonNode>(merged.Count, StringComparer.Ordinal);
        var deferred = false;
        foreach (var key in CanonicalValue.SortedKeys(merged))
        {
            var outcome = Decode(merged[key], type.Element!, field);
            failed |= outcome.Kind == OutcomeKind.Failed;
            deferred |= outcome.Kind == OutcomeKind.Deferred;
            if (outcome.Kind is OutcomeKind.Set or OutcomeKind.Deferred)
            {
                map.Add(key, outcome.Value);
                canonical.Add(TemplateEngine.Escape(key), outcome.Canonical!);
            }
        }

        return failed ? Outcome.Failed : new Outcome(deferred ? OutcomeKind.Deferred : OutcomeKind.Set, deferred ? null : map, CanonicalValue.Sorted(canonical));
    }

    /// <summary>Lays the entries of one layer over those of the layers before.</summary>
    private bool TryMerge(RawValue raw, ConfigValueType type, Dictionary<string, RawValue> merged)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (raw.Text is { } text && type.Element!.IsScalar)
        {
            var success = true;
            foreach (var (key, value) in text.SplitMap())
            {
                if (value is null || key.Length == 0)
                {
                    ReportWrong(raw, ScalarDecoder.Expected(type), null);
                    return false;
                }

                success &= TryAddEntry(key, raw, seen, merged, (source, path) => new RawValue(value, false, source, path));
            }

            return success;
        }

        if (!TryParseNested(raw, type, out var json))
        {
            return false;
        }

        foreach (var item in Objects(json))
        {
            if (item is not JsonObject entries)
            {
                ReportWrong(raw, type);
                return false;
            }

            seen.Clear();
            foreach (var (key, value) in entries)
            {
                if (value is not null && !TryAddEntry(key, raw, seen, merged, (source, path) => new RawValue(value, source, path)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool TryAddEntry(
        string key, RawValue raw, HashSet<string> seen, Dictionary<string, RawValue> merged, Func<ConfigSource, string, RawValue> make)
    {
        if (!TryRender(key, raw, out var rendered))
        {
            return false;
        }

        if (!rendered.IsComplete)
        {
            ReportIncomplete(raw);
            return false;
        }

        if (!seen.Add(rendered.Text))
        {
            Error(DiagnosticCodes.ConflictingKeys, raw.Source, $"{raw.Source.DisplayName} has the entry '{rendered.Text}' twice. Keep one of the two.");
            return false;
        }

        merged[rendered.Text] = make(raw.Source.Child(rendered.Text), $"{raw.Path}/{rendered.Text}");
        return true;
    }

    /// <summary>The JSON of a value that is JSON, or that is text in which JSON must stand.</summary>
    private bool TryParseNested(RawValue raw, ConfigValueType type, out JsonNode? json)
    {
        json = raw.Json;
        if (raw.Written is not { } written)
        {
            return true;
        }

        var errors = new List<ConfigJsonError>();
        json = ConfigJson.Parse(Encoding.UTF8.GetBytes(written), errors, []);
        if (errors.Count == 0)
        {
            return true;
        }

        ReportJson(raw, type, errors[0]);
        return false;
    }

    private static object MakeList(ConfigValueType type, List<object?> values)
    {
        if (type.Type.IsGenericType && type.Type.GetGenericTypeDefinition() == typeof(List<>))
        {
            var list = (IList)Activator.CreateInstance(type.Type)!;
            foreach (var value in values)
            {
                list.Add(value);
            }

            return list;
        }

        var array = Array.CreateInstance(type.Element!.DeclaredType, values.Count);
        for (var index = 0; index < values.Count; index++)
        {
            array.SetValue(values[index], index);
        }

        return array;
    }
}
