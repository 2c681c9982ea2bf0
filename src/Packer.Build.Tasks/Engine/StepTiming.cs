namespace Packer;

/// <summary>How long a step took.</summary>
/// <param name="Name">The step's <see cref="IStep.Name"/>.</param>
/// <param name="Start">When it began, counted from the start of the first step.</param>
/// <param name="Duration">How long it ran, without its clean-up.</param>
/// <param name="Outcome">How it ended.</param>
public sealed record StepTiming(string Name, TimeSpan Start, TimeSpan Duration, StepOutcome Outcome);
