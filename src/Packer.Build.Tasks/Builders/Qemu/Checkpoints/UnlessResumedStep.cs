namespace Packer.Builders.Qemu.Checkpoints;

/// <summary>A step that a resumed build leaves out, as its work is part of the checkpoint.</summary>
/// <param name="inner">The step.</param>
/// <param name="resume">Says whether the build was resumed.</param>
internal sealed class UnlessResumedStep(IStep inner, ResumeStep resume) : IStep
{
    public string Name => inner.Name;

    public Task RunAsync(CancellationToken token) => resume.Resumed is null ? inner.RunAsync(token) : Task.CompletedTask;

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => resume.Resumed is null ? inner.CleanupAsync(outcome, hurry) : Task.CompletedTask;
}
