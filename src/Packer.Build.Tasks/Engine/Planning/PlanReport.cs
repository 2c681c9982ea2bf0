using System.Text.Json;

namespace Packer.Engine.Planning;

/// <summary>What <c>PackerInspect</c> prints: every image with its merged settings, where each value came from, and its state.</summary>
internal static class PlanReport
{
    public static IEnumerable<string> Lines(IEnumerable<PlannedImage> images)
    {
        foreach (var image in images)
        {
            var plan = image.Plan;
            yield return $"{plan.Image} ({plan.Builder.Name}) -> {plan.OutputDirectory}";
            yield return image.IsUpToDate ? "  up to date" : $"  out of date: {string.Join("; ", image.Reasons)}";
            if (plan.DependsOn.Count > 0) yield return $"  depends on {string.Join(", ", plan.DependsOn)}";
            foreach (var line in Values(plan.Builder, "  ")) yield return line;
            if (plan.Run.Test is { } test) yield return $"  tested by HTTP: {test} answers within {Configuration.DurationFormat.Format(test.Timeout)}";
            foreach (var step in plan.Provisioners)
            {
                yield return $"  {(step.Options.Cleanup ? "clean-up provisioner" : "provisioner")} {step.Component.Name}";
                foreach (var line in Values(step.Component, "    ")) yield return line;
            }
            foreach (var step in plan.PostProcessors)
            {
                yield return $"  post-processor {step.Component.Name}";
                foreach (var line in Values(step.Component, "    ")) yield return line;
            }
        }
    }

    private static IEnumerable<string> Values(ComponentPlan component, string indentation) =>
        component.Config.Values.Select(value => $"{indentation}{value.Key} = {value.Value.ToJsonString(JsonOptions)}  ({string.Join(", ", value.Origins.Select(origin => $"{Configuration.MergedConfig.LayerName(origin.Layer)} {origin.Key}"))})");

    private static JsonSerializerOptions JsonOptions { get; } = new() { Encoder = PlanJson.Options.Encoder };
}
