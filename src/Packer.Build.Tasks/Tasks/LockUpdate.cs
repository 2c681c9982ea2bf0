using Packer.Configuration;
using Packer.Configuration.Templates;
using Packer.Engine;
using Packer.Engine.Planning;
using Packer.Engine.Plugins;

namespace Packer.Tasks;

/// <summary>Has the builders choose anew what they are made of, and writes it to the lock file.</summary>
/// <param name="registry">The components.</param>
/// <param name="ui">Makes what an image's choice is told to.</param>
internal sealed class LockUpdate(ComponentRegistry registry, Func<ImagePlan, IUi> ui)
{
    /// <summary>Updates the entries of the images that are planned; those of others stay.</summary>
    /// <param name="plans">The images.</param>
    /// <param name="names">Names of all images of the project.</param>
    /// <param name="token">Ends the work.</param>
    /// <returns>The path of the lock file, or null where it did not change.</returns>
    public async Task<string?> RunAsync(IReadOnlyList<ImagePlan> plans, IReadOnlySet<string> names, CancellationToken token)
    {
        if (plans.Count == 0) return null;
        var file = LockFile.Read(plans[0].ProjectDirectory);
        foreach (var plan in plans)
        {
            if (registry.Find(ComponentKind.Builder, plan.Builder.Name)?.Create<IBuilder>() is not ILockingBuilder builder) continue;
            Prepare((IBuilder)builder, plan);
            using var cache = new FileCache(plan.CacheDirectory);
            file.Set(plan.Image, await builder.ChooseAsync(new LockContext(plan.Image, plan.App, cache, ui(plan)), token).ConfigureAwait(false));
        }
        file.KeepOnly(names);
        return await file.WriteAsync(token).ConfigureAwait(false) ? file.FilePath : null;
    }

    private static void Prepare(IBuilder builder, ImagePlan plan)
    {
        var decoding = new DecodeContext
        {
            Owner = plan.Builder.Owner,
            ProjectDirectory = plan.ProjectDirectory,
            Templates = new TemplateEngine(TemplateFunctions.Standard(new TemplateEnvironment
            {
                BuildName = plan.Image,
                BuildType = plan.Builder.Name,
                ProjectDirectory = plan.ProjectDirectory,
                PackerVersion = SdkVersion.Text,
            })),
            Locate = _ => plan.Location,
        };
        var prepared = builder.Prepare(PrepareContext.FromPlan(new ConfigDecoder(), plan.Builder.Config, plan.Builder.LiteralSecrets, decoding));
        if (prepared.Diagnostics.FirstOrDefault(found => found.Severity == DiagnosticSeverity.Error) is { } error) throw new PackerException(error.Code, error.Message);
    }
}
