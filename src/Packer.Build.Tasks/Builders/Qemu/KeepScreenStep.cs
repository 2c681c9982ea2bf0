namespace Packer.Builders.Qemu;

/// <summary>Keeps the last screen of a machine that is about to be shut down, for the report of the build. Where that cannot be done it is left out.</summary>
/// <param name="machine">Gives the running machine.</param>
/// <param name="evidence">Keeps the screen.</param>
internal sealed class KeepScreenStep(Func<QemuMachine> machine, Evidence evidence) : IStep
{
    public string Name => "Keep the last screen";

    public Task RunAsync(CancellationToken token) => evidence.KeepScreenAsync(machine());

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => Task.CompletedTask;
}
