using System.Text.Json;
using System.Text.Json.Serialization;

namespace Packer.Engine.Reports;

/// <summary>The report of the last build of a project's images. Form: <c>docs/report.schema.json</c>.</summary>
internal sealed record BuildReport
{
    public const string JsonName = "report.json";
    public const string PageName = "report.html";
    private const string SchemaAddress = "https://github.com/packer-sdk/packer-sdk/raw/main/docs/report.schema.json";

    [JsonPropertyName("$schema")]
    public string SchemaReference => SchemaAddress;

    /// <summary>Raised when the form changes so that a reader must know.</summary>
    public int Schema => 1;

    public string SdkVersion { get; init; } = Engine.SdkVersion.Text;

    /// <summary>File name of the project.</summary>
    public required string Project { get; init; }

    public required string RunId { get; init; }

    /// <summary>When the first of the images that were built began; absent where none was.</summary>
    public DateTimeOffset? Started => Built.Min(image => image.Started);

    /// <summary>When the last of them ended.</summary>
    public DateTimeOffset? Ended => Built.Max(image => image.Ended);

    /// <summary>From the start to the end in milliseconds.</summary>
    public long DurationMs => Started is { } start && Ended is { } end ? (long)(end - start).TotalMilliseconds : 0;

    /// <summary>In the order of the project.</summary>
    public required IReadOnlyList<ImageReport> Images { get; init; }

    [JsonIgnore]
    public IEnumerable<ImageReport> Built => Images.Where(image => image.BuiltNow);

    /// <summary>The JSON.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, ReportJson.Readable.BuildReport);

    /// <summary>Puts together the parts of all images.</summary>
    /// <param name="project">File name of the project.</param>
    /// <param name="runId">The run of the build that has just ended.</param>
    /// <param name="images">The names of the images.</param>
    /// <param name="read">Gives the part of an image, or null where there is none.</param>
    /// <param name="stale">The images that this build was to build.</param>
    /// <param name="artifacts">What there is after the build, by image.</param>
    /// <param name="baseDirectory">Full path of the folder of the report: paths are written relative to it.</param>
    public static BuildReport Merge(
        string project, string runId, IEnumerable<string> images, Func<string, ImageReport?> read, IReadOnlySet<string> stale, ILookup<string, ReportArtifact> artifacts, string baseDirectory) => new()
    {
        Project = project,
        RunId = runId,
        Images = [.. images.Select(name => MergeOne(name, runId, read(name), stale.Contains(name), [.. artifacts[name]])).OfType<ImageReport>().Select(image => Relative(image, baseDirectory))],
    };

    private static ImageReport? MergeOne(string name, string runId, ImageReport? part, bool isStale, IReadOnlyList<ReportArtifact> artifacts)
    {
        if (part is not null && part.RunId == runId) return part with { BuiltNow = true };
        if (isStale && artifacts.Count == 0) return new ImageReport { Image = name, Builder = part?.Builder ?? "", RunId = runId, Outcome = ReportOutcomes.NotStarted };
        if (part is not null) return part;
        // Built by an SDK that wrote no reports, or the folder of the plans was deleted.
        return artifacts.Count == 0 ? null : new ImageReport { Image = name, Builder = "", RunId = "", Outcome = ReportOutcomes.Succeeded, Artifacts = artifacts };
    }

    private static ImageReport Relative(ImageReport image, string baseDirectory) => image with
    {
        Artifacts = [.. image.Artifacts.Select(artifact => artifact with { Files = [.. artifact.Files.Select(file => file with { Path = RelativePath(file.Path, baseDirectory) })] })],
        Screenshots = [.. image.Screenshots.Select(path => RelativePath(path, baseDirectory))],
    };

    // Also out of the folder: screens lie with the logs.
    private static string RelativePath(string path, string baseDirectory) => Path.GetRelativePath(baseDirectory, path).Replace('\\', '/');
}
