using System.Text.Json.Nodes;
using Packer.Configuration;
using Packer.Engine.Plugins;

namespace Packer.Tests.Editor;

/// <summary>
/// What the MSBuild Editor extension reads beside a props file, <c>name.props.buildschema.json</c>: completion, tips and checks for items, metadata,
/// properties and targets (format: <c>buildschema.json</c> of mhutch/MonoDevelop.MSBuildEditor).
/// </summary>
internal sealed class BuildSchema(EditorKeys keys)
{
    // An alias of such a name is for a ConfigFile and for a property only.
    private readonly IReadOnlySet<string> reserved = ReferenceTables.ReservedNames();

    /// <summary>The schema of components.</summary>
    public string Of(IReadOnlyCollection<ComponentRegistration> components) => GeneratedJson.Write(new JsonObject
    {
        ["license"] = "MIT. Generated from the config records; do not edit.",
        ["properties"] = Properties(components),
        ["items"] = Items(components),
        ["targets"] = new JsonObject(ReferenceTables.Targets().Select(target => KeyValuePair.Create(target.Name, (JsonNode?)target.Description))),
    });

    private JsonObject Properties(IReadOnlyCollection<ComponentRegistration> components)
    {
        var properties = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var entry in ReferenceTables.Properties())
            properties[entry.Name] = new JsonObject { ["description"] = entry.Description, ["type"] = entry.IsBoolean ? "bool" : "string" };
        foreach (var key in keys.OfRunning().Concat(keys.OfImages()).Concat(keys.Of(components)))
        {
            properties.TryAdd("Packer" + key.Name, Describe(key));
            foreach (var alias in key.Field.Aliases.Select(KeyName.ToPascalCase)) properties.TryAdd("Packer" + alias, Alias(key));
        }
        return new JsonObject(properties);
    }

    private JsonObject Items(IReadOnlyCollection<ComponentRegistration> components)
    {
        var items = new JsonObject();
        foreach (var (item, own) in ReferenceTables.Items())
        {
            var kind = item.Name switch { "PackerImage" => ComponentKind.Builder, "PackerProvisioner" => ComponentKind.Provisioner, _ => ComponentKind.PostProcessor };
            var parts = components.Where(component => component.Kind == kind).ToList();
            items[item.Name] = new JsonObject
            {
                ["description"] = item.Description,
                ["includeDescription"] = kind == ComponentKind.Builder ? "name of the image" : "type of the step",
                ["type"] = kind == ComponentKind.Builder ? "string" : Names(parts),
                ["metadata"] = Metadata(own, parts, kind == ComponentKind.Builder ? [.. keys.OfRunning(), .. keys.OfImages()] : []),
            };
        }
        items["PackerPlugin"] = new JsonObject { ["description"] = "An assembly that brings builders, provisioners, communicators or post-processors.", ["includeDescription"] = "path of the assembly", ["type"] = "file" };
        return items;
    }

    private JsonObject Metadata(IReadOnlyList<ReferenceEntry> own, IReadOnlyList<ComponentRegistration> components, IReadOnlyList<EditorKey> running)
    {
        var metadata = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var entry in own) metadata[entry.Name] = new JsonObject { ["description"] = entry.Description, ["type"] = entry.Name switch { "Builder" => Names(components), "RuntimeIdentifier" => "runtime-id", "ConfigFile" => "file", "OutputDirectory" => "folder", _ => "string" } };
        foreach (var key in running.Concat(keys.Of(components)))
        {
            metadata.TryAdd(key.Name, Describe(key));
            foreach (var alias in key.Field.Aliases.Select(KeyName.ToPascalCase).Where(alias => !reserved.Contains(alias))) metadata.TryAdd(alias, Alias(key));
            foreach (var old in key.Field.OldKeys.Select(KeyName.ToPascalCase)) metadata.TryAdd(old, new JsonObject { ["description"] = key.Description, ["deprecationMessage"] = $"Write {key.Name} instead." });
        }
        return new JsonObject(metadata);
    }

    private static JsonObject Alias(EditorKey key) => new() { ["description"] = $"Another name of {key.Name}. {key.Description}" };

    private static JsonObject Describe(EditorKey key)
    {
        var json = new JsonObject
        {
            ["description"] = key.Owners.Count > 0 ? $"{key.Description} ({string.Join(", ", key.Owners)})" : key.Description,
            ["type"] = key.Choices.Count > 0 ? GeneratedJson.Array(key.Choices) : TypeName(key),
        };
        if (key.IsList) json["isList"] = true;
        return json;
    }

    /// <summary>The names of components; plugins bring others.</summary>
    private static JsonObject Names(IEnumerable<ComponentRegistration> components) => new()
    {
        ["values"] = new JsonObject(components.Select(component => KeyValuePair.Create(component.Name, (JsonNode?)$"{component.Kind} {component.Name}"))),
        ["allowUnknownValues"] = true,
    };

    private static string TypeName(EditorKey key) => !key.IsUniform ? "string" : (key.Field.PathKind, (key.Field.ValueType.Element ?? key.Field.ValueType).Shape) switch
    {
        (ConfigPathKind.InputFile or ConfigPathKind.InputFiles, _) => "file",
        (ConfigPathKind.InputDirectory, _) => "folder",
        (ConfigPathKind.Path or ConfigPathKind.InputPaths, _) => "file-or-folder",
        (_, ConfigShape.Boolean) => "bool",
        (_, ConfigShape.Integer) => "int",
        (_, ConfigShape.Address) => "url",
        _ => "string",
    };
}
