using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Engine.Provenance;

namespace Packer.Engine.Planning;

/// <summary>What an image was built from and what was written, kept beside it (<c>web.stamp</c> beside <c>web/</c>).</summary>
internal sealed record ImageStamp
{
    private const int Schema = 1;

    /// <summary>Hash of all that the builder's work depends on.</summary>
    public required string BuildHash { get; init; }

    /// <summary>Short hashes of the parts of <see cref="BuildHash"/> by name, to say what changed.</summary>
    public required IReadOnlyDictionary<string, string> Parts { get; init; }

    /// <summary>What the builder made; null where it makes nothing.</summary>
    public required ArtifactRecord? Built { get; init; }

    /// <summary>What the image has been asked in a test and has answered (<see cref="RunPlan.TestIdentity"/>); null where it was not tested.</summary>
    public string? Tested { get; init; }

    /// <summary>What the build knew of the image's provenance; null where nobody has asked for it.</summary>
    public BuildFacts? Facts { get; init; }

    /// <summary>Hash of the post-processors that have run on it; null where they have not, or one failed.</summary>
    public string? PostProcessHash { get; init; }

    /// <summary>What each post-processor has made of <see cref="Built"/>, so that one that has succeeded need not work again where a later one fails or changes.</summary>
    public IReadOnlyList<PostProcessRecord> PostProcessed { get; init; } = [];

    /// <summary>What there is after the post-processors.</summary>
    public IReadOnlyList<ArtifactRecord> Artifacts { get; init; } = [];

    public string Write(string baseDirectory)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, PlanJson.Options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("schema", Schema);
            writer.WriteString("build_hash", BuildHash);
            writer.WriteStartObject("parts");
            foreach (var (name, hash) in Parts.OrderBy(part => part.Key, StringComparer.Ordinal)) writer.WriteString(name, hash);
            writer.WriteEndObject();
            writer.WritePropertyName("built");
            if (Built is null) writer.WriteNullValue();
            else Built.WriteTo(writer, baseDirectory);
            if (Tested is not null) writer.WriteString("tested", Tested);
            if (Facts is not null)
            {
                writer.WritePropertyName("facts");
                Facts.Write().WriteTo(writer);
            }
            if (PostProcessHash is not null) writer.WriteString("post_process_hash", PostProcessHash);
            if (PostProcessed.Count > 0)
            {
                writer.WriteStartArray("post_processed");
                foreach (var step in PostProcessed) step.WriteTo(writer, baseDirectory);
                writer.WriteEndArray();
            }
            writer.WriteStartArray("artifacts");
            foreach (var artifact in Artifacts) artifact.WriteTo(writer, baseDirectory);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    /// <summary>Reads a stamp; null where there is none or it is damaged, which is the same: the image is not known to be whole.</summary>
    public static ImageStamp? Read(string path, string baseDirectory)
    {
        try
        {
            if (!File.Exists(path)) return null;
            var json = JsonNode.Parse(File.ReadAllBytes(path))!.AsObject();
            if ((int)json["schema"]! != Schema) return null;
            return new ImageStamp
            {
                BuildHash = (string)json["build_hash"]!,
                Parts = json["parts"]!.AsObject().ToDictionary(part => part.Key, part => (string)part.Value!, StringComparer.Ordinal),
                Built = json["built"] is { } built ? ArtifactRecord.Read(built, baseDirectory) : null,
                Tested = (string?)json["tested"],
                Facts = json["facts"] is { } facts ? BuildFacts.Read(facts) : null,
                PostProcessHash = (string?)json["post_process_hash"],
                PostProcessed = [.. json["post_processed"]?.AsArray().Select(step => PostProcessRecord.Read(step!, baseDirectory)) ?? []],
                Artifacts = [.. json["artifacts"]!.AsArray().Select(artifact => ArtifactRecord.Read(artifact!, baseDirectory))],
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or NullReferenceException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }
}
