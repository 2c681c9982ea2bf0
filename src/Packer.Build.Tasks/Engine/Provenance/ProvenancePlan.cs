using System.Text.Json;
using System.Text.Json.Nodes;

namespace Packer.Engine.Provenance;

/// <summary>What the planner knows of an image's provenance.</summary>
/// <param name="Inputs">The local files that it is made of.</param>
/// <param name="OutsideFiles">Settings that are full paths outside of the project, with <c>/</c>: they are called by their names alone.</param>
internal sealed record ProvenancePlan(IReadOnlyList<ResolvedDependency> Inputs, IReadOnlyList<string> OutsideFiles)
{
    public void WriteTo(Utf8JsonWriter writer) => new JsonObject
    {
        ["inputs"] = new JsonArray([.. Inputs.Select(DependencyList.Write)]),
        ["outside_files"] = new JsonArray([.. OutsideFiles.Select(path => (JsonNode)path)]),
    }.WriteTo(writer);

    /// <exception cref="InvalidOperationException">The JSON is not of this form.</exception>
    public static ProvenancePlan Read(JsonNode json) =>
        new([.. json["inputs"]!.AsArray().Select(input => DependencyList.Read(input!))], [.. json["outside_files"]!.AsArray().Select(path => (string)path!)]);
}
