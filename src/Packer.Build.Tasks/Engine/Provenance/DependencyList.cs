using System.Text.Json.Nodes;

namespace Packer.Engine.Provenance;

/// <summary>Lists of <see cref="ResolvedDependency"/>: their order and their JSON.</summary>
internal static class DependencyList
{
    /// <summary>Each once, in an order that depends on nothing but what they are.</summary>
    public static IReadOnlyList<ResolvedDependency> Sort(IEnumerable<ResolvedDependency> dependencies) =>
        [.. dependencies.Select(dependency => (Text: Write(dependency).ToJsonString(), dependency)).DistinctBy(entry => entry.Text, StringComparer.Ordinal)
            .OrderBy(entry => entry.dependency.Name, StringComparer.Ordinal).ThenBy(entry => entry.Text, StringComparer.Ordinal).Select(entry => entry.dependency)];

    /// <summary>The form of in-toto's ResourceDescriptor.</summary>
    public static JsonObject Write(ResolvedDependency dependency)
    {
        var json = new JsonObject { ["name"] = dependency.Name };
        if (dependency.Uri is not null) json["uri"] = dependency.Uri;
        if (dependency.Digests.Count > 0) json["digest"] = WriteMap(dependency.Digests);
        return json;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidOperationException">The JSON is not of this form.</exception>
    public static ResolvedDependency Read(JsonNode json) => new((string)json["name"]!)
    {
        Uri = (string?)json["uri"],
        Digests = json["digest"] is { } digests ? ReadMap(digests) : new Dictionary<string, string>(),
    };

    /// <summary>Texts by name, in the order of the names.</summary>
    public static JsonObject WriteMap(IReadOnlyDictionary<string, string> map) =>
        new(map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    public static Dictionary<string, string> ReadMap(JsonNode json) => json.AsObject().ToDictionary(pair => pair.Key, pair => (string)pair.Value!, StringComparer.Ordinal);

    /// <summary>A file and its SHA-256.</summary>
    public static ResolvedDependency OfFile(string name, string sha256) => new(name) { Digests = new Dictionary<string, string> { ["sha256"] = sha256 } };
}
