using Microsoft.Build.Framework;
using Packer.Communicators;
using Packer.Engine;
using Packer.Steps;

namespace Packer.Builders.Null;

/// <summary>Makes nothing: it runs the provisioners, here or in a machine that is there already, so that they can be tried out, or used for what they do.</summary>
[MSBuildMultiThreadableTask]
[PackerBuilder("null")]
public sealed class NullBuilder : Builder<NullConfig>
{
    private const string BuilderId = "fnoeding.null";
    private const string ArtifactName = "Null";

    /// <inheritdoc />
    protected override void Validate(NullConfig config, ConfigValidation validation)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(validation);
        CommunicatorRules.Check(config.Connection, validation.Error, findsHost: false, bringsKey: false);
    }

    /// <inheritdoc />
    protected override async Task<IArtifact?> BuildAsync(NullConfig config, BuildContext context, CancellationToken token)
    {
        // The address is in the settings; there is none to be found.
        var connect = new ConnectStep(context, config.Connection, static _ => Task.FromResult<MachineAddress?>(null));
        await new StepRunner(context).RunAsync([connect, new ProvisionStep(context, connect)], token).ConfigureAwait(false);
        return new Artifact(BuilderId, ArtifactName, [], "Did not export anything. This is the null builder");
    }
}
