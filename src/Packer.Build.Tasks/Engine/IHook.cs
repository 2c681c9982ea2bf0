namespace Packer;

/// <summary>Lets a builder call what the user wants done at a point of its build, without knowing what that is.</summary>
public interface IHook
{
    /// <summary>Runs everything that is registered under a name, in order; the first error stops. A name that nothing is registered under does nothing.</summary>
    /// <param name="name">One of <see cref="Hooks"/>.</param>
    /// <param name="ui">Where the output goes.</param>
    /// <param name="communicator">The connection to the machine, or null where the builder has none.</param>
    /// <param name="data">Build variables: what <c>{{ build `Key` }}</c> reads in provisioners (Host, Port, User…).</param>
    /// <param name="token">Stops the provisioners.</param>
    /// <exception cref="PackerException">A provisioner failed, or one is to run and <paramref name="communicator"/> is null.</exception>
    Task RunAsync(string name, IUi ui, ICommunicator? communicator, IReadOnlyDictionary<string, object?> data, CancellationToken token);
}
