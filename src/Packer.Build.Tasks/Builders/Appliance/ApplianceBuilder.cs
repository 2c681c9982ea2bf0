using Microsoft.Build.Framework;
using Packer.Debian;
using Packer.Engine;
using Packer.Engine.Reports;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>
/// Makes a bootable disk of the published app of a project: Debian's signed boot chain and kernel, the Debian files that .NET needs, and the app,
/// which is all that runs. It needs no hypervisor, no rights and no tool beside .NET.
/// </summary>
[MSBuildMultiThreadableTask]
[PackerBuilder("appliance", Provisions = false, TakesApp = true)]
public sealed class ApplianceBuilder : Builder<ApplianceConfig>, ILockingBuilder, IAddedAppsBuilder
{
    private const string BuilderId = "packer.appliance";

    /// <inheritdoc />
    protected override void Validate(ApplianceConfig config, ConfigValidation validation)
    {
        ApplianceRules.Check(config, validation.Error);
        if (AppRules.IsRoot(config.User)) validation.Warning(DiagnosticCodes.AppRunsAsRoot, nameof(config.User), AppRules.RootWarning("the app"));
    }

    void IAddedAppsBuilder.CheckApp(AppOptions options, Action<string, string> error, Action<string, string, string> warning)
    {
        AppRules.Check(options.User, options.WorkingDirectory, options.Environment, options.Arguments, error);
        if (AppRules.IsRoot(options.User)) warning(DiagnosticCodes.AppRunsAsRoot, nameof(options.User), AppRules.RootWarning("it"));
    }

    async Task<string> ILockingBuilder.ChooseAsync(LockContext context, CancellationToken token)
    {
        try
        {
            using var fetcher = new CacheDebianFetcher(context.Cache, context.Ui);
            var locked = await new ApplianceImage(context.Image, Config, RequireApp(context.App), HostAptConfiguration.Find()).LockAsync(fetcher, token).ConfigureAwait(false);
            context.Ui.Message($"Pinned {locked.Packages.Count} packages of Debian {locked.Suite}.");
            return locked.ToJson();
        }
        catch (Exception exception) when (ApplianceErrors.TryTranslate(exception) is { } error)
        {
            throw error;
        }
    }

    /// <inheritdoc />
    protected override async Task<IArtifact?> BuildAsync(ApplianceConfig config, BuildContext context, CancellationToken token)
    {
        var app = RequireApp(context.App);
        try
        {
            using var files = new FilePool();
            using var fetcher = new CacheDebianFetcher(context.Cache, context.Ui);
            var image = new ApplianceImage(context.Image, config, app, HostAptConfiguration.Find());
            var parts = await context.Recorder.RunAsync("Fetch packages and compose the image", StepKinds.Step, () => image.ComposeAsync(fetcher, context.Ui, files, context.Lock, token), token).ConfigureAwait(false);
            var written = await context.Recorder.RunAsync("Write the image", StepKinds.Step, () => new ApplianceOutputs(config, context).WriteAsync(parts, token), token).ConfigureAwait(false);
            foreach (var package in parts.Packages) context.Materials?.Use(BillOfMaterials.Describe(package, config.DebianSuite));
            var paths = written.Select(file => file.Path).ToList();
            if (config.Sbom)
            {
                paths.Add(Path.Combine(context.OutputDirectory, context.Image + BillOfMaterials.Ending));
                await System.IO.File.WriteAllTextAsync(paths[^1], BillOfMaterials.Create(context.Image, config, app, parts.Packages, parts.Root.Tree), token).ConfigureAwait(false);
            }
            return new Artifact(BuilderId, context.Image, paths, state: new Dictionary<string, object?>
            {
                [ArtifactState.Contents] = parts.Contents,
                [ArtifactState.Sha256] = written.ToDictionary(file => file.Path, file => file.Sha256!, StringComparer.Ordinal),
            });
        }
        catch (Exception exception) when (ApplianceErrors.TryTranslate(exception) is { } error)
        {
            throw error;
        }
    }

    private static AppContent RequireApp(AppContent? app) => app ?? throw new PackerException(DiagnosticCodes.AppMissing,
        "There is no published app to put into the image. Set Content=\"app\" on the image, in a project that builds a program.");
}
