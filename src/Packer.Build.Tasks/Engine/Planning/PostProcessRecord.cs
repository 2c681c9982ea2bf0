using System.Text.Json;
using System.Text.Json.Nodes;

namespace Packer.Engine.Planning;

/// <summary>What a post-processor made, as it is remembered between builds.</summary>
/// <param name="Key">Tells the post-processor and those before it in its sequence.</param>
/// <param name="Made">What it made; null where it made nothing, or has passed on what it was given.</param>
/// <param name="PassedOn">Whether it has passed on what it was given.</param>
/// <param name="KeepInput">See <see cref="PostProcessResult.KeepInput"/>.</param>
/// <param name="ForceKeepInput">See <see cref="PostProcessResult.ForceKeepInput"/>.</param>
internal sealed record PostProcessRecord(string Key, ArtifactRecord? Made, bool PassedOn, bool KeepInput, bool ForceKeepInput)
{
    public void WriteTo(Utf8JsonWriter writer, string baseDirectory)
    {
        writer.WriteStartObject();
        writer.WriteString("key", Key);
        if (Made is not null)
        {
            writer.WritePropertyName("made");
            Made.WriteTo(writer, baseDirectory);
        }
        writer.WriteBoolean("passed_on", PassedOn);
        writer.WriteBoolean("keep_input", KeepInput);
        writer.WriteBoolean("force_keep_input", ForceKeepInput);
        writer.WriteEndObject();
    }

    public static PostProcessRecord Read(JsonNode node, string baseDirectory) => new(
        (string)node["key"]!, node["made"] is { } made ? ArtifactRecord.Read(made, baseDirectory) : null, (bool)node["passed_on"]!, (bool)node["keep_input"]!, (bool)node["force_keep_input"]!);
}
