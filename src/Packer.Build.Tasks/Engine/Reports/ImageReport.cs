using System.Text.Json;
using System.Text.Json.Serialization;
using Packer.Engine.Planning;

namespace Packer.Engine.Reports;

/// <summary>What there is to say about the last build of an image. Form: <c>docs/report.schema.json</c>, <c>image</c>.</summary>
internal sealed record ImageReport
{
    public required string Image { get; init; }

    public required string Builder { get; init; }

    /// <summary>The run of the build that it is of.</summary>
    public required string RunId { get; init; }

    /// <summary>One of <see cref="ReportOutcomes"/>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Whether it is of the build that the report is of; false: the image is used as it was.</summary>
    public bool BuiltNow { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>From start to end in milliseconds; the sum of the steps.</summary>
    public long DurationMs { get; init; }

    /// <summary>Why it was built.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>What of earlier builds was used again while it was built.</summary>
    public IReadOnlyList<string> Reused { get; init; } = [];

    public ReportMessage? Error { get; init; }

    public IReadOnlyList<ReportStep> Steps { get; init; } = [];

    public IReadOnlyList<ReportArtifact> Artifacts { get; init; } = [];

    public IReadOnlyList<ReportMessage> Warnings { get; init; } = [];

    /// <summary>One hash over all that the image is made of.</summary>
    public string? InputsHash { get; init; }

    /// <summary>The hash of each thing that the image is made of.</summary>
    public IReadOnlyDictionary<string, string> Inputs { get; init; } = new Dictionary<string, string>();

    /// <summary>How many bytes of the image hold data; the sum of the contents.</summary>
    public long ContentsSize => Contents.Sum(entry => entry.Size);

    /// <summary>What takes the room in the image; empty where its builder does not know.</summary>
    public IReadOnlyList<ContentsEntry> Contents { get; init; } = [];

    /// <summary>PNG files.</summary>
    public IReadOnlyList<string> Screenshots { get; init; } = [];

    /// <summary>The JSON.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, ReportJson.Readable.ImageReport);

    /// <summary>Reads a part; null where there is none that can be read, which is the same.</summary>
    public static ImageReport? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), ReportJson.Readable.ImageReport) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>An entry of the time line.</summary>
/// <param name="Name">Its name, for people.</param>
/// <param name="Kind">One of <see cref="StepKinds"/>.</param>
/// <param name="StartMs">Milliseconds from the start of the image's build; where the one before ends.</param>
/// <param name="DurationMs">Milliseconds.</param>
/// <param name="Outcome">One of <see cref="ReportOutcomes"/>.</param>
internal sealed record ReportStep(string Name, string Kind, long StartMs, long DurationMs, string Outcome);

/// <summary>An error or a warning.</summary>
/// <param name="Code">Its code.</param>
/// <param name="Message">Its text.</param>
internal sealed record ReportMessage(string Code, string Message);

/// <summary>What was made.</summary>
/// <param name="BuilderId">See <see cref="IArtifact.BuilderId"/>.</param>
/// <param name="Id">See <see cref="IArtifact.Id"/>.</param>
/// <param name="Files">Its files.</param>
internal sealed record ReportArtifact(string BuilderId, string Id, IReadOnlyList<ArtifactFile> Files);

/// <summary>How a build or a step ended.</summary>
internal static class ReportOutcomes
{
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    /// <summary>It was out of date, but its build has not begun: one that it depends on failed, or the build was stopped.</summary>
    public const string NotStarted = "not_started";

    public static string Of(StepOutcome outcome) => outcome switch
    {
        StepOutcome.Succeeded => Succeeded,
        StepOutcome.Failed => Failed,
        _ => Cancelled,
    };
}

/// <summary>The form of the JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ImageReport))]
[JsonSerializable(typeof(BuildReport))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    public static ReportJson Readable { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = PlanJson.Options.Encoder,
    });
}
