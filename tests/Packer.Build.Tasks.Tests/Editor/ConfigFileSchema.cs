using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Packer.Configuration;
using Packer.Engine.Plugins;

namespace Packer.Tests.Editor;

/// <summary>
/// The JSON Schema (draft 2020-12) of the file that <c>ConfigFile</c> names: an object with the keys of one of the builders. What it refuses the
/// build refuses too, but for the spellings of keys: it knows <c>iso_url</c>, <c>iso-url</c>, <c>isourl</c>, <c>isoUrl</c> and <c>IsoUrl</c>. What it accepts may
/// still be wrong, since the key of another layer may be missing or in conflict.
/// </summary>
internal sealed class ConfigFileSchema(ConfigTypes types, EditorKeys keys)
{
    public const string FileName = "packer.config.schema.json";
    private const string Address = "https://github.com/packer-sdk/packer-sdk/raw/main/src/Packer.Sdk/schemas/" + FileName;
    private const string Template = @"\{\{";

    // What is rendered while the image is built can be of any kind; an empty text is no value.
    private const string DurationPattern = @"^\s*([+-]?0|[+-]?([0-9.]+(ns|us|µs|μs|ms|s|m|h))+|-?([0-9]+\.)?[0-9]+:[0-9]+(:[0-9.]+)?)\s*$|^\s*$|" + Template;
    private const string SizePattern = @"^\s*[0-9]([0-9.]*[0-9])?\s*([KkMmGgTt]([Ii]?[Bb])?|[Bb])?\s*$|^\s*$|" + Template;
    private const string IntegerPattern = @"^\s*[+-]?(0|[1-9][0-9_]*|0[Xx][0-9A-Fa-f_]+|0[Oo][0-7_]+|0[Bb][01_]+)\s*$|^\s*$|" + Template;
    private const string NumberPattern = @"^\s*[+-]?[0-9.]+([eE][+-]?[0-9]+)?\s*$|^\s*$|" + Template;
    private const string BooleanPattern = @"^\s*([01TtFf]|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])?\s*$|" + Template;

    private readonly SortedDictionary<string, JsonNode?> definitions = new(StringComparer.Ordinal);

