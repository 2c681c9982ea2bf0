using System.Text.Json.Nodes;

namespace Packer.Engine.Planning;

/// <summary>
/// Carries secrets that stand literally in a project from the planning to the build, which may run in another process: a file that only the
/// user can read, deleted as soon as it is read. The plan itself never holds them.
/// </summary>
internal static class LiteralSecretsFile
{
    public static async Task WriteAsync(string path, ImagePlan plan, CancellationToken token)
    {
        File.Delete(path);
        var components = plan.Components.Select(component => component.LiteralSecrets).ToList();
        if (components.All(secrets => secrets.Count == 0)) return;
        var json = new JsonArray([.. components.Select(secrets => (JsonNode)new JsonObject(secrets.Select(secret => KeyValuePair.Create(secret.Key, (JsonNode?)secret.Value))))]);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var writer = new StreamWriter(path, options);
        await writer.WriteAsync(json.ToJsonString().AsMemory(), token).ConfigureAwait(false);
    }

    /// <summary>Returns the plan with the secrets, and deletes the file.</summary>
    public static ImagePlan Take(string path, ImagePlan plan)
    {
        if (!File.Exists(path)) return plan;
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsArray();
        File.Delete(path);
        var next = 0;
        ComponentPlan With(ComponentPlan component) =>
            component with { LiteralSecrets = json[next++]!.AsObject().ToDictionary(pair => pair.Key, pair => (string)pair.Value!, StringComparer.Ordinal) };
        var builder = With(plan.Builder);
        var provisioners = plan.Provisioners.Select(step => step with { Component = With(step.Component) }).ToList();
        var postProcessors = plan.PostProcessors.Select(step => step with { Component = With(step.Component) }).ToList();
        return plan with { Builder = builder, Provisioners = provisioners, PostProcessors = postProcessors };
    }
}
