namespace Packer.Builders.Qemu;

/// <summary>A step whose errors come with the machine's last screen and the end of its console.</summary>
/// <param name="inner">The step.</param>
/// <param name="machine">Gives the machine.</param>
/// <param name="evidence">Keeps the last screen and the console.</param>
internal class EvidenceStep(IStep inner, Func<QemuMachine> machine, Evidence evidence) : IStep
{
    public string Name => inner.Name;

    protected QemuMachine Machine => machine();

    public async Task RunAsync(CancellationToken token)
    {
        try
        {
            await RunInnerAsync(inner, token).ConfigureAwait(false);
        }
        catch (PackerException error) when (!token.IsCancellationRequested)
        {
            throw await evidence.AddToAsync(error, Machine).ConfigureAwait(false);
        }
    }

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => inner.CleanupAsync(outcome, hurry);

    protected virtual Task RunInnerAsync(IStep step, CancellationToken token) => step.RunAsync(token);
}
