namespace Packer.Provisioners.PowerShell;

/// <summary>Runs PowerShell scripts on a Windows machine.</summary>
[PackerProvisioner("powershell")]
public sealed class PowerShellProvisioner : Provisioner<PowerShellConfig>
{
    /// <summary>Waited between two tries to start a script.</summary>
    internal TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    protected override void Validate(PowerShellConfig config, ConfigValidation validation)
    {
        config.Run.Validate(validation);
        ScriptVariables.ValidateFormat(config.EnvVarFormat, nameof(PowerShellConfig.EnvVarFormat), validation);
        ScriptVariables.ValidateFormat(config.ElevatedEnvVarFormat, nameof(PowerShellConfig.ElevatedEnvVarFormat), validation);
        if (config.ElevatedPassword is not null && config.ElevatedUser is null)
            validation.Error(DiagnosticCodes.RequiredKeyMissing, nameof(PowerShellConfig.ElevatedPassword), "'ElevatedPassword' is set, but no 'ElevatedUser'. Set the user too, or remove the password.");
    }

    /// <inheritdoc />
    protected override Task ProvisionAsync(PowerShellConfig config, ProvisionContext context, CancellationToken token) =>
        new PowerShellRun(config, context, new Machine(context.Communicator!, context.Ui, config.StartRetryTimeout, RetryPause)).RunAsync(token);
}
