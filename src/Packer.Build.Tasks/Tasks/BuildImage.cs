using Microsoft.Build.Framework;
using Packer.Engine.MSBuild;
using Packer.Engine.Planning;
using Packer.Engine.Plugins;
using Packer.Running;

namespace Packer.Tasks;

/// <summary>Builds one image from its plan; <c>packer.proj</c> calls it, in a project instance of its own for each image.</summary>
[MSBuildMultiThreadableTask]
public sealed class BuildImage : CancelableTask
{
    /// <summary>Full path of the plan.</summary>
    [Required]
    public string PlanFile { get; set; } = "";

    /// <summary>What there is after the build.</summary>
    [Output]
    public ITaskItem[] Artifacts { get; set; } = [];

    private protected override async Task<bool> ExecuteAsync(CancellationToken token)
    {
        try
        {
            var plan = ImagePlanFile.Read(PlanFile);
            plan = LiteralSecretsFile.Take(plan.Paths.Secrets, plan);
            var plugins = plan.Components.Select(component => component.AssemblyPath).OfType<string>().Distinct(StringComparer.Ordinal);
            using var registry = new ComponentRegistry(plugins.Select(path => (path, plan.Location)));
            foreach (var diagnostic in registry.Diagnostics) DiagnosticLog.Write(Log, diagnostic);
            var registration = registry.Find(ComponentKind.Builder, plan.Builder.Name)
                ?? throw new PackerException(DiagnosticCodes.UnknownBuilder, $"The builder '{plan.Builder.Name}' of the plan is not there any more. Build the project again.");
            Artifacts = await ImageBuildTask.RunAsync(Log, plan, registration.Create<IBuilder>(), registry, new ImageTest(), Hurry, token).ConfigureAwait(false) ?? [];
        }
        catch (PackerException exception)
        {
            DiagnosticLog.Write(Log, Diagnostic.Error(exception.Code, exception.Message));
        }
        return !Log.HasLoggedErrors;
    }
}
