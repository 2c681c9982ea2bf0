using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Packer.Configuration;
using Packer.Engine.Planning;
using Packer.Engine.Plugins;

namespace Packer.Engine.MSBuild;

/// <summary>A builder that a target of a project calls by hand: one image, planned from the task's own parameters and then built as any other.</summary>
internal static class DirectBuild
{
    private const string IntermediateFolder = "obj";

    public static async Task<ITaskItem[]?> RunAsync(IBuilder builder, TaskLoggingHelper log, string projectFile, string imageName, ITaskItem[] settings, string outputDirectory, CancellationToken hurry, CancellationToken token)
    {
        var attribute = builder.GetType().GetCustomAttributes(typeof(PackerBuilderAttribute), inherit: false).Cast<PackerBuilderAttribute>().FirstOrDefault();
        if (attribute is null || imageName.Length == 0 || outputDirectory.Length == 0)
        {
            DiagnosticLog.Write(log, Diagnostic.Error(DiagnosticCodes.RequiredKeyMissing, "A builder called by hand needs ImageName and OutputDirectory, and its class needs [PackerBuilder(\"name\")]. Give the task both parameters.", new SourceLocation(projectFile, 0, 0)));
            return null;
        }
        using var registry = new ComponentRegistry([]);
        registry.AddDirect(builder.GetType(), attribute);
        var metadata = new Dictionary<string, ConfigText>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in settings.SelectMany(ItemRequests.Metadata)) metadata[key] = value;
        metadata["Builder"] = ConfigText.FromLiteral(attribute.Name);
        metadata["OutputDirectory"] = ConfigText.FromLiteral(outputDirectory);
        var projectDirectory = Path.GetDirectoryName(projectFile)!;
        var planDirectory = Path.Combine(projectDirectory, IntermediateFolder, "packer");
        var request = new PlanRequest
        {
            ProjectFile = projectFile,
            PlanDirectory = planDirectory,
            OutputDirectory = ConfigPaths.MakeFull(outputDirectory, projectDirectory),
            CacheDirectory = FileCache.DefaultDirectory(),
            Images = [new ItemRequest("PackerImage", imageName, metadata, projectFile)],
        };
        var result = new Planner(request, registry, new FileHashes(Path.Combine(planDirectory, "files.hashes"))).Plan(token);
        foreach (var diagnostic in result.Diagnostics) DiagnosticLog.Write(log, diagnostic);
        if (result.HasErrors) return null;
        return await ImageBuildTask.RunAsync(log, result.Images[0].Plan, builder, registry, test: null, hurry, token).ConfigureAwait(false);
    }
}
