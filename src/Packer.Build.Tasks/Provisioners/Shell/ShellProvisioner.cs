namespace Packer.Provisioners.Shell;

/// <summary>Runs scripts on the machine, in its shell.</summary>
[PackerProvisioner("shell")]
public sealed class ShellProvisioner : Provisioner<ShellConfig>
{
    /// <summary>Waited between two tries to start a script.</summary>
    internal TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    protected override void Validate(ShellConfig config, ConfigValidation validation)
    {
        config.Run.Validate(validation);
        ScriptVariables.ValidateFormat(config.EnvVarFormat, nameof(ShellConfig.EnvVarFormat), validation);
    }

    /// <inheritdoc />
    protected override Task ProvisionAsync(ShellConfig config, ProvisionContext context, CancellationToken token) =>
        new ShellRun(config, context, new Machine(context.Communicator!, context.Ui, config.StartRetryTimeout, RetryPause)).RunAsync(token);
}
