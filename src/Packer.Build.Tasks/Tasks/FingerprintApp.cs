using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Packer.Engine;
using Packer.Engine.Planning;

namespace Packer.Tasks;

/// <summary>
/// Says whether the app that was published for an image is still the project's app, by the content of what it is made of; and, after a
/// publish, remembers it. May err on the side of publishing once more, which changes no image: only the content of the app counts there.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class FingerprintApp : CancelableTask
{
    /// <summary>Full paths of the files that the app is made of; a path that does not exist counts too.</summary>
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>Anything else that the app depends on.</summary>
    public string Settings { get; set; } = "";

    /// <summary>The runtime identifiers asked for.</summary>
    public ITaskItem[] RuntimeIdentifiers { get; set; } = [];

    /// <summary>The name of the item <c>PackerImageApp</c>; empty for the project's own app.</summary>
    public string Name { get; set; } = "";

    /// <summary>Full path of the folder that remembers.</summary>
    [Required]
    public string Directory { get; set; } = "";

    /// <summary>After a publish: the apps, with their metadata.</summary>
    public ITaskItem[] Published { get; set; } = [];

    /// <summary>After a publish: what they were made of; empty where that is not known.</summary>
    public string PublishedFingerprint { get; set; } = "";

    /// <summary>What the app is made of now.</summary>
    [Output]
    public string Fingerprint { get; set; } = "";

    /// <summary>The apps that are published and current, with their metadata.</summary>
    [Output]
    public ITaskItem[] Current { get; set; } = [];

    private static readonly string[] MetadataNames = ["AppDirectory", "EntryPoint", "InvariantGlobalization"];

    private protected override async Task<bool> ExecuteAsync(CancellationToken token)
    {
        if (Published.Length > 0)
        {
            foreach (var app in Published) await RememberAsync(app, token).ConfigureAwait(false);
            return true;
        }
        Fingerprint = Compute();
        Current = [.. RuntimeIdentifiers.Select(Recall).OfType<ITaskItem>()];
        return true;
    }

    private string Compute()
    {
        var hashes = new FileHashes(Path.Combine(Directory, "app.hashes"));
        var text = new StringBuilder(Settings).Append('\n');
        foreach (var path in Files.Select(file => file.ItemSpec).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            text.Append(path).Append(' ').Append(File.Exists(path) ? hashes.OfFile(path) : "").Append('\n');
        hashes.Save();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private string MemoryPath(string runtimeIdentifier) => Path.Combine(Directory, Name.Length == 0 ? $"app.{runtimeIdentifier}.json" : $"app.{Name}.{runtimeIdentifier}.json");

    private ITaskItem? Recall(ITaskItem runtimeIdentifier)
    {
        try
        {
            var path = MemoryPath(runtimeIdentifier.ItemSpec);
            if (!File.Exists(path)) return null;
            var json = JsonNode.Parse(File.ReadAllBytes(path))!;
            if ((string?)json["fingerprint"] != Fingerprint) return null;
            var item = new TaskItem(runtimeIdentifier.ItemSpec);
            foreach (var name in MetadataNames) item.SetMetadata(name, (string)json[name]!);
            return System.IO.Directory.Exists(item.GetMetadata("AppDirectory")) ? item : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or ArgumentNullException)
        {
            return null;
        }
    }

    private async System.Threading.Tasks.Task RememberAsync(ITaskItem app, CancellationToken token)
    {
        if (PublishedFingerprint.Length == 0) return;
        var json = new JsonObject { ["fingerprint"] = PublishedFingerprint };
        foreach (var name in MetadataNames) json[name] = app.GetMetadata(name);
        await AtomicFile.WriteAsync(MemoryPath(app.ItemSpec), json.ToJsonString(), token).ConfigureAwait(false);
    }
}
