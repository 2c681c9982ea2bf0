using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Packer.Configuration;

namespace Packer.Tests.Docs;

/// <summary>The table of the keys of a config record. Its one source is the record: names, types, defaults and documentation comments.</summary>
internal sealed partial class KeyTable(ConfigTypes types, XmlDocumentation documentation)
{
    /// <summary>The table in Markdown, or one sentence where there are no keys.</summary>
    /// <param name="config">The config record.</param>
    /// <param name="takes">Says of a key in snake_case whether the page is about it; null where it is about all.</param>
    public string Of(Type config, Func<string, bool>? takes = null)
    {
        var record = types.Describe(config);
        if (record.Fields.Count == 0) return "It has no keys of its own.\n";
        var text = new StringBuilder("| Key | Type | Default | Meaning |\n|---|---|---|---|\n");
        foreach (var field in record.Fields.Where(field => takes?.Invoke(field.Name) != false))
            text.Append("| ").AppendJoin(" | ", new[] { Names(field), TypeName(field), Default(record, field), Meaning(field) }.Select(Cell)).Append(" |\n");
        return text.ToString();
    }

    /// <summary>Splits a summary into the sentence that begins with "Default:" and the rest.</summary>
    public static (string Meaning, string? Default) Split(string summary)
    {
        var match = DefaultSentence().Match(summary);
        return match.Success
            ? ((summary[..match.Index] + summary[(match.Index + match.Length)..]).Trim(), match.Groups["text"].Value)
            : (summary, null);
    }

    private static string Names(ConfigField field)
    {
        var text = new StringBuilder($"`{KeyName.ToPascalCase(field.Name)}`<br>`{field.Name}`");
        if (field.Aliases.Count > 0) text.Append("<br>also ").AppendJoin(", ", field.Aliases.Select(alias => $"`{alias}`"));
        if (field.OldKeys.Count > 0) text.Append("<br>formerly ").AppendJoin(", ", field.OldKeys.Select(key => $"`{key}`"));
        return text.ToString();
    }

    private static string TypeName(ConfigField field) => field.PathKind switch
    {
        ConfigPathKind.Path => Plural(field, "path", "paths"),
        ConfigPathKind.InputFile => Plural(field, "file", "files"),
        ConfigPathKind.InputFiles => "list of files, globs allowed",
        ConfigPathKind.InputPaths => "list of files and folders, globs allowed",
        ConfigPathKind.InputDirectory => Plural(field, "folder", "folders"),
        _ => TypeName(field.ValueType, field) + Range(field),
    };

    private static string Plural(ConfigField field, string one, string many) => field.ValueType.Shape == ConfigShape.List ? "list of " + many : one;

    private static string TypeName(ConfigValueType type, ConfigField field) => type.Shape switch
    {
        ConfigShape.Text when field.Choices is { } choices => "one of " + Codes(choices),
        ConfigShape.Text => "text",
        ConfigShape.Boolean => "`true` or `false`",
        ConfigShape.Integer => "whole number",
        ConfigShape.Number => "number",
        ConfigShape.Duration => "duration",
        ConfigShape.Size => "size, in bytes",
        ConfigShape.Enumeration => "one of " + Codes(type.Members.Select(member => member.Name)),
        ConfigShape.Address => "URL",
        ConfigShape.Secret => "secret",
        ConfigShape.List when type.Element!.Shape == ConfigShape.Text && field.Choices is { } choices => "list of " + Codes(choices),
        ConfigShape.List when type.Element!.Shape == ConfigShape.Integer => "list of whole numbers",
        ConfigShape.List when type.Element!.Shape == ConfigShape.Text => "list of texts",
        ConfigShape.List => "list: " + TypeName(type.Element!, field),
        ConfigShape.Map when type.Element!.Shape == ConfigShape.Text => "map of texts",
        ConfigShape.Map => "map: " + TypeName(type.Element!, field),
        _ => "object, as JSON",
    };

    private static string Range(ConfigField field) =>
        field.Range is { } range ? string.Create(CultureInfo.InvariantCulture, $", {range.Minimum} to {range.Maximum}") : "";

    private string Default(ConfigRecordType record, ConfigField field)
    {
        var value = Written(types.Default(record, field), field.ValueType);
        if (field.IsRequired && value.Length == 0) return "**required**";
        if (Split(documentation.Summary(field.Property)).Default is not { } said) return value.Length == 0 ? "–" : $"`{value}`";
        Assert.Contains(value, said, $"The comment of '{field.Property.DeclaringType!.Name}.{field.Property.Name}' says that its default is '{said}', but it is '{value}'.");
        return said;
    }

    /// <summary>A default as it would be written in a project.</summary>
    private static string Written(JsonNode? value, ConfigValueType type) => value switch
    {
        null => "",
        JsonArray list => string.Join(';', list.Select(element => Written(element, type.Element!))),
        JsonObject map => string.Join(';', map.Select(entry => $"{entry.Key}={Written(entry.Value, type)}")),
        _ when type.Shape == ConfigShape.Size => new ByteSize((long)value).ToString(),
        _ => value.ToString(),
    };

    private string Meaning(ConfigField field)
    {
        var summary = documentation.Summary(field.Property);
        Assert.AreNotEqual("", summary, $"'{field.Property.DeclaringType!.Name}.{field.Property.Name}' has no documentation comment.");
        var meaning = Split(summary).Meaning;
        if (field.LateFields is { Count: > 0 } fields) meaning += $" Rendered while the image is built, with {Codes(fields.Select(name => $"{{{{.{name}}}}}"))}.";
        return field.IsPartOfImage ? meaning : meaning + " Changing it makes no image out of date.";
    }

    private static string Codes(IEnumerable<string> texts) => string.Join(", ", texts.Select(text => $"`{text}`"));

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    // A full stop ends the sentence only where white space or nothing follows, and never inside code.
    [GeneratedRegex(@"(?:^|(?<=\s))Default: (?<text>(?:`[^`]*`|[^.`]|\.(?!\s|$))*)\.(?=\s|$)\s?")]
    private static partial Regex DefaultSentence();
}
