using Packer.Configuration;

namespace Packer.Provisioners.Sleep;

/// <summary>Waits, as for a service of the machine that says in no other way when it is ready.</summary>
[PackerProvisioner("sleep")]
public sealed class SleepProvisioner : Provisioner<SleepConfig>
{
    /// <inheritdoc />
    public override bool NeedsCommunicator => false;

    /// <inheritdoc />
    protected override Task ProvisionAsync(SleepConfig config, ProvisionContext context, CancellationToken token)
    {
        context.Ui.Say($"Sleeping for {DurationFormat.Format(config.Duration!.Value)}.");
        return Task.Delay(config.Duration.Value, token);
    }
}
