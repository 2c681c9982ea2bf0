using System.Text;
using System.Text.Json.Nodes;
using Packer.Configuration;

namespace Packer.Engine.Planning;

/// <summary>
/// The <c>Override</c> of a provisioner (packer-plugin-sdk, <c>override</c> of a provisioner): JSON, <c>{ "image": { "key": value } }</c>. The keys of an
/// image's name count more than the metadata of the item.
/// </summary>
internal static class ProvisionerOverride
{
    public const string Metadata = "Override";

    /// <summary>What is wrong with an item's override, and what to do; null where nothing is.</summary>
    public static string? Fault(ItemRequest item, IReadOnlyCollection<string> images)
    {
        if (item.Get(Metadata).Length == 0) return null;
        var errors = new List<ConfigJsonError>();
        if (Parse(item, errors) is not { } entries || errors.Count > 0)
        {
            var reason = errors.Count > 0 ? $"is wrong at line {errors[0].Line}, column {errors[0].Column} of its text: {errors[0].Message}" : "is no JSON object.";
            return $"metadata '{Metadata}' {reason} Write it as {{ \"image\": {{ \"key\": \"value\" }} }}.";
        }
        foreach (var (image, keys) in entries)
        {
            if (!images.Contains(image, StringComparer.OrdinalIgnoreCase))
            {
                var nearest = Suggestion.Nearest(image, images);
                return $"metadata '{Metadata}' names the image '{image}', but there is none{(nearest is null ? "." : $"; did you mean '{nearest}'?")} Correct the name, or remove it.";
            }
            if (keys is not JsonObject) return $"metadata '{Metadata}' has no object of keys for the image '{image}'. Write it as {{ \"{image}\": {{ \"key\": \"value\" }} }}.";
        }
        return null;
    }

    /// <summary>The keys for an image; null where there are none, or where the override is at fault.</summary>
    public static ConfigLayer? Layer(ItemRequest item, string image)
    {
        if (item.Get(Metadata).Length == 0 || Parse(item, []) is not { } entries) return null;
        var layer = new ConfigLayer(ConfigLayerKind.Override);
        foreach (var (name, keys) in entries)
        {
            if (!string.Equals(name, image, StringComparison.OrdinalIgnoreCase) || keys is not JsonObject found) continue;
            foreach (var (key, value) in found) layer.Add(key, value);
        }
        return layer;
    }

    private static JsonObject? Parse(ItemRequest item, List<ConfigJsonError> errors) =>
        ConfigJson.Parse(Encoding.UTF8.GetBytes(item.Get(Metadata)), errors, new Dictionary<string, (int, int)>(StringComparer.Ordinal)) as JsonObject;
}
