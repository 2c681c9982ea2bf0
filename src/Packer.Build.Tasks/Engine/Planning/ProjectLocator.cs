using System.Xml;
using System.Xml.Linq;
using Packer.Configuration;

namespace Packer.Engine.Planning;

/// <summary>
/// Finds the line of an item, of one of its metadata or of a property in the files of a project. Only called when there is something to
/// report, so that a build without errors reads no XML.
/// </summary>
internal sealed class ProjectLocator(string projectFile)
{
    private static readonly string[] NeighbourFiles = ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"];

    private readonly Dictionary<string, XElement?> documents = new(StringComparer.Ordinal);

    /// <summary>The place of an item, or of a key of it. The file alone where the line cannot be found.</summary>
    public SourceLocation Locate(ItemRequest item, ConfigOrigin? origin = null)
    {
        if (origin is { Layer: ConfigLayerKind.ProjectProperty } property && LocateProperty(property.Key) is { } found) return found;
        // Its keys stand inside one metadata, and lines inside a value are not kept.
        if (origin is { Layer: ConfigLayerKind.Override }) origin = new ConfigOrigin(ConfigLayerKind.Item, ProvisionerOverride.Metadata);
        var root = Document(item.DefiningFile);
        var element = root is null ? null : FindItem(root, item);
        if (origin is { Layer: ConfigLayerKind.Item, Key.Length: > 0 } metadata)
        {
            var place = (element is null ? null : FindMetadata(element, metadata.Key)) ?? LocateUpdate(item, metadata.Key);
            if (place is not null) return place;
        }
        return element is null ? new SourceLocation(item.DefiningFile, 0, 0) : Place(element, item.DefiningFile);
    }

    /// <summary>The place of a property, looked for in the project and in the Directory.Build files that apply to it.</summary>
    public SourceLocation? LocateProperty(string name)
    {
        foreach (var file in PropertyFiles())
        {
            var element = Document(file)?.Descendants().FirstOrDefault(found => found.Parent?.Name.LocalName == "PropertyGroup" && Same(found.Name.LocalName, name));
            if (element is not null) return Place(element, file);
        }
        return null;
    }

    /// <summary>Metadata may come from an <c>Update</c> or an <c>ItemDefinitionGroup</c> of the same element.</summary>
    private SourceLocation? LocateUpdate(ItemRequest item, string key)
    {
        foreach (var file in PropertyFiles().Prepend(item.DefiningFile).Distinct(StringComparer.Ordinal))
        {
            foreach (var element in Document(file)?.Descendants().Where(found => Same(found.Name.LocalName, item.Element)) ?? [])
            {
                var update = element.Attribute("Update")?.Value;
                var applies = element.Parent?.Name.LocalName == "ItemDefinitionGroup" || (update is not null && Names(update, item.Include));
                if (applies && FindMetadata(element, key) is { } place) return place with { File = file };
            }
        }
        return null;
    }

    private static XElement? FindItem(XElement root, ItemRequest item)
    {
        var elements = root.Descendants().Where(found => Same(found.Name.LocalName, item.Element) && found.Attribute("Include") is not null).ToList();
        var exact = elements.Where(found => Names(found.Attribute("Include")!.Value, item.Include)).ToList();
        if (exact.Count > 0) return exact[Math.Min(item.Occurrence, exact.Count - 1)];
        // An Include made of properties or other items: certain only where there is one.
        return elements.Count == 1 ? elements[0] : null;
    }

    private static SourceLocation? FindMetadata(XElement element, string key)
    {
        var attribute = element.Attributes().FirstOrDefault(found => Same(found.Name.LocalName, key));
        if (attribute is not null) return Place(attribute, "");
        var child = element.Elements().FirstOrDefault(found => Same(found.Name.LocalName, key));
        return child is null ? null : Place(child, "");
    }

    private static SourceLocation Place(XObject found, string file)
    {
        var line = (IXmlLineInfo)found;
        return new SourceLocation(file.Length > 0 ? file : new Uri(found.BaseUri).LocalPath, line.LineNumber, line.LinePosition);
    }

    private static bool Names(string list, string name) => list.Split(';', StringSplitOptions.TrimEntries).Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private IEnumerable<string> PropertyFiles()
    {
        yield return projectFile;
        for (var folder = Path.GetDirectoryName(projectFile); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            foreach (var name in NeighbourFiles)
            {
                var file = Path.Combine(folder, name);
                if (File.Exists(file)) yield return file;
            }
        }
    }

    private XElement? Document(string file)
    {
        if (!documents.TryGetValue(file, out var root)) documents[file] = root = Load(file);
        return root;
    }

    private static XElement? Load(string file)
    {
        try
        {
            return XDocument.Load(new Uri(file).AbsoluteUri, LoadOptions.SetLineInfo | LoadOptions.SetBaseUri).Root;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or XmlException or UriFormatException)
        {
            return null;
        }
    }
}
