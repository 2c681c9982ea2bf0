namespace Packer;

/// <summary>The class to derive a provisioner from.</summary>
/// <typeparam name="TConfig">A class or record with a constructor without parameters; each of its properties is a key.</typeparam>
public abstract class Provisioner<TConfig> : IProvisioner
    where TConfig : class, new()
{
    private TConfig? config;

    /// <inheritdoc />
    public virtual bool NeedsCommunicator => true;

    /// <inheritdoc />
    public PrepareResult Prepare(PrepareContext context) => context.Prepare<TConfig>(Validate, out config);

    /// <inheritdoc />
    public Task ProvisionAsync(ProvisionContext context, CancellationToken token) =>
        ProvisionAsync(config ?? throw new InvalidOperationException("Prepare comes before ProvisionAsync."), context, token);

    /// <summary>Checks what attributes cannot say. No side effects. Called only when every key could be decoded.</summary>
    /// <param name="config">The decoded settings.</param>
    /// <param name="validation">Takes the errors and warnings.</param>
    protected virtual void Validate(TConfig config, ConfigValidation validation)
    {
    }

    /// <summary>Does the work.</summary>
    /// <param name="config">The decoded settings.</param>
    /// <param name="context">The machine and the build.</param>
    /// <param name="token">Stops the work.</param>
    /// <exception cref="PackerException">The step failed.</exception>
    protected abstract Task ProvisionAsync(TConfig config, ProvisionContext context, CancellationToken token);
}
