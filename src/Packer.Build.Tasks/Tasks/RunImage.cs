using Microsoft.Build.Framework;
using Packer.Engine;
using Packer.Engine.MSBuild;
using Packer.Engine.Planning;
using Packer.Running;

namespace Packer.Tasks;

/// <summary>Starts a built image under QEMU and shows its console until it switches itself off or the build is cancelled.</summary>
[MSBuildMultiThreadableTask]
public sealed class RunImage : CancelableTask
{
    /// <summary>Full path of the plan of the image.</summary>
    [Required]
    public string PlanFile { get; set; } = "";

    /// <summary>No name of an image has it, so that the files of a run are no image's.</summary>
    private const string RunMark = "~run";

    private protected override async Task<bool> ExecuteAsync(CancellationToken token)
    {
        MSBuildUi? ui = null;
        try
        {
            var plan = ImagePlanFile.Read(PlanFile);
            var place = new ImagePaths(plan.OutputDirectory, plan.PlanDirectory, plan.Image + RunMark);
            ui = new MSBuildUi(Log, new SecretRedactor(), plan.Image, prefixLines: false, place.Log, plan.Location);
            await RunAsync(plan, place, ui, token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // Stopped before it ran. To be stopped is how a run ends.
        }
        catch (PackerException exception)
        {
            var error = Diagnostic.Error(exception.Code, exception.Message);
            if (ui is null) DiagnosticLog.Write(Log, error);
            else ui.Report(error);
        }
        finally
        {
            ui?.Dispose();
        }
        return !Log.HasLoggedErrors;
    }

    private async Task RunAsync(ImagePlan plan, ImagePaths place, MSBuildUi ui, CancellationToken token)
    {
        using var held = FileLock.TryAcquire(Path.Combine(plan.PlanDirectory, place.Image + ".lock"))
            ?? throw new PackerException(DiagnosticCodes.ImageRunsAlready, $"Image '{plan.Image}' runs already. Stop that run with Ctrl-C, or use it.");
        // What a run that was killed left.
        await ProcessLedger.ReapAsync(place.Processes, token).ConfigureAwait(false);
        await using var temporary = await EmptyDirectory.CreateAsync(place.Temporary).ConfigureAwait(false);
        var artifacts = ImageStamp.Read(plan.Paths.Stamp, plan.OutputDirectory)?.Artifacts
            ?? throw new PackerException(DiagnosticCodes.NothingToBoot, $"Image '{plan.Image}' is not built. Build it first.");
        using var cache = new FileCache(plan.CacheDirectory);
        await using var processes = new ProcessRunner(place.Processes, Hurry);
        var context = new BuildContext
        {
            Image = plan.Image,
            BuilderType = plan.Builder.Name,
            Ui = ui,
            Hook = new ProvisionHook([], null, () => throw new InvalidOperationException("A run has no provisioners.")),
            Cache = cache,
            OutputDirectory = plan.OutputDirectory,
            ProjectDirectory = plan.ProjectDirectory,
            TemporaryDirectory = place.Temporary,
            LogDirectory = plan.PlanDirectory,
            Processes = processes,
            Hurry = Hurry,
            RunId = plan.RunId,
            Secrets = new SecretRedactor(),
        };
        await new ImageRunner(plan, context).RunAsync([.. artifacts.SelectMany(artifact => artifact.Files).Select(file => file.Path)], token).ConfigureAwait(false);
    }
}
