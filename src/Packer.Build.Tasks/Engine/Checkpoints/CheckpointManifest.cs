using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Engine.Planning;

namespace Packer.Engine.Checkpoints;

/// <summary>A file of a checkpoint.</summary>
/// <param name="Name">Its name in the checkpoint's folder.</param>
/// <param name="Id">The same in all checkpoints that share the file by hard links, so that its room counts once.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
internal sealed record CheckpointFile(string Name, string Id, long Size, string Sha256);

/// <summary>What a checkpoint consists of. Written last: a folder without it is none.</summary>
/// <param name="Taken">When it was taken.</param>
/// <param name="Files">Its files.</param>
internal sealed record CheckpointManifest(DateTimeOffset Taken, IReadOnlyList<CheckpointFile> Files)
{
    /// <summary>Its name in the checkpoint's folder.</summary>
    public const string FileName = "manifest.json";

    private const int Version = 1;

    /// <summary>Reads the manifest of a checkpoint; null where it is missing or damaged.</summary>
    /// <param name="folder">Full path of the checkpoint's folder.</param>
    public static CheckpointManifest? TryRead(string folder)
    {
        try
        {
            var json = JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, FileName)))!;
            if ((int)json["version"]! != Version) return null;
            var files = json["files"]!.AsArray().Select(file => new CheckpointFile((string)file!["name"]!, (string)file["id"]!, (long)file["size"]!, (string)file["sha256"]!)).ToList();
            return new CheckpointManifest(DateTimeOffset.FromUnixTimeSeconds((long)json["taken"]!), files);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or NullReferenceException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Writes it.</summary>
    /// <param name="folder">Full path of the checkpoint's folder.</param>
    /// <param name="token">Stops the writing.</param>
    public Task WriteAsync(string folder, CancellationToken token)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, PlanJson.Options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", Version);
            writer.WriteNumber("taken", Taken.ToUnixTimeSeconds());
            writer.WriteStartArray("files");
            foreach (var file in Files)
            {
                writer.WriteStartObject();
                writer.WriteString("name", file.Name);
                writer.WriteString("id", file.Id);
                writer.WriteNumber("size", file.Size);
                writer.WriteString("sha256", file.Sha256);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return AtomicFile.WriteAsync(Path.Combine(folder, FileName), Encoding.UTF8.GetString(buffer.ToArray()) + "\n", token);
    }
}
