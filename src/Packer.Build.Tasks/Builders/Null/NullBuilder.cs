using Microsoft.Build.Framework;
using Packer.Engine;

namespace Packer.Builders.Null;

/// <summary>Makes nothing: it runs the provisioners, so that they can be tried out, or used for what they do.</summary>
[MSBuildMultiThreadableTask]
[PackerBuilder("null")]
public sealed class NullBuilder : Builder<NullConfig>
{
    private const string BuilderId = "fnoeding.null";
    private const string ArtifactName = "Null";

    /// <inheritdoc />
    protected override async Task<IArtifact?> BuildAsync(NullConfig config, BuildContext context, CancellationToken token)
    {
        var provision = new Steps.ProvisionStep(context, communicator: null, new Dictionary<string, object?> { ["ConnType"] = config.Communicator });
        await new StepRunner(context).RunAsync([provision], token).ConfigureAwait(false);
        return new Artifact(BuilderId, ArtifactName, [], "Did not export anything. This is the null builder");
    }
}
