using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Packer.Engine.Planning;
using Packer.Engine.Plugins;

namespace Packer.Engine.MSBuild;

/// <summary>Runs the build of an image inside a task: makes its Ui, and turns what can go wrong into MSBuild's errors.</summary>
internal static class ImageBuildTask
{
    /// <summary>Returns the artifacts' items, or null after an error was logged.</summary>
    public static async Task<ITaskItem[]?> RunAsync(TaskLoggingHelper log, ImagePlan plan, IBuilder builder, ComponentRegistry registry, IImageTest? test, CancellationToken hurry, CancellationToken token)
    {
        var secrets = new SecretRedactor();
        using var ui = new MSBuildUi(log, secrets, plan.Image, plan.PrefixLines, plan.Paths.Log, plan.Location);
        try
        {
            var artifacts = await new ImageBuild(plan, builder, registry, ui, secrets, test, hurry).RunAsync(token).ConfigureAwait(false);
            var items = ArtifactItems.Create(plan.Image, artifacts).ToArray();
            SayResult(log, ui, artifacts, items);
            return items;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            ui.Report(Diagnostic.Error(DiagnosticCodes.BuildCancelled, $"Image '{plan.Image}': the build was cancelled, and what it had started was cleaned up. Build again to go on.", plan.Location));
        }
        catch (Exception exception) when (token.IsCancellationRequested)
        {
            // Cut off in its work a builder may fail in any way; that is the cancellation's doing, but then its clean-up may have failed as well.
            ui.Report(Diagnostic.Error(DiagnosticCodes.BuildCancelled, $"Image '{plan.Image}': the build was cancelled and ended so: {exception.Message} Something that it had started may be left behind; the next build cleans it up. Build again to go on.", plan.Location));
            ui.Trace(exception);
        }
        catch (PackerException exception)
        {
            ui.Report(Diagnostic.Error(exception.Code, $"Image '{plan.Image}': {exception.Message}", plan.Location));
            ui.Trace(exception);
        }
        catch (Exception exception)
        {
            ui.Report(Diagnostic.Error(DiagnosticCodes.BuilderThrew, $"Image '{plan.Image}': the builder '{plan.Builder.Name}' failed unexpectedly: {exception.Message} This is a defect of the builder: tell its author, with the log.", plan.Location));
            ui.Trace(exception);
        }
        return null;
    }

    private static void SayResult(TaskLoggingHelper log, MSBuildUi ui, IReadOnlyList<ArtifactRecord> artifacts, ITaskItem[] items)
    {
        ui.Machine("artifact-count", artifacts.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
        for (var index = 0; index < artifacts.Count; index++) ArtifactRecords.Write(ui, index, artifacts[index]);
        // The form of MSBuild's own "project -> path", with the name of packer.proj: the terminal logger shows it as the result of the image.
        foreach (var item in items) log.LogMessage(MessageImportance.High, "{0}", $"packer -> {item.ItemSpec}");
    }
}
