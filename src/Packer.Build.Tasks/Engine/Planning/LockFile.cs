using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Packer.Engine.Planning;

/// <summary>
/// The lock file of a project (<c>packer.lock.json</c> beside it, meant to be committed): for each image the exact inputs that its builder would else choose anew
/// in each build. It is read in every build, and written only when the user asks for it (<c>PackerUpdateLock</c>).
/// </summary>
internal sealed class LockFile
{
    /// <summary>Its name.</summary>
    public const string FileName = "packer.lock.json";

    private const int Version = 1;

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SortedDictionary<string, JsonNode> images = new(StringComparer.Ordinal);

    private LockFile(string path) => FilePath = path;

    /// <summary>Its full path.</summary>
    public string FilePath { get; }

    /// <summary>Reads the lock file of a project; one without any image where there is none.</summary>
    /// <param name="projectDirectory">Full path of the project's folder.</param>
    /// <exception cref="PackerException">The file cannot be read or is none.</exception>
    public static LockFile Read(string projectDirectory)
    {
        var result = new LockFile(Path.Combine(projectDirectory, FileName));
        if (!File.Exists(result.FilePath)) return result;
        try
        {
            var json = JsonNode.Parse(File.ReadAllBytes(result.FilePath))!.AsObject();
            if ((int)json["version"]! != Version) throw new FormatException("It is of another version of the SDK.");
            foreach (var (name, entry) in json["images"]!.AsObject()) result.images[name] = entry!.DeepClone();
            return result;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or NullReferenceException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new PackerException(DiagnosticCodes.LockFileUnreadable,
                $"The lock file '{result.FilePath}' cannot be read: {exception.Message} Take it from version control again, or delete it and build with -p:PackerUpdateLock=true, which writes it anew.", exception);
        }
    }

    /// <summary>What is locked for an image, as JSON; null where nothing is.</summary>
    public string? Find(string image) => images.GetValueOrDefault(image)?.ToJsonString(Readable);

    /// <summary>Locks what an image is made of.</summary>
    /// <param name="image">Name of the image.</param>
    /// <param name="entry">What its builder has chosen, as JSON.</param>
    public void Set(string image, string entry) => images[image] = JsonNode.Parse(entry)!;

    /// <summary>Drops the images that the project has no more.</summary>
    public void KeepOnly(IReadOnlySet<string> names)
    {
        foreach (var gone in images.Keys.Where(name => !names.Contains(name)).ToList()) images.Remove(gone);
    }

    /// <summary>Writes the file where its content changes; the same choice gives the same bytes.</summary>
    /// <returns>Whether it changed.</returns>
    public async Task<bool> WriteAsync(CancellationToken token)
    {
        var json = new JsonObject { ["version"] = Version, ["images"] = new JsonObject(images.Select(image => KeyValuePair.Create(image.Key, (JsonNode?)image.Value.DeepClone()))) };
        var text = json.ToJsonString(Readable) + "\n";
        if (File.Exists(FilePath) && await File.ReadAllTextAsync(FilePath, token).ConfigureAwait(false) == text) return false;
        await AtomicFile.WriteAsync(FilePath, text, token).ConfigureAwait(false);
        return true;
    }
}
