using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Packer.Configuration;
using Packer.Engine;
using Packer.Engine.MSBuild;
using Packer.Engine.Planning;
using Packer.Engine.Plugins;

namespace Packer.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class PlanImages : CancelableTask, IIncrementalTask
{
    private const string PropertyPrefix = "Packer";
    private const string ValidateMode = "Validate";
    private const string InspectMode = "Inspect";

    private protected override async Task<bool> ExecuteAsync(CancellationToken token)
    {
        var request = Request();
        using var registry = new ComponentRegistry(PluginPaths(request));
        var hashes = new FileHashes(Path.Combine(PlanDirectory, "files.hashes"), readOnly: Mode == ValidateMode);
        var result = new Planner(request, registry, hashes).Plan(token);
        foreach (var diagnostic in result.Diagnostics) DiagnosticLog.Write(Log, diagnostic);
        if (result.HasErrors) return false;
        if (UpdateLock && Mode is not (ValidateMode or InspectMode) && !FailIfNotIncremental)
        {
            if (!await UpdateLockFileAsync(registry, request, result, token).ConfigureAwait(false)) return false;
            result = new Planner(request, registry, hashes).Plan(token);
        }
        if (Mode == ValidateMode)
        {
            // For a project that refers to this one and is only checked, too: what there is, or else the name of what there will be.
            Artifacts = [.. result.Images.SelectMany(image => image.Stamp is { } stamp ? ArtifactItems.Create(image.Plan.Image, stamp.Artifacts) : [ArtifactItems.Awaited(image.Plan.Image)])];
            return Say($"{result.Images.Count} image(s) checked, no errors.");
        }
        if (Mode == InspectMode)
        {
            foreach (var line in PlanReport.Lines(result.Images)) Log.LogMessage(MessageImportance.High, "{0}", line);
            return true;
        }

        if (ForRun && !SelectOne(result)) return false;
        var stale = result.Images.Where(image => !image.IsUpToDate).ToList();
        if (FailIfNotIncremental) return FailForStale(stale);
        var locator = new ProjectLocator(ProjectFile);
        var items = request.Images.ToDictionary(image => image.Include, StringComparer.OrdinalIgnoreCase);
        foreach (var image in result.Images) await WritePlanAsync(image, stale, locator, items, token).ConfigureAwait(false);
        StaleImages = [.. stale.Select(image => new TaskItem(image.Plan.Image))];
        Artifacts = [.. result.Images.Where(image => image.IsUpToDate).SelectMany(image => ArtifactItems.Create(image.Plan.Image, image.Stamp!.Artifacts))];
        return true;
    }

    private async Task<bool> UpdateLockFileAsync(ComponentRegistry registry, PlanRequest request, PlanResult planned, CancellationToken token)
    {
        var uis = new List<MSBuildUi>();
        try
        {
            var names = request.Images.Select(image => image.Include).ToHashSet(StringComparer.Ordinal);
            var written = await new LockUpdate(registry, Ui).RunAsync([.. planned.Images.Select(image => image.Plan)], names, token).ConfigureAwait(false);
            return Say(written is null ? "The lock file holds the newest already, or no image has anything to lock." : $"Wrote the lock file '{written}'.");
        }
        catch (PackerException exception)
        {
            DiagnosticLog.Write(Log, Diagnostic.Error(exception.Code, exception.Message, new SourceLocation(ProjectFile, 0, 0)));
            return false;
        }
        finally
        {
            foreach (var ui in uis) ui.Dispose();
        }

        IUi Ui(ImagePlan plan)
        {
            uis.Add(new MSBuildUi(Log, new SecretRedactor(), plan.Image, planned.Images.Count > 1, logFilePath: null));
            return uis[^1];
        }
    }

    private PlanRequest Request()
    {
        var projectDirectory = Path.GetDirectoryName(ProjectFile)!;
        return new PlanRequest
        {
            ProjectFile = ProjectFile,
            PlanDirectory = PlanDirectory,
            OutputDirectory = ConfigPaths.MakeFull(OutputDirectory, projectDirectory),
            CacheDirectory = CacheDirectory.Length > 0 ? ConfigPaths.MakeFull(CacheDirectory, projectDirectory) : FileCache.DefaultDirectory(),
            Images = ItemRequests.Create("PackerImage", Images, ProjectFile),
            Provisioners = ItemRequests.Create("PackerProvisioner", Provisioners, ProjectFile),
            PostProcessors = ItemRequests.Create("PackerPostProcessor", PostProcessors, ProjectFile),
            Plugins = ItemRequests.Create("PackerPlugin", Plugins, ProjectFile),
            ProjectProperties = Properties(),
            GlobalProperties = Globals(),
            Apps = Apps.ToDictionary(app => app.ItemSpec, App, StringComparer.OrdinalIgnoreCase),
            AddedApps = ItemRequests.Create("PackerImageApp", AddedApps, ProjectFile),
            PublishedAddedApps = PublishedAddedApps.ToDictionary(app => (app.GetMetadata("AppName"), app.ItemSpec), App),
            ReferencedArtifacts = [.. ReferencedArtifacts.Select(item => new ReferencedArtifact(item.GetMetadata(ArtifactItems.Image), item.ItemSpec, item.GetMetadata(ArtifactItems.Format), item.GetMetadata(ArtifactItems.Sha256)))],
            Only = Only,
            Except = Except,
            Force = Force,
            Debug = Debug,
            OnError = OnError,
            Test = Test,
            CheckpointLimit = CheckpointLimit,
        };
    }