    /// <summary>The schema of builders.</summary>
    public string Of(IEnumerable<ComponentRegistration> components)
    {
        var builders = components.Where(component => component.Kind == ComponentKind.Builder).ToList();
        definitions["text"] = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") };
        definitions["boolean"] = AnyOf(new JsonObject { ["type"] = "boolean" }, Type("number"), Matching(BooleanPattern));
        definitions["integer"] = AnyOf(Type("integer"), Matching(IntegerPattern));
        definitions["number"] = AnyOf(Type("number"), Matching(NumberPattern));
        definitions["duration"] = AnyOf(Matching(DurationPattern), new JsonObject { ["const"] = 0 });
        definitions["size"] = AnyOf(Matching(SizePattern), new JsonObject { ["type"] = "integer", ["minimum"] = 0 });
        foreach (var builder in builders) Define(Definition(builder), keys.Fields(builder), $"The keys of the builder {builder.Name}.", hasSchemaKey: true);
        return GeneratedJson.Write(new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = Address,
            ["$comment"] = "Generated from the config records; do not edit.",
            ["title"] = "ConfigFile of a PackerImage",
            ["description"] = "Keys for the builder of an image; they count more than the metadata of the item.",
            ["type"] = "object",
            ["allowTrailingCommas"] = true,
            ["anyOf"] = new JsonArray([.. builders.Select(builder => (JsonNode)Reference(Definition(builder)))]),
            ["$defs"] = new JsonObject(definitions),
        });
    }

    private static string Definition(ComponentRegistration builder) => "builder_" + builder.Name.Replace('-', '_');

    private void Define(string name, IReadOnlyList<ConfigField> fields, string description, bool hasSchemaKey)
    {
        // Before its keys: a record may hold itself.
        definitions[name] = null;
        var properties = new JsonObject();
        var spellings = new JsonObject();
        if (hasSchemaKey) properties["$schema"] = new JsonObject { ["type"] = "string", ["description"] = "The schema that an editor checks this file by." };
        foreach (var field in fields)
        {
            properties[field.Name] = Describe(field);
            Spell(field.Name, field, deprecated: false);
            foreach (var alias in field.Aliases) Spell(alias, field, deprecated: false);
            foreach (var old in field.OldKeys) Spell(old, field, deprecated: true);
        }
        definitions[name] = new JsonObject
        {
            ["description"] = description,
            ["type"] = "object",
            ["properties"] = properties,
            ["patternProperties"] = spellings,
            ["additionalProperties"] = false,
        };

        void Spell(string key, ConfigField field, bool deprecated)
        {
            var pascal = KeyName.ToPascalCase(key);
            var forms = new List<string> { $"[{char.ToLowerInvariant(pascal[0])}{pascal[0]}]{pascal[1..]}" };
            if (key != field.Name) forms.Add(key);
            if (key.Contains('_', StringComparison.Ordinal)) forms.AddRange([key.Replace('_', '-'), key.Replace("_", "", StringComparison.Ordinal)]);
            else if (key == field.Name) forms[0] = pascal;
            var target = new JsonObject { ["$ref"] = $"#/$defs/{name}/properties/{field.Name}" };
            if (deprecated) target["deprecated"] = true;
            spellings[$"^({string.Join('|', forms)})$"] = target;
        }
    }

    private JsonObject Describe(ConfigField field)
    {
        var json = Value(field.ValueType, field);
        json.Insert(0, "description", keys.Describe(field));
        return json;
    }

    private JsonObject Value(ConfigValueType type, ConfigField field)
    {
        switch (type.Shape)
        {
            case ConfigShape.Text when field.Choices is { } choices:
                return AnyOf(new JsonObject { ["enum"] = GeneratedJson.Array(choices) }, Matching("^$|" + Template));
            case ConfigShape.Enumeration:
                // The first one is what an editor offers; the second one takes the other spellings that the build takes.
                return AnyOf(new JsonObject { ["enum"] = GeneratedJson.Array(type.Members.Select(member => member.Name)) }, Matching($"^\\s*({string.Join('|', type.Members.Select(AnySpelling))})?\\s*$|{Template}"));
            case ConfigShape.Boolean: return Reference("boolean");
            case ConfigShape.Integer: return Ranged(Reference("integer"), field);
            case ConfigShape.Number: return Ranged(Reference("number"), field);
            case ConfigShape.Duration: return Reference("duration");
            case ConfigShape.Size: return Reference("size");
            case ConfigShape.List:
                return AnyOf(new JsonObject { ["type"] = "array", ["items"] = Value(type.Element!, field) }, Value(type.Element!, field));
            case ConfigShape.Map:
                var map = new JsonObject { ["type"] = "object", ["additionalProperties"] = Value(type.Element!, field) };
                return AnyOf(map, new JsonObject { ["type"] = "array", ["items"] = map.DeepClone() });
            case ConfigShape.Record:
                var name = KeyName.ToSnakeCase(type.Type.Name);
                if (!definitions.ContainsKey(name)) Define(name, types.Describe(type.Type).Fields, "An object.", hasSchemaKey: false);
                return AnyOf(Reference(name), new JsonObject { ["type"] = "array", ["items"] = Reference(name) });
            default: return Reference("text");
        }
    }

    // It applies to numbers alone, so a number in a text passes; the build checks that one.
    private static JsonObject Ranged(JsonObject json, ConfigField field)
    {
        if (field.Range is not { Minimum: double minimum, Maximum: double maximum }) return json;
        json["minimum"] = Number(minimum);
        json["maximum"] = Number(maximum);
        return json;
    }

    private static JsonNode Number(double value) => value == Math.Floor(value) && Math.Abs(value) < 1e15 ? (long)value : value;

    /// <summary>A name in any case, with or without <c>_</c> and <c>-</c>.</summary>
    private static string AnySpelling(ConfigEnumMember member) =>
        string.Join("[_-]*", member.Folded.Select(character => char.IsLetter(character) ? $"[{char.ToUpperInvariant(character)}{character}]" : Regex.Escape(character.ToString(CultureInfo.InvariantCulture))));

    private static JsonObject Type(string name) => new() { ["type"] = name };

    private static JsonObject Matching(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    private static JsonObject Reference(string definition) => new() { ["$ref"] = "#/$defs/" + definition };

    private static JsonObject AnyOf(params JsonNode[] choices) => new() { ["anyOf"] = new JsonArray(choices) };
}
