using Microsoft.Build.Framework;
using Packer.Configuration;
using Packer.Engine;
using Packer.Engine.MSBuild;
using Packer.Engine.Planning;
using Packer.Engine.Reports;

namespace Packer.Tasks;

/// <summary>Deletes the local files of images: their folders, stamps and plans. Not what lies in the cache.</summary>
[MSBuildMultiThreadableTask]
public sealed class CleanImages : CancelableTask
{
    /// <summary>The <c>PackerImage</c> items.</summary>
    [Required]
    public ITaskItem[] Images { get; set; } = [];

    /// <summary>Full path of the project.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>Full path of the folder for plans.</summary>
    [Required]
    public string PlanDirectory { get; set; } = "";

    /// <summary>The folder of the images, relative to the project or full.</summary>
    [Required]
    public string OutputDirectory { get; set; } = "";

    /// <summary>The property <c>PackerOnly</c>.</summary>
    public string Only { get; set; } = "";

    /// <summary>The property <c>PackerExcept</c>.</summary>
    public string Except { get; set; } = "";

    private protected override async Task<bool> ExecuteAsync(CancellationToken token)
    {
        var projectDirectory = Path.GetDirectoryName(ProjectFile)!;
        foreach (var image in ItemRequests.Create("PackerImage", Images, ProjectFile))
        {
            if (Only.Length > 0 && !NamePattern.MatchesAny(NamePattern.ParseList(Only), image.Include)) continue;
            if (NamePattern.MatchesAny(NamePattern.ParseList(Except), image.Include)) continue;
            // The planner says what is wrong with such a name; here it only must not lead anywhere else.
            if (!Planner.IsImageName(image.Include)) continue;
            var output = ImagePaths.OutputDirectoryOf(image, ConfigPaths.MakeFull(OutputDirectory, projectDirectory), projectDirectory);
            // The planner refuses it; what lies there was made by no build.
            if (OutputFolder.HoldsProject(output, projectDirectory)) continue;
            await CleanAsync(new ImagePaths(output, PlanDirectory, image.Include), token).ConfigureAwait(false);
        }
        await DeleteReportAsync(ConfigPaths.MakeFull(OutputDirectory, projectDirectory), token).ConfigureAwait(false);
        return !Log.HasLoggedErrors;
    }

    /// <summary>It tells of images that are gone; the next build writes it anew.</summary>
    private async Task DeleteReportAsync(string outputDirectory, CancellationToken token)
    {
        try
        {
            await new ReportFiles(outputDirectory).DeleteAsync(token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            DiagnosticLog.Write(Log, Diagnostic.Error(DiagnosticCodes.OutputNotWritable, $"The report in '{outputDirectory}' cannot be deleted: {exception.Message} Close what uses it, and clean again."));
        }
    }

    private async Task CleanAsync(ImagePaths paths, CancellationToken token)
    {
        try
        {
            // Only what a build made: a folder without its stamp is not ours, whatever a project names as OutputDirectory.
            if (!File.Exists(paths.Stamp) && !File.Exists(paths.UntestedStamp) && !Leftovers.Exist(paths)) return;
            await using var held = await FileLock.AcquireAsync(paths.Lock, token).ConfigureAwait(false);
            await Leftovers.RemoveAsync(paths, token).ConfigureAwait(false);
            var stamp = ImageStamp.Read(paths.Stamp, paths.OutputDirectory);
            foreach (var artifact in stamp?.Artifacts ?? []) await artifact.ToArtifact().DestroyAsync(token).ConfigureAwait(false);
            if (File.Exists(paths.Stamp)) await TemporaryDirectory.DeleteAsync(paths.OutputDirectory).ConfigureAwait(false);
            File.Delete(paths.Stamp);
            if (File.Exists(paths.UntestedStamp)) await TemporaryDirectory.DeleteAsync(paths.Untested).ConfigureAwait(false);
            File.Delete(paths.UntestedStamp);
            foreach (var file in new[] { paths.Plan, paths.Dependencies, paths.Secrets, paths.Log, paths.Report }) File.Delete(file);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was built.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            DiagnosticLog.Write(Log, Diagnostic.Error(DiagnosticCodes.OutputNotWritable, $"Image '{paths.Image}': its files cannot be deleted: {exception.Message} Close what uses them, and clean again."));
        }
    }
}
