using System.Text.Json;
using System.Text.Json.Nodes;

namespace Packer.Engine.Planning;

/// <summary>An artifact as it is remembered between builds.</summary>
/// <param name="BuilderId">See <see cref="IArtifact.BuilderId"/>.</param>
/// <param name="Id">See <see cref="IArtifact.Id"/>.</param>
/// <param name="Text">See <see cref="IArtifact.ToString"/>.</param>
/// <param name="Files">Its files; none for a remote artifact.</param>
internal sealed record ArtifactRecord(string BuilderId, string Id, string Text, IReadOnlyList<ArtifactFile> Files)
{
    public void WriteTo(Utf8JsonWriter writer, string baseDirectory)
    {
        writer.WriteStartObject();
        writer.WriteString("builder_id", BuilderId);
        writer.WriteString("id", Id);
        writer.WriteString("text", Text.Replace(baseDirectory, ".", StringComparison.Ordinal));
        writer.WriteStartArray("files");
        foreach (var file in Files)
        {
            writer.WriteStartObject();
            writer.WriteString("path", PortablePath.Relative(file.Path, baseDirectory));
            writer.WriteNumber("size", file.Size);
            writer.WriteString("sha256", file.Sha256);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <exception cref="FormatException">The JSON is not of this form.</exception>
    public static ArtifactRecord Read(JsonNode node, string baseDirectory)
    {
        var files = node["files"]!.AsArray().Select(file => new ArtifactFile(
            PortablePath.Full((string)file!["path"]!, baseDirectory), (long)file["size"]!, (string)file["sha256"]!));
        return new ArtifactRecord((string)node["builder_id"]!, (string)node["id"]!, (string)node["text"]!, [.. files]);
    }

    public IArtifact ToArtifact() => new Artifact(BuilderId, Id, [.. Files.Select(file => file.Path)], Text);
}

/// <summary>A file of an artifact.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
internal sealed record ArtifactFile(string Path, long Size, string Sha256);
