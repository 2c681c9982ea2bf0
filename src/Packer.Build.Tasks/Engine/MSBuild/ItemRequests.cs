using System.Collections;
using Microsoft.Build.Framework;
using Packer.Configuration;
using Packer.Engine.Planning;

namespace Packer.Engine.MSBuild;

/// <summary>Takes MSBuild's items into the planner's terms. Metadata stay escaped, so that an escaped <c>;</c> splits no list.</summary>
internal static class ItemRequests
{
    private const string DefiningProject = "DefiningProjectFullPath";

    public static IReadOnlyList<ItemRequest> Create(string element, IReadOnlyList<ITaskItem> items, string projectFile)
    {
        var occurrences = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var requests = new List<ItemRequest>(items.Count);
        foreach (var item in items)
        {
            var defining = item.GetMetadata(DefiningProject);
            var key = item.ItemSpec + "\n" + defining;
            var occurrence = occurrences.GetValueOrDefault(key);
            occurrences[key] = occurrence + 1;
            requests.Add(new ItemRequest(element, item.ItemSpec, Metadata(item), defining.Length > 0 ? defining : projectFile) { Occurrence = occurrence });
        }
        return requests;
    }

    public static Dictionary<string, ConfigText> Metadata(ITaskItem item)
    {
        var metadata = new Dictionary<string, ConfigText>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry pair in ((ITaskItem2)item).CloneCustomMetadataEscaped())
            metadata[(string)pair.Key] = ConfigText.FromEscaped((string?)pair.Value);
        return metadata;
    }
}
