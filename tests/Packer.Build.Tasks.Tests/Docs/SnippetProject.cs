using System.Text.RegularExpressions;
using System.Xml.Linq;
using Packer.Configuration;
using Packer.Engine.Planning;
using Packer.Engine.Plugins;

namespace Packer.Tests.Docs;

/// <summary>
/// Plans the project of a snippet: its items with their metadata, the defaults of an <c>ItemDefinitionGroup</c>, and its properties, read from the XML.
/// Conditions and references to properties are not for snippets.
/// </summary>
internal static partial class SnippetProject
{
    private static readonly string[] Containers = ["ItemGroup", "PropertyGroup", "ItemDefinitionGroup", "Target"];

    /// <summary>The element Project of a snippet; what is only a part of a project is put into one.</summary>
    /// <exception cref="System.Xml.XmlException">The snippet is not well-formed.</exception>
    public static XElement Parse(string text)
    {
        var root = XElement.Parse($"<Root>{text}</Root>");
        if (root.Elements().FirstOrDefault() is { Name.LocalName: "Project" } whole) return whole;
        var project = new XElement("Project");
        foreach (var element in root.Elements())
            project.Add(element.Name.LocalName is "Sdk" || Containers.Contains(element.Name.LocalName) ? element : new XElement("ItemGroup", element));
        return project;
    }

    /// <summary>Plans the images of a project in a folder; what is wrong is in the result.</summary>
    public static PlanResult Plan(XElement project, string directory)
    {
        using var registry = new ComponentRegistry([]);
        var plans = Path.Combine(directory, "obj");
        var request = new PlanRequest
        {
            ProjectFile = Path.Combine(directory, "app.csproj"),
            PlanDirectory = plans,
            OutputDirectory = Path.Combine(directory, "bin", "images"),
            CacheDirectory = Path.Combine(directory, "cache"),
            Images = Items(project, "PackerImage", directory),
            Provisioners = Items(project, "PackerProvisioner", directory),
            PostProcessors = Items(project, "PackerPostProcessor", directory),
            AddedApps = Items(project, "PackerImageApp", directory),
            ProjectProperties = Properties(project).Where(property => !Planner.ControlProperties.Contains(property.Key)).ToDictionary(property => property.Key, property => ConfigText.FromEscaped(property.Value)),
            Only = Control(project, "Only"),
            Except = Control(project, "Except"),
            Force = Control(project, "Force"),
            Debug = Control(project, "Debug"),
            OnError = Control(project, "OnError"),
        };
        return new Planner(request, registry, new FileHashes(Path.Combine(plans, "files.hashes"))).Plan(CancellationToken.None);
    }

    /// <summary>The keys that properties <c>Packer…</c> of the project set and that no component has.</summary>
    public static IEnumerable<string> UnknownProperties(XElement project)
    {
        using var registry = new ComponentRegistry([]);
        var keys = ComponentKeys.Names(registry.All).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. Properties(project).Select(property => property.Key).Where(key => !keys.Contains(key) && !Planner.EngineKeys.Contains(key) && !Planner.ControlProperties.Contains(key) && key is not ("RuntimeIdentifiers" or "TargetFramework" or "PluginPackage"))];
    }

    private static string Control(XElement project, string name) => Properties(project).LastOrDefault(property => property.Key == name).Value ?? "";

    private static List<KeyValuePair<string, string>> Properties(XElement project) =>
        [.. project.Elements("PropertyGroup").Elements().Where(property => property.Name.LocalName.StartsWith("Packer", StringComparison.Ordinal)).Select(property => KeyValuePair.Create(property.Name.LocalName["Packer".Length..], property.Value))];

    private static List<ItemRequest> Items(XElement project, string element, string directory)
    {
        var defaults = project.Elements("ItemDefinitionGroup").Elements(element).SelectMany(Metadata).ToList();
        var requests = new List<ItemRequest>();
        foreach (var item in project.Elements("ItemGroup").Elements(element))
        {
            if (item.Attribute("Include") is not { } include) continue;
            var metadata = new Dictionary<string, ConfigText>(StringComparer.OrdinalIgnoreCase);
            foreach (var (key, value) in defaults.Concat(Metadata(item))) metadata[key] = ConfigText.FromEscaped(value);
            foreach (var name in include.Value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                requests.Add(new ItemRequest(element, name, metadata, Path.Combine(directory, "app.csproj")));
        }
        foreach (var update in project.Elements("ItemGroup").Elements(element).Where(item => item.Attribute("Update") is not null))
        {
            foreach (var request in requests.Where(request => NamePattern.MatchesAny(NamePattern.ParseList(update.Attribute("Update")!.Value), request.Include)))
                foreach (var (key, value) in Metadata(update)) ((Dictionary<string, ConfigText>)request.Metadata)[key] = ConfigText.FromEscaped(value);
        }
        return requests;
    }

    private static IEnumerable<KeyValuePair<string, string>> Metadata(XElement item) =>
        item.Attributes().Where(attribute => attribute.Name.LocalName is not ("Include" or "Update")).Select(attribute => KeyValuePair.Create(attribute.Name.LocalName, attribute.Value))
            .Concat(item.Elements().Select(child => KeyValuePair.Create(child.Name.LocalName, child.Value)))
            // A property that is given on the command line only is empty, and so the metadata is as if it were not there.
            .Where(metadata => !PropertyReference().IsMatch(metadata.Value));

    [GeneratedRegex(@"^\$\(\w+\)$")]
    private static partial Regex PropertyReference();
}
