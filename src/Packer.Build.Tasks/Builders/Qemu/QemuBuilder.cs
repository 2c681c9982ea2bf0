using Microsoft.Build.Framework;
using Packer.Communicators;
using Packer.Steps;

namespace Packer.Builders.Qemu;

/// <summary>
/// Makes the disk of a virtual machine: it installs a system from a CD image or starts from a disk image, types what a person would type, runs the
/// provisioners over the network, and shuts the machine down.
/// </summary>
[MSBuildMultiThreadableTask]
[PackerBuilder("qemu")]
public sealed class QemuBuilder : Builder<QemuConfig>
{
    private const string BuilderId = "transcend.qemu";
    private const string ArtifactName = "VM";

    /// <inheritdoc />
    protected override void Validate(QemuConfig config, ConfigValidation validation)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(validation);
        QemuRules.Check(config, validation);
        // A kernel that is given directly may need no CD.
        DownloadIsoStep.Validate(config.Iso, validation, isRequired: config.KernelPath is null, staysRemote: config.IsoSkipCache);
        CommunicatorRules.Check(config.Connection, validation.Error, findsHost: true, bringsKey: true);
        BootRules.Check(config.Boot, validation);
        HttpServerStep.Validate(config.Http, validation);
        CreateCdStep.Validate(config.Cd, validation);
        CreateFloppyStep.Validate(config.Floppy, validation);
    }

    /// <inheritdoc />
    protected override async Task<IArtifact?> BuildAsync(QemuConfig config, BuildContext context, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(context);
        QemuPrograms.Require(config);
        using var sockets = new SocketFolder(context);
        var steps = new QemuSteps(config, context, sockets);
        await new StepRunner(context).RunAsync(steps.All, token).ConfigureAwait(false);
        return new Artifact(BuilderId, ArtifactName, [.. Directory.EnumerateFiles(context.OutputDirectory).Order(StringComparer.Ordinal)], $"VM files in directory: {context.OutputDirectory}");
    }
}
