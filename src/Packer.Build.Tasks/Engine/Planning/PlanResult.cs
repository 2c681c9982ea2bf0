namespace Packer.Engine.Planning;

/// <summary>What came of planning.</summary>
/// <param name="Images">The images that were selected and what they depend on, in build order; empty where there are errors.</param>
/// <param name="Diagnostics">All errors and warnings.</param>
internal sealed record PlanResult(IReadOnlyList<PlannedImage> Images, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>The names of the images that were asked for, without those that they only depend on.</summary>
    public IReadOnlyList<string> Selected { get; init; } = [];

    public bool HasErrors => Diagnostics.Any(found => found.Severity == DiagnosticSeverity.Error);
}

/// <summary>An image and whether it must be built.</summary>
/// <param name="Plan">Its plan.</param>
/// <param name="Stamp">What is there, or null.</param>
/// <param name="Reasons">Why it is out of date; empty when it is up to date.</param>
internal sealed record PlannedImage(ImagePlan Plan, ImageStamp? Stamp, IReadOnlyList<string> Reasons)
{
    public bool IsUpToDate => Reasons.Count == 0;
}
