using System.Text.Json.Nodes;

namespace Packer.Engine.Provenance;

/// <summary>
/// What only the build of an image knows of its provenance; kept in its stamp, since post-processors may run again later without the builder.
/// </summary>
/// <param name="Parameters">What the user has set for the builder and the provisioners.</param>
/// <param name="Internal">What the engine has set.</param>
/// <param name="Tools">Versions of the tools, by name.</param>
/// <param name="Dependencies">What went into the image.</param>
internal sealed record BuildFacts(JsonObject Parameters, JsonObject Internal, IReadOnlyDictionary<string, string> Tools, IReadOnlyList<ResolvedDependency> Dependencies)
{
    public JsonObject Write() => new()
    {
        ["parameters"] = Parameters.DeepClone(),
        ["internal"] = Internal.DeepClone(),
        ["tools"] = DependencyList.WriteMap(Tools),
        ["dependencies"] = new JsonArray([.. Dependencies.Select(DependencyList.Write)]),
    };

    /// <exception cref="InvalidOperationException">The JSON is not of this form.</exception>
    public static BuildFacts Read(JsonNode json) => new(
        json["parameters"]!.DeepClone().AsObject(), json["internal"]!.DeepClone().AsObject(), DependencyList.ReadMap(json["tools"]!), [.. json["dependencies"]!.AsArray().Select(entry => DependencyList.Read(entry!))]);
}
