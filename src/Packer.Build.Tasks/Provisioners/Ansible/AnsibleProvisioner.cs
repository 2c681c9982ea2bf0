namespace Packer.Provisioners.Ansible;

/// <summary>Runs an Ansible playbook from this machine against the one that is built.</summary>
[PackerProvisioner("ansible")]
public sealed class AnsibleProvisioner : Provisioner<AnsibleConfig>
{
    /// <summary>Ansible makes a connection of its own; what it needs to know stands in the build variables, or in an inventory of the user's.</summary>
    public override bool NeedsCommunicator => false;

    /// <inheritdoc />
    protected override void Validate(AnsibleConfig config, ConfigValidation validation)
    {
        foreach (var variable in config.AnsibleEnvVars.Where(variable => variable.IndexOf('=', StringComparison.Ordinal) < 1))
            validation.Error(DiagnosticCodes.WrongValue, nameof(AnsibleConfig.AnsibleEnvVars), $"the variable '{variable}' has no name and value. Write it as NAME=value.");
        if (config.InventoryFile is not null && (config.InventoryFileTemplate is not null || config.InventoryDirectory is not null || config.Groups.Count > 0 || config.EmptyGroups.Count > 0))
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(AnsibleConfig.InventoryFile), "'InventoryFile' takes the place of the generated inventory, so 'InventoryFileTemplate', 'InventoryDirectory', 'Groups' and 'EmptyGroups' change nothing. Remove them, or it.");
    }

    /// <inheritdoc />
    protected override Task ProvisionAsync(AnsibleConfig config, ProvisionContext context, CancellationToken token) => new AnsibleRun(config, context).RunAsync(token);
}
