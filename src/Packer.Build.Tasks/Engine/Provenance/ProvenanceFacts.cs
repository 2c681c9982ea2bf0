using System.Globalization;
using System.Text.Json.Nodes;
using Packer.Engine.Planning;

namespace Packer.Engine.Provenance;

/// <summary>Collects what the build of an image knows of its provenance.</summary>
internal static class ProvenanceFacts
{
    /// <summary>Puts together what the plan says and what the builder has noted.</summary>
    /// <param name="plan">The plan of the image.</param>
    /// <param name="materials">What the builder has noted.</param>
    /// <param name="secrets">What must not appear.</param>
    public static BuildFacts Collect(ImagePlan plan, BuildMaterials materials, SecretRedactor secrets)
    {
        var (dependencies, tools) = materials.Take();
        var parameters = new ProvenanceParameters(plan, secrets, materials.LocalFiles.Where(written => !IsInProject(written, plan)));
        var provisioners = plan.Provisioners.Where(step => !step.Options.Cleanup).Select(step => step.Component).ToList();
        return new BuildFacts(
            new JsonObject { ["image"] = plan.Image, ["builder"] = parameters.Of(plan.Builder), ["provisioners"] = parameters.Of(provisioners) },
            new JsonObject { ["inputs_hash"] = plan.BuildHash, ["behavior_versions"] = BehaviorVersions(plan) },
            new Dictionary<string, string>(tools, StringComparer.Ordinal)
            {
                ["Packer.Sdk"] = SdkVersion.Text,
                [".NET"] = Environment.Version.ToString(),
            },
            DependencyList.Sort([.. plan.Provenance!.Inputs, .. plan.DependsOn.SelectMany(name => OtherImage(name, plan)), .. dependencies.Select(dependency => Clean(dependency, parameters))]));
    }

    /// <summary>A file's name for others: relative to the image's folder or else to the project's; outside of both by its own name.</summary>
    public static string NameOf(string path, ImagePlan plan)
    {
        if (PortablePath.IsWithin(path, plan.OutputDirectory)) return PortablePath.Relative(path, plan.OutputDirectory);
        return PortablePath.IsWithin(path, plan.ProjectDirectory) ? PortablePath.Relative(path, plan.ProjectDirectory) : Path.GetFileName(path);
    }

    private static bool IsInProject(string written, ImagePlan plan) =>
        PortablePath.IsWithin(Uri.TryCreate(written, UriKind.Absolute, out var address) && address.IsFile ? address.LocalPath : Path.GetFullPath(written, plan.ProjectDirectory), plan.ProjectDirectory);

    private static JsonObject BehaviorVersions(ImagePlan plan) => new(plan.Components.Select(component => (component.Name, component.BehaviorVersion)).Distinct()
        .OrderBy(component => component.Name, StringComparer.Ordinal).DistinctBy(component => component.Name, StringComparer.Ordinal)
        .Select(component => KeyValuePair.Create(component.Name, (JsonNode?)component.BehaviorVersion.ToString(CultureInfo.InvariantCulture))));

    private static IEnumerable<ResolvedDependency> OtherImage(string name, ImagePlan plan)
    {
        var other = ImagePlanFile.Read((plan.Paths with { Image = name }).Plan);
        return (ImageStamp.Read(other.Paths.Stamp, other.OutputDirectory)?.Artifacts ?? []).SelectMany(artifact => artifact.Files)
            .Select(file => DependencyList.OfFile($"{name}/{NameOf(file.Path, other)}", file.Sha256));
    }

    private static ResolvedDependency Clean(ResolvedDependency dependency, ProvenanceParameters parameters) =>
        dependency with { Name = parameters.Clean(dependency.Name), Uri = dependency.Uri is { } address ? parameters.Clean(address) : null };
}
