using Packer.Engine;

namespace Packer.Steps;

/// <summary>
/// Runs the provisioners. After a failure or a cancel its clean-up runs the clean-up provisioner, while the machine is still there; a cancel
/// lets that end.
/// </summary>
/// <param name="context">The build.</param>
/// <param name="connection">The connection to the machine; it has run before.</param>
/// <param name="data">Gives build variables of the builder's own, which override those of the connection.</param>
/// <param name="progress">Says where to begin, and is told how far it is; null for a builder without checkpoints.</param>
internal sealed class ProvisionStep(BuildContext context, ConnectStep connection, Func<IReadOnlyDictionary<string, object?>>? data = null, Func<ProvisionProgress>? progress = null)
    : IStep, ICleanupProvisionStep
{
    public string Name => "Provision";

    public Task RunAsync(CancellationToken token) => RunAsync(Hooks.Provision, token);

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => outcome == StepOutcome.Succeeded ? Task.CompletedTask : RunAsync(Hooks.CleanupProvision, hurry);

    private Task RunAsync(string hook, CancellationToken token)
    {
        var variables = new Dictionary<string, object?>(connection.Data, StringComparer.Ordinal);
        foreach (var (name, value) in data?.Invoke() ?? new Dictionary<string, object?>()) variables[name] = value;
        return hook == Hooks.Provision && progress is not null && context.Hook is IResumableHook resumable
            ? resumable.ProvisionAsync(context.Ui, connection.Communicator, variables, progress(), token)
            : context.Hook.RunAsync(hook, context.Ui, connection.Communicator, variables, token);
    }
}
