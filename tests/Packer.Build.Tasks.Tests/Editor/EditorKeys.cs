using Packer.Configuration;
using Packer.Engine.Planning;
using Packer.Engine.Plugins;
using Packer.Tests.Docs;

namespace Packer.Tests.Editor;

/// <summary>A key as an editor shows it.</summary>
/// <param name="Name">The name in PascalCase.</param>
/// <param name="Field">The first property of a config record that has the key: it says what values there are.</param>
/// <param name="Description">What the key means, in Markdown; where components mean different things by it, each with its name.</param>
/// <param name="Owners">The components that have the key; empty for a key of every image.</param>
/// <param name="IsUniform">Whether all of them take the same kind of value.</param>
internal sealed record EditorKey(string Name, ConfigField Field, string Description, IReadOnlyList<string> Owners, bool IsUniform)
{
    /// <summary>Whether the value is a list.</summary>
    public bool IsList => IsUniform && Field.ValueType.Shape == ConfigShape.List;

    /// <summary>The values there are, or none where any value is one.</summary>
    public IReadOnlyList<string> Choices => !IsUniform ? [] : Field.Choices ?? [.. (Field.ValueType.Element ?? Field.ValueType).Members.Select(member => member.Name)];
}

/// <summary>The keys of components for editors. Their one source are the config records and their documentation comments.</summary>
internal sealed class EditorKeys(ConfigTypes types, XmlDocumentation documentation)
{
    /// <summary>The keys of components, sorted by name; a key that several have stands once.</summary>
    public IReadOnlyList<EditorKey> Of(IEnumerable<ComponentRegistration> components) =>
        Merge(components.SelectMany(component => Fields(component).Select(field => (Owner: component.Name, Field: field))));

    /// <summary>The keys that every image has for being started.</summary>
    public IReadOnlyList<EditorKey> OfRunning() => Merge(types.Describe(typeof(RunOptions)).Fields.Select(field => (Owner: "", Field: field)));

    /// <summary>The keys that every image has beside them.</summary>
    public IReadOnlyList<EditorKey> OfImages() => Merge(types.Describe(typeof(ImageOptions)).Fields.Select(field => (Owner: "", Field: field)));

    /// <summary>The keys of one record, in its order.</summary>
    public IReadOnlyList<ConfigField> Fields(ComponentRegistration component) =>
        ComponentKeys.ConfigType(component.Type) is { } config ? types.Describe(config).Fields : [];

    /// <summary>What a key means.</summary>
    public string Describe(ConfigField field) => documentation.Summary(field.Property);

    private List<EditorKey> Merge(IEnumerable<(string Owner, ConfigField Field)> fields) =>
    [
        .. fields.GroupBy(entry => KeyName.ToPascalCase(entry.Field.Name), StringComparer.OrdinalIgnoreCase).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new EditorKey(group.Key, group.First().Field, Describe([.. group]), [.. group.Select(entry => entry.Owner).Where(owner => owner.Length > 0).Distinct(StringComparer.Ordinal)],
                group.Select(entry => Kind(entry.Field)).Distinct(StringComparer.Ordinal).Count() == 1)),
    ];

    private string Describe(IReadOnlyList<(string Owner, ConfigField Field)> entries)
    {
        var meanings = entries.GroupBy(entry => Describe(entry.Field), StringComparer.Ordinal).ToList();
        return meanings.Count == 1
            ? meanings[0].Key
            : string.Join('\n', meanings.Select(meaning => $"`{string.Join("`, `", meaning.Select(entry => entry.Owner).Distinct(StringComparer.Ordinal))}`: {meaning.Key}"));
    }

    private static string Kind(ConfigField field) => $"{field.ValueType.Shape} {field.ValueType.Element?.Shape} {field.PathKind} {string.Join(',', field.Choices ?? [])} {string.Join(',', field.ValueType.Members.Select(member => member.Name))}";
}
