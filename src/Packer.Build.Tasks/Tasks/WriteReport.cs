using Microsoft.Build.Framework;
using Packer.Engine.MSBuild;
using Packer.Engine.Planning;
using Packer.Engine.Reports;

namespace Packer.Tasks;

/// <summary>Writes the report of a build that built something, <c>report.json</c> and <c>report.html</c>, from the parts that the builds of the images left.</summary>
[MSBuildMultiThreadableTask]
public sealed class WriteReport : CancelableTask
{
    /// <summary>The <c>PackerImage</c> items.</summary>
    [Required]
    public ITaskItem[] Images { get; set; } = [];

    /// <summary>The images that this build was to build.</summary>
    public ITaskItem[] StaleImages { get; set; } = [];

    /// <summary>The <c>PackerArtifact</c> items: what there is after the build.</summary>
    public ITaskItem[] Artifacts { get; set; } = [];

    /// <summary>The run of the build, as the plans name it.</summary>
    [Required]
    public string RunId { get; set; } = "";

    /// <summary>Full path of the project.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>Full path of the folder for plans.</summary>
    [Required]
    public string PlanDirectory { get; set; } = "";

    /// <summary>The folder of the images, relative to the project or full.</summary>
    [Required]
    public string OutputDirectory { get; set; } = "";

    private protected override async Task<bool> ExecuteAsync(CancellationToken token)
    {
        var directory = Configuration.ConfigPaths.MakeFull(OutputDirectory, Path.GetDirectoryName(ProjectFile)!);
        try
        {
            var report = BuildReport.Merge(
                Path.GetFileName(ProjectFile), RunId, Images.Select(image => image.ItemSpec).Where(Planner.IsImageName),
                image => ImageReport.Read(new ImagePaths("", PlanDirectory, image).Report),
                StaleImages.Select(image => image.ItemSpec).ToHashSet(StringComparer.OrdinalIgnoreCase), ArtifactItems.ToReport(Artifacts), directory);
            await new ReportFiles(directory).WriteAsync(report, token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The images are what was asked for.
            DiagnosticLog.Write(Log, Diagnostic.Warning(DiagnosticCodes.ReportNotWritten, $"The report of the build cannot be written to '{directory}': {exception.Message} Close what uses it, or correct the access rights of the folder."));
        }
        return true;
    }
}
