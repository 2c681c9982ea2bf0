namespace Packer.Builders.Qemu;

/// <summary>A step that needs the running machine: when the machine ends meanwhile that is the error, and every error comes with the evidence.</summary>
/// <param name="inner">The step.</param>
/// <param name="machine">Gives the running machine.</param>
/// <param name="evidence">Keeps the last screen and the console.</param>
internal class WatchedStep(IStep inner, Func<QemuMachine> machine, Evidence evidence) : IStep
{
    /// <summary>Watches over a step. One whose clean-up runs the clean-up provisioner is still known as such.</summary>
    public static IStep Around(IStep inner, Func<QemuMachine> machine, Evidence evidence) =>
        inner is ICleanupProvisionStep ? new WatchedProvisionStep(inner, machine, evidence) : new WatchedStep(inner, machine, evidence);

    public string Name => inner.Name;

    public async Task RunAsync(CancellationToken token)
    {
        try
        {
            await machine().WhileRunningAsync(inner.RunAsync, token).ConfigureAwait(false);
        }
        catch (PackerException error) when (!token.IsCancellationRequested)
        {
            throw await evidence.AddToAsync(error, machine()).ConfigureAwait(false);
        }
    }

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => inner.CleanupAsync(outcome, hurry);

    private sealed class WatchedProvisionStep(IStep inner, Func<QemuMachine> machine, Evidence evidence) : WatchedStep(inner, machine, evidence), ICleanupProvisionStep;
}
