using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Engine;
using Packer.Engine.Planning;

namespace Packer.PostProcessors.Manifest;

/// <summary>Adds an entry for the artifact to a JSON file in Packer's form: <c>{"builds":[…],"last_run_uuid":…}</c>.</summary>
[PackerPostProcessor("manifest")]
public sealed class ManifestPostProcessor : PostProcessor<ManifestConfig>
{
    /// <inheritdoc />
    protected override async Task<PostProcessResult> ProcessAsync(ManifestConfig config, BuildContext context, IArtifact artifact, CancellationToken token)
    {
        var imagesDirectory = Path.GetDirectoryName(context.OutputDirectory)!;
        var path = Path.GetFullPath(config.OutputFile, imagesDirectory);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using (await FileLock.AcquireAsync(path + ".lock", token).ConfigureAwait(false))
        {
            // What a build left that was killed.
            AtomicFile.DeleteUnfinished(path);
            var manifest = await ReadAsync(path, context, token).ConfigureAwait(false);
            manifest["builds"]!.AsArray().Add(Entry(config, context, artifact));
            manifest["last_run_uuid"] = context.RunId;
            var text = manifest.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n", Encoder = PlanJson.Options.Encoder }) + "\n";
            await AtomicFile.WriteAsync(path, text, token).ConfigureAwait(false);
        }
        return new PostProcessResult(artifact, KeepInput: true, ForceKeepInput: true);
    }

    private static async Task<JsonObject> ReadAsync(string path, BuildContext context, CancellationToken token)
    {
        var empty = new JsonObject { ["builds"] = new JsonArray(), ["last_run_uuid"] = "" };
        if (!System.IO.File.Exists(path)) return empty;
        try
        {
            var manifest = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(path, token).ConfigureAwait(false)) as JsonObject;
            if (manifest?["builds"] is not JsonArray) throw new JsonException("It has no list 'builds'.");
            // A forced build begins a new manifest, unless another image of the same run has begun it already.
            return context.Force && (string?)manifest["last_run_uuid"] != context.RunId ? empty : manifest;
        }
        catch (JsonException exception)
        {
            throw new PackerException(DiagnosticCodes.PostProcessorFailed, $"The manifest '{path}' cannot be read: {exception.Message} Delete or repair it; nothing was changed in it.", exception);
        }
    }

    private static JsonObject Entry(ManifestConfig config, BuildContext context, IArtifact artifact)
    {
        var files = artifact.Files.Select(file => (JsonNode)new JsonObject
        {
            ["name"] = config.StripPath ? Path.GetFileName(file) : file,
            ["size"] = new FileInfo(file).Length,
        }).ToArray();
        return new JsonObject
        {
            ["name"] = context.Image,
            ["builder_type"] = context.BuilderType,
            ["build_time"] = config.StripTime ? 0 : DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            ["files"] = files.Length == 0 ? null : new JsonArray(files),
            ["artifact_id"] = artifact.Id,
            ["packer_run_uuid"] = context.RunId,
            ["custom_data"] = config.CustomData.Count == 0 ? null : new JsonObject(config.CustomData.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        };
    }
}
