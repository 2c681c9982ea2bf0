namespace Packer.Engine;

/// <summary>A hook that can leave out provisioners whose work is there already, and that says after each how far it is.</summary>
internal interface IResumableHook : IHook
{
    /// <summary>Runs the provisioners, as <see cref="IHook.RunAsync"/> does for <see cref="Hooks.Provision"/>.</summary>
    /// <param name="ui">Where the output goes.</param>
    /// <param name="communicator">The connection to the machine, or null where the builder has none.</param>
    /// <param name="data">Build variables.</param>
    /// <param name="progress">Where to begin, and who is told.</param>
    /// <param name="token">Stops the provisioners.</param>
    Task ProvisionAsync(IUi ui, ICommunicator? communicator, IReadOnlyDictionary<string, object?> data, ProvisionProgress progress, CancellationToken token);
}

/// <summary>Where provisioning begins, and who is told how far it is.</summary>
/// <param name="First">How many provisioners are left out at the beginning.</param>
/// <param name="Done">Called after each provisioner with the number of those whose work is then there.</param>
internal sealed record ProvisionProgress(int First, Func<int, CancellationToken, Task> Done)
{
    /// <summary>All run, and nobody is told.</summary>
    public static readonly ProvisionProgress None = new(0, static (_, _) => Task.CompletedTask);
}
