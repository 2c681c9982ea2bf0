namespace Packer.Engine.Planning;

/// <summary>Decides by content whether an image is what its plan says. Time stamps decide nothing.</summary>
internal static class UpToDateCheck
{
    private const int MostReasons = 5;

    /// <summary>Whether the builder's part holds: the image was built from what the plan says, and its files are as they were written.</summary>
    public static IReadOnlyList<string> BuilderReasons(ImagePlan plan, ImageStamp? stamp, FileHashes hashes)
    {
        if (plan.Force) return ["PackerForce is true"];
        if (stamp is null) return [Directory.Exists(plan.OutputDirectory) ? "its stamp is missing or damaged" : "it was never built"];
        if (stamp.BuildHash != plan.BuildHash) return Changes(plan.Parts, stamp.Parts);
        // Once post-processors have run they may have taken the builder's own files away; then theirs count.
        if (stamp.PostProcessHash is not null) return [];
        return stamp.Built is null ? [] : FileReasons([stamp.Built], hashes);
    }

    /// <summary>Whether all holds, the post-processors' part too.</summary>
    public static IReadOnlyList<string> Reasons(ImagePlan plan, ImageStamp? stamp, FileHashes hashes)
    {
        var reasons = BuilderReasons(plan, stamp, hashes);
        if (reasons.Count > 0) return reasons;
        if (TestIsDue(plan, stamp!)) return [stamp!.Tested is null ? "it has not been tested" : "its test changed"];
        if (stamp!.PostProcessHash is null) return ["its post-processors have not run to their end"];
        if (stamp.PostProcessHash != plan.PostProcessHash) return ["its post-processors changed"];
        return FileReasons(stamp.Artifacts, hashes);
    }

    /// <summary>Whether the builder's own files are still there, so that only the post-processors need to run.</summary>
    public static bool BuiltIsIntact(ImagePlan plan, ImageStamp? stamp, FileHashes hashes) =>
        !plan.Force && stamp is not null && stamp.BuildHash == plan.BuildHash && (stamp.Built is null || FileReasons([stamp.Built], hashes).Count == 0);

    /// <summary>
    /// Whether the builder's own files are not needed: each sequence begins with a post-processor that has made its own of them, as those that compress an image
    /// and take its place.
    /// </summary>
    public static bool BuiltIsDispensable(ImagePlan plan, ImageStamp? stamp, FileHashes hashes) =>
        !plan.Force && stamp is not null && stamp.BuildHash == plan.BuildHash && !TestIsDue(plan, stamp) && plan.PostProcessors.Count > 0
        && plan.PostProcessors.GroupBy(step => step.Options.Sequence, StringComparer.OrdinalIgnoreCase)
            .All(sequence => stamp.PostProcessed.FirstOrDefault(step => step.Key == sequence.First().Hash) is { Made: { } made } && IsIntact(made, hashes));

    /// <summary>Whether the image has yet to pass the test that its plan names.</summary>
    public static bool TestIsDue(ImagePlan plan, ImageStamp stamp) => plan.Run.TestIdentity is { } test && stamp.Tested != test;

    /// <summary>Whether the files of an artifact are as they were written.</summary>
    public static bool IsIntact(ArtifactRecord artifact, FileHashes hashes) => FileReasons([artifact], hashes).Count == 0;

    private static List<string> FileReasons(IEnumerable<ArtifactRecord> artifacts, FileHashes hashes)
    {
        var reasons = new List<string>();
        foreach (var file in artifacts.SelectMany(artifact => artifact.Files))
        {
            if (!File.Exists(file.Path)) reasons.Add($"'{file.Path}' is missing");
            else if (!hashes.Matches(file.Path, file.Size, file.Sha256)) reasons.Add($"'{file.Path}' is not what was written");
        }
        return Short(reasons);
    }

    private static List<string> Changes(IReadOnlyDictionary<string, string> now, IReadOnlyDictionary<string, string> before)
    {
        var reasons = new List<string>();
        foreach (var name in now.Keys.Union(before.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (!before.TryGetValue(name, out var old)) reasons.Add($"{name} is new");
            else if (!now.TryGetValue(name, out var current)) reasons.Add($"{name} is gone");
            else if (current != old) reasons.Add($"{name} changed");
        }
        return Short(reasons.Count > 0 ? reasons : ["the SDK computes its state in another way"]);
    }

    private static List<string> Short(List<string> reasons) =>
        reasons.Count <= MostReasons ? reasons : [.. reasons.Take(MostReasons), $"and {reasons.Count - MostReasons} more"];
}
