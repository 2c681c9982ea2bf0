using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using Packer.Configuration.Templates;

namespace Packer.Configuration;

/// <summary>
/// The one JSON form of each value: durations as <c>1m30s</c>, sizes as a number of bytes, enumerations in snake_case, maps and records in ordinal order of
/// their keys. Texts are in template form.
/// </summary>
internal static class CanonicalValue
{
    /// <summary>The form of a scalar other than a secret.</summary>
    public static JsonNode OfScalar(object value, ConfigValueType type)
    {
        switch (type.Shape)
        {
            case ConfigShape.Boolean:
                return JsonValue.Create((bool)value);
            case ConfigShape.Integer:
                return value is ulong large ? JsonValue.Create(large) : JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture));
            case ConfigShape.Number:
                return value switch
                {
                    decimal exact => JsonValue.Create(exact),
                    float single => JsonValue.Create(single),
                    _ => JsonValue.Create((double)value),
                };
            case ConfigShape.Duration:
                return JsonValue.Create(DurationFormat.Format((TimeSpan)value));
            case ConfigShape.Size:
                return JsonValue.Create(((ByteSize)value).Bytes);
            case ConfigShape.Enumeration:
                foreach (var member in type.Members)
                {
                    if (member.Value.Equals(value))
                    {
                        return JsonValue.Create(member.Name);
                    }
                }

                throw new InvalidOperationException($"{value} is no member of '{type.Type}'.");
            case ConfigShape.Address:
                return JsonValue.Create(TemplateEngine.Escape(((Uri)value).OriginalString));
            default:
                return JsonValue.Create(TemplateEngine.Escape((string)value));
        }
    }

    /// <summary>
    /// The form of a default that an author gave a property. Null: there is none, or it holds secrets, which stay in the component.
    /// </summary>
    /// <param name="value">The default.</param>
    /// <param name="type">The type of the property.</param>
    /// <param name="isLate">Texts are templates already.</param>
    /// <param name="types">Describes nested records.</param>
    public static JsonNode? OfDefault(object? value, ConfigValueType type, bool isLate, ConfigTypes types)
    {
        switch (type.Shape)
        {
            case ConfigShape.Secret:
                return null;
            case ConfigShape.Text when value is string text:
                return text.Length == 0 ? null : JsonValue.Create(isLate ? text : TemplateEngine.Escape(text));
            case ConfigShape.List when value is IEnumerable elements:
                return OfList(elements, type.Element!, isLate, types);
            case ConfigShape.Map when value is IEnumerable entries:
                return OfMap(entries, type.Element!, isLate, types);
            case ConfigShape.Record when value is not null:
                return OfRecord(value, types.Describe(type.Type), types);
            default:
                return value is null ? null : OfScalar(value, type);
        }
    }

    /// <summary>An object with its keys in ordinal order.</summary>
    public static JsonObject Sorted(Dictionary<string, JsonNode> entries)
    {
        var result = new JsonObject();
        foreach (var key in SortedKeys(entries))
        {
            result.Add(key, entries[key]);
        }

        return result;
    }

    /// <summary>The keys in ordinal order. A sorted dictionary would do, but the runtime has to compile all of its code first.</summary>
    public static List<string> SortedKeys<T>(Dictionary<string, T> entries)
    {
        var keys = new List<string>(entries.Keys);
        keys.Sort(StringComparer.Ordinal);
        return keys;
    }

    private static JsonArray? OfList(IEnumerable elements, ConfigValueType type, bool isLate, ConfigTypes types)
    {
        var array = new JsonArray();
        foreach (var element in elements)
        {
            if (OfDefault(element, type, isLate, types) is { } node)
            {
                array.Add(node);
            }
        }

        return array.Count == 0 ? null : array;
    }

    private static JsonObject? OfMap(IEnumerable entries, ConfigValueType type, bool isLate, ConfigTypes types)
    {
        var list = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        if (entries is IDictionary map)
        {
            foreach (DictionaryEntry entry in map)
            {
                if (OfDefault(entry.Value, type, isLate, types) is { } node)
                {
                    list.Add(TemplateEngine.Escape((string)entry.Key), node);
                }
            }
        }

        return list.Count == 0 ? null : Sorted(list);
    }

    private static JsonObject? OfRecord(object value, ConfigRecordType record, ConfigTypes types)
    {
        var list = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var field in record.Fields)
        {
            if (OfDefault(DecodePass.Get(field, value), field.ValueType, field.LateFields is not null, types) is { } node)
            {
                list.Add(field.Name, node);
            }
        }

        return list.Count == 0 ? null : Sorted(list);
    }
}
