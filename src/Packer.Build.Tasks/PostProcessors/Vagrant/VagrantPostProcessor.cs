using System.Runtime.InteropServices;
using Packer.Imaging;
using Packer.PostProcessors.Convert;

namespace Packer.PostProcessors.Vagrant;

/// <summary>Makes a box for Vagrant of the disks of an artifact.</summary>
[PackerPostProcessor("vagrant")]
public sealed class VagrantPostProcessor : PostProcessor<VagrantConfig>
{
    /// <summary>The provider that QEMU's disks are for.</summary>
    internal const string Libvirt = "libvirt";

    private const string BuilderId = "mitchellh.post-processor.vagrant";

    /// <summary>Makers of disks that QEMU runs.</summary>
    private static readonly string[] QemuBuilders = ["transcend.qemu", "packer.appliance", "packer.post-processor.convert"];

    /// <summary>The architecture of this machine, by the name that Vagrant has.</summary>
    internal static string HostArchitecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.X86 => "i386",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <inheritdoc />
    protected override void Validate(VagrantConfig config, ConfigValidation validation)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(validation);
        if (config.VagrantfileTemplateGenerated is null) return;
        if (config.VagrantfileTemplate is not null)
            validation.Error(DiagnosticCodes.WrongValue, nameof(config.VagrantfileTemplateGenerated), "'VagrantfileTemplate' and 'VagrantfileTemplateGenerated' are both set, and the box has one Vagrantfile. Give its path to one of them: the second, if the build writes it.");
        if (Path.GetFileName(config.VagrantfileTemplateGenerated) is "true" or "false")
            validation.Error(DiagnosticCodes.WrongValue, nameof(config.VagrantfileTemplateGenerated), "'VagrantfileTemplateGenerated' is the path of the Vagrantfile itself, unlike Packer's switch. Give it the path, and leave out 'VagrantfileTemplate'.");
    }

    /// <inheritdoc />
    protected override async Task<PostProcessResult> ProcessAsync(VagrantConfig config, BuildContext context, IArtifact artifact, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(artifact);
        if (config.ProviderOverride is null && !QemuBuilders.Contains(artifact.BuilderId, StringComparer.Ordinal))
            throw new PackerException(DiagnosticCodes.VagrantBoxNotMade, $"For what '{artifact.BuilderId}' makes no provider of Vagrant is known. If QEMU can run it, set ProviderOverride=\"{Libvirt}\".");
        var disks = await Task.Run(() => OnePerDisk(DiskSelection.Find(artifact, config.Disks, kind: null)), token).ConfigureAwait(false);
        var architecture = config.Architecture is null or "" ? HostArchitecture : config.Architecture == "386" ? "i386" : config.Architecture;
        var path = Path.GetFullPath(context.Render(config.OutputFile, new Dictionary<string, string>
        {
            ["BuildName"] = context.Image,
            ["BuilderType"] = context.BuilderType,
            ["Provider"] = Libvirt,
            ["Architecture"] = architecture,
        }), context.OutputDirectory);
        if (artifact.Files.Contains(path, OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal))
            throw new PackerException(DiagnosticCodes.VagrantBoxNotMade, $"'{path}' would be written over a file of the artifact that it is made of. Give it another name with 'OutputFile'.");
        context.Ui.Say($"Making the box '{Path.GetFileName(path)}' of {string.Join(", ", disks.Select(disk => $"'{Path.GetFileName(disk)}'"))}");
        var box = new VagrantBox
        {
            Disks = disks,
            Architecture = architecture,
            CompressionLevel = config.CompressionLevel,
            IncludeFiles = config.IncludeFiles,
            VagrantfileTemplate = config.VagrantfileTemplate ?? config.VagrantfileTemplateGenerated,
        };
        var sha256 = await box.WriteAsync(path, Path.Combine(context.TemporaryDirectory, "vagrant"), token).ConfigureAwait(false);
        var made = new Artifact(BuilderId, Libvirt, [path], $"'{Libvirt}' provider box: {path}", new Dictionary<string, object?>
        {
            [ArtifactState.Sha256] = new Dictionary<string, string>(StringComparer.Ordinal) { [path] = sha256 },
        });
        // What is not in the box stands for something that is nowhere else.
        return new PostProcessResult(made, KeepInput: disks.Count < artifact.Files.Count);
    }

    /// <summary>Files with the same name but for the extension are one disk in several formats.</summary>
    private static List<string> OnePerDisk(List<string> files) =>
        [.. files.GroupBy(DiskNames.WithoutExtension, StringComparer.Ordinal).Select(forms => forms.FirstOrDefault(file => file.EndsWith(".qcow2", StringComparison.OrdinalIgnoreCase)) ?? forms.First())];
}
