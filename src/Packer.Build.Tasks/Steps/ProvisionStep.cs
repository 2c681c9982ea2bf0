namespace Packer.Steps;

/// <summary>
/// Runs the provisioners. After a failure or a cancel its clean-up runs the clean-up provisioner, while the machine is still there; a cancel
/// lets that end.
/// </summary>
internal sealed class ProvisionStep(BuildContext context, ICommunicator? communicator, IReadOnlyDictionary<string, object?> data) : IStep, ICleanupProvisionStep
{
    public string Name => "Provision";

    public Task RunAsync(CancellationToken token) => context.Hook.RunAsync(Hooks.Provision, context.Ui, communicator, data, token);

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => outcome == StepOutcome.Succeeded
        ? Task.CompletedTask
        : context.Hook.RunAsync(Hooks.CleanupProvision, context.Ui, communicator, data, hurry);
}
