using Packer.Steps;

namespace Packer.PostProcessors.ShellLocal;

/// <summary>Runs scripts on this machine after the image was built; passes the image on.</summary>
[PackerPostProcessor("shell-local")]
public sealed class ShellLocalPostProcessor : PostProcessor<ShellLocalConfig>
{
    /// <inheritdoc />
    protected override void Validate(ShellLocalConfig config, ConfigValidation validation) => Steps.ShellLocal.Validate(config, validation);

    /// <inheritdoc />
    protected override async Task<PostProcessResult> ProcessAsync(ShellLocalConfig config, BuildContext context, IArtifact artifact, CancellationToken token)
    {
        await new Steps.ShellLocal(config, context, context.Ui, new Dictionary<string, string>()).RunAsync(token).ConfigureAwait(false);
        return new PostProcessResult(artifact, KeepInput: true, ForceKeepInput: true);
    }
}
