namespace Packer.Builders.Qemu;

/// <summary>A step that needs the running machine: when the machine ends meanwhile that is the error.</summary>
internal class WatchedStep : EvidenceStep
{
    private WatchedStep(IStep inner, Func<QemuMachine> machine, Evidence evidence)
        : base(inner, machine, evidence)
    {
    }

    /// <summary>Watches over a step. One whose clean-up runs the clean-up provisioner is still known as such.</summary>
    /// <param name="inner">The step.</param>
    /// <param name="machine">Gives the running machine.</param>
    /// <param name="evidence">Keeps the last screen and the console.</param>
    public static IStep Around(IStep inner, Func<QemuMachine> machine, Evidence evidence) =>
        inner is ICleanupProvisionStep ? new WatchedProvisionStep(inner, machine, evidence) : new WatchedStep(inner, machine, evidence);

    protected sealed override Task RunInnerAsync(IStep step, CancellationToken token) => Machine.WhileRunningAsync(step.RunAsync, token);

    private sealed class WatchedProvisionStep(IStep inner, Func<QemuMachine> machine, Evidence evidence) : WatchedStep(inner, machine, evidence), ICleanupProvisionStep;
}
