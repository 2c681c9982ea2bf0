namespace Packer.Builders.Qemu.Checkpoints;

/// <summary>Keeps the machine as it is when the connection stands for the first time.</summary>
/// <param name="resume">Knows the points of the build.</param>
/// <param name="taker">Keeps the machine.</param>
internal sealed class KeepInstalledStep(ResumeStep resume, CheckpointTaker taker) : IStep
{
    public string Name => "Take a checkpoint";

    public Task RunAsync(CancellationToken token) => resume.Resumed is null && resume.Points.Count > 0 ? taker.TakeAsync(resume.Points[0], token) : Task.CompletedTask;

    public async Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => await taker.DisposeAsync().ConfigureAwait(false);
}
