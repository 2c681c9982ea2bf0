namespace Packer.Engine;

/// <summary>Prepares a provisioner right before it runs, when the build variables that its settings name have values.</summary>
internal sealed class LateProvisioner(Func<IReadOnlyDictionary<string, object?>, IProvisioner> prepare, bool needsCommunicator) : IProvisioner
{
    public bool NeedsCommunicator => needsCommunicator;

    public PrepareResult Prepare(PrepareContext context) => throw new InvalidOperationException("It was prepared when the build was planned.");

    public Task ProvisionAsync(ProvisionContext context, CancellationToken token) => prepare(context.Data).ProvisionAsync(context, token);
}
