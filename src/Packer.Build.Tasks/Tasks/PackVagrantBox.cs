using Microsoft.Build.Framework;
using Packer.Configuration;
using Packer.Engine;
using Packer.Engine.MSBuild;
using Packer.PostProcessors.Vagrant;

namespace Packer.Tasks;

/// <summary>
/// Makes a box for Vagrant's provider libvirt of disks, as the post-processor <c>vagrant</c> does, for targets of a project. The box is there when it is whole, and
/// not before; give the target <c>Inputs</c> and <c>Outputs</c>, and it runs only when a disk is newer.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class PackVagrantBox : CancelableTask
{
    private const int MaximumLevel = 9;

    /// <summary>The disks, of any format.</summary>
    [Required]
    public ITaskItem[] Disks { get; set; } = [];

    /// <summary>The box to write. One that is there is replaced.</summary>
    [Required]
    public ITaskItem Destination { get; set; } = null!;

    /// <summary>0, not compressed; 1, the fastest; to 9, the smallest. Default: 6.</summary>
    public int CompressionLevel { get; set; } = 6;

    /// <summary>Further files to put into the box.</summary>
    public ITaskItem[] IncludeFiles { get; set; } = [];

    /// <summary>A Vagrantfile whose content becomes part of that of the box.</summary>
    public ITaskItem? VagrantfileTemplate { get; set; }

    /// <summary>The architecture of the machine, as Vagrant calls it. Default: that of this one.</summary>
    public string Architecture { get; set; } = "";

    private protected override async Task<bool> ExecuteAsync(CancellationToken token)
    {
        try
        {
            if (CompressionLevel is < 0 or > MaximumLevel)
                throw new PackerException(DiagnosticCodes.WrongValue, $"'{nameof(CompressionLevel)}' is {CompressionLevel}, which is not 0 to {MaximumLevel}. Correct it.");
            var box = new VagrantBox
            {
                Disks = [.. Disks.Select(FullPath)],
                Architecture = Architecture.Length > 0 ? Architecture : VagrantPostProcessor.HostArchitecture,
                CompressionLevel = CompressionLevel,
                IncludeFiles = [.. IncludeFiles.Select(FullPath)],
                VagrantfileTemplate = VagrantfileTemplate is null ? null : FullPath(VagrantfileTemplate),
            };
            await using var temporary = TemporaryDirectory.Create();
            await box.WriteAsync(FullPath(Destination), temporary.FullPath, token).ConfigureAwait(false);
        }
        catch (PackerException exception)
        {
            DiagnosticLog.Write(Log, Diagnostic.Error(exception.Code, exception.Message, new SourceLocation(BuildEngine.ProjectFileOfTaskNode, BuildEngine.LineNumberOfTaskNode, BuildEngine.ColumnNumberOfTaskNode)));
        }
        return !Log.HasLoggedErrors;
    }

    // A relative path is one of the project's folder; the engine knows that, whatever the current folder is.
    private static string FullPath(ITaskItem item) => item.GetMetadata("FullPath");
}
