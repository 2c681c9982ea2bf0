using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Packer.Tests.Editor;

/// <summary>A property or a target that the reference describes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Default">The cell of its default, in Markdown; empty for a target.</param>
/// <param name="Description">What it means.</param>
internal sealed record ReferenceEntry(string Name, string Default, string Description)
{
    /// <summary>Whether its value is true or false.</summary>
    public bool IsBoolean => Default.StartsWith("`true`", StringComparison.Ordinal) || Default.StartsWith("`false`", StringComparison.Ordinal);
}

/// <summary>What is no key of a component: the properties and targets of the SDK, described in the reference, and the items' own metadata, described in the props file.</summary>
internal static partial class ReferenceTables
{
    // For tests of the SDK itself, and to be read only.
    private static readonly string[] NoSettings = ["PackerTasksAssembly", "PackerConfigSchema"];

    /// <summary>The properties that a project can set and that are no keys.</summary>
    public static IReadOnlyList<ReferenceEntry> Properties() =>
        [.. Rows("## Properties").Where(cells => !cells[0].Contains('<', StringComparison.Ordinal)).Select(cells => new ReferenceEntry(cells[0].Trim('`'), cells[1], Plain(cells[2]))).Where(entry => !NoSettings.Contains(entry.Name))];

    /// <summary>The public targets.</summary>
    public static IReadOnlyList<ReferenceEntry> Targets() => [.. Rows("## Targets").Select(cells => new ReferenceEntry(cells[0].Trim('`'), "", Plain(cells[1])))];

    /// <summary>The items with the metadata of their own, each with the comment that stands above it.</summary>
    public static IReadOnlyList<(ReferenceEntry Item, IReadOnlyList<ReferenceEntry> Metadata)> Items()
    {
        var props = XElement.Load(RepositoryFiles.FullPath("src", "Packer.Sdk", "targets", "Packer.props"));
        return [.. props.Elements("ItemDefinitionGroup").Elements().Select(item => (Entry(item), (IReadOnlyList<ReferenceEntry>)[.. item.Elements().Select(Entry)]))];

        static ReferenceEntry Entry(XElement element) => new(element.Name.LocalName, $"`{(element.HasElements ? "" : element.Value)}`", Comment(element));
    }

    /// <summary>The names that MSBuild refuses as metadata, in any case.</summary>
    public static IReadOnlySet<string> ReservedNames() => Code().Matches(string.Join('\n', Section("## Names that MSBuild keeps for itself").TakeWhile(line => !line.StartsWith('|'))))
        .Select(match => match.Groups[1].Value).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static string Comment(XElement element)
    {
        for (var node = element.PreviousNode; node is not null and not XElement; node = node.PreviousNode)
            if (node is XComment comment) return comment.Value.Trim();
        Assert.Fail($"'{element.Name.LocalName}' has no comment above it in Packer.props.");
        return "";
    }

    private static IEnumerable<string[]> Rows(string heading) =>
        Section(heading).Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split(" | "));

    private static IEnumerable<string> Section(string heading) =>
        File.ReadAllLines(RepositoryFiles.FullPath("docs", "items-and-properties.md")).SkipWhile(line => line != heading).Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));

    private static string Plain(string markdown) => Link().Replace(markdown, "$1");

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex Code();
}