    private static AppContent App(ITaskItem item) => new(item.GetMetadata("AppDirectory"), item.GetMetadata("EntryPoint"), item.ItemSpec)
    {
        InvariantGlobalization = string.Equals(item.GetMetadata("InvariantGlobalization"), "true", StringComparison.OrdinalIgnoreCase),
    };

    /// <summary>What the project sets; what the command line sets as well counts there.</summary>
    private Dictionary<string, ConfigText> Properties()
    {
        var globals = Globals();
        var values = new Dictionary<string, ConfigText>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in ProjectProperties)
            if (!globals.ContainsKey(item.ItemSpec)) values[item.ItemSpec] = ConfigText.FromEscaped(((ITaskItem2)item).GetMetadataValueEscaped("Value"));
        return values;
    }

    private Dictionary<string, ConfigText> Globals()
    {
        var values = new Dictionary<string, ConfigText>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in BuildEngine6.GetGlobalProperties())
        {
            var key = name.StartsWith(PropertyPrefix, StringComparison.OrdinalIgnoreCase) ? name[PropertyPrefix.Length..] : "";
            if (key.Length > 0 && !Planner.ControlProperties.Contains(key)) values[key] = ConfigText.FromEscaped(value);
        }
        return values;
    }

    private static IEnumerable<(string Path, SourceLocation? Location)> PluginPaths(PlanRequest request)
    {
        var locator = new ProjectLocator(request.ProjectFile);
        var directory = Path.GetDirectoryName(request.ProjectFile)!;
        return request.Plugins.Select(plugin => (ConfigPaths.MakeFull(plugin.Include, directory), (SourceLocation?)locator.Locate(plugin)));
    }

    private async System.Threading.Tasks.Task WritePlanAsync(PlannedImage image, List<PlannedImage> stale, ProjectLocator locator, Dictionary<string, ItemRequest> items, CancellationToken token)
    {
        var paths = image.Plan.Paths;
        // Up to date: the plan on disk is the one it was built from, or says the same.
        // What is said of starting it may have changed all the same.
        if (image.IsUpToDate && !ForRun && File.Exists(paths.Plan)) return;
        Directory.CreateDirectory(PlanDirectory);
        var plan = image.Plan with { Location = locator.Locate(items[image.Plan.Image]), PrefixLines = stale.Count > 1, RunId = RunId };
        await AtomicFile.WriteAsync(paths.Plan, ImagePlanFile.Write(plan), token).ConfigureAwait(false);
        if (image.IsUpToDate) return;
        var waitFor = string.Concat(plan.DependsOn.Where(name => stale.Exists(other => other.Plan.Image == name)).Select(name => name + "\n"));
        if (waitFor.Length > 0) await AtomicFile.WriteAsync(paths.Dependencies, waitFor, token).ConfigureAwait(false);
        else File.Delete(paths.Dependencies);
        await LiteralSecretsFile.WriteAsync(paths.Secrets, plan, token).ConfigureAwait(false);
        Log.LogMessage(MessageImportance.Normal, "{0}", $"Image '{plan.Image}' is out of date: {string.Join("; ", image.Reasons)}.");
    }

    private bool SelectOne(PlanResult result)
    {
        if (result.Selected.Count == 1)
        {
            RunPlanFile = result.Images.Single(image => image.Plan.Image == result.Selected[0]).Plan.Paths.Plan;
            return true;
        }
        DiagnosticLog.Write(Log, Diagnostic.Error(DiagnosticCodes.NotOneImageToRun,
            result.Selected.Count == 0
                ? "PackerRun starts one image, but none is selected. Correct PackerOnly and PackerExcept."
                : $"PackerRun starts one image, but {result.Selected.Count} are selected: {string.Join(", ", result.Selected)}. Name one, as in -p:PackerOnly={result.Selected[0]}.",
            new SourceLocation(ProjectFile, 0, 0)));
        return false;
    }

    private bool FailForStale(List<PlannedImage> stale)
    {
        foreach (var image in stale)
            DiagnosticLog.Write(Log, Diagnostic.Error(DiagnosticCodes.ImageOutOfDate, $"Image '{image.Plan.Image}' is out of date: {string.Join("; ", image.Reasons)}. Build it.", new SourceLocation(ProjectFile, 0, 0)));
        return stale.Count == 0;
    }

    private bool Say(string text)
    {
        Log.LogMessage(MessageImportance.High, "{0}", text);
        return true;
    }
}
