using System.Text;
using System.Xml;
using System.Xml.Linq;
using Packer.Configuration;
using Packer.Engine.Plugins;

namespace Packer.Tests.Editor;

/// <summary>
/// A page of project properties for Visual Studio: one <c>Rule</c> of its Common Project System
/// (<c>http://schemas.microsoft.com/build/2009/properties</c>), which <c>PropertyPageSchema</c> names.
/// </summary>
internal sealed class PropertyPage(EditorKeys keys)
{
    private static readonly XNamespace Schema = "http://schemas.microsoft.com/build/2009/properties";

    /// <summary>The page with the properties of the SDK and a <c>Packer&lt;Key&gt;</c> for each key of the components.</summary>
    public string Of(IReadOnlyCollection<ComponentRegistration> components)
    {
        var properties = new Dictionary<string, XElement>(StringComparer.OrdinalIgnoreCase);
        var categories = new List<(string Name, string Title)> { ("Build", "Build"), ("Running", "Running images") };
        foreach (var entry in ReferenceTables.Properties()) AddProperty(entry.Name, "Build", entry.Description, entry.IsBoolean, []);
        foreach (var key in keys.OfImages()) AddKey(key, "Build");
        foreach (var key in keys.OfRunning()) AddKey(key, "Running");
        foreach (var component in components)
        {
            var category = $"{component.Kind}_{KeyName.ToPascalCase(component.Name.Replace('-', '_'))}";
            var before = properties.Count;
            foreach (var key in keys.Of([component])) AddKey(key, category);
            if (properties.Count > before) categories.Add((category, $"{component.Kind} {component.Name}"));
        }

        var rule = new XElement(Schema + "Rule",
            new XAttribute("Name", "PackerImages"), new XAttribute("DisplayName", "Packer images"), new XAttribute("PageTemplate", "generic"),
            new XAttribute("Description", "Settings for all images of the project. Metadata of a PackerImage counts more."),
            new XElement(Schema + "Rule.DataSource", new XElement(Schema + "DataSource",
                new XAttribute("Persistence", "ProjectFile"), new XAttribute("SourceOfDefaultValue", "AfterContext"), new XAttribute("HasConfigurationCondition", "False"))),
            new XElement(Schema + "Rule.Categories", categories.Select(category => new XElement(Schema + "Category", new XAttribute("Name", category.Name), new XAttribute("DisplayName", category.Title)))),
            properties.Values);
        var document = new XDocument(new XComment(" Generated from the config records; do not edit. "), rule);
        var text = new StringBuilder();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true })) document.Save(writer);
        return text.Append('\n').ToString();

        void AddKey(EditorKey key, string category)
        {
            foreach (var name in key.Field.Aliases.Select(KeyName.ToPascalCase).Prepend(key.Name))
                AddProperty("Packer" + name, category, key.Description, key.Field.ValueType.Shape == ConfigShape.Boolean, key.IsList ? [] : key.Choices);
        }

        void AddProperty(string name, string category, string description, bool isBoolean, IReadOnlyList<string> choices) => properties.TryAdd(name, new XElement(
            Schema + (isBoolean ? "BoolProperty" : choices.Count > 0 ? "EnumProperty" : "StringProperty"),
            new XAttribute("Name", name), new XAttribute("DisplayName", Title(name)), new XAttribute("Category", category), new XAttribute("Description", description),
            choices.Select(choice => new XElement(Schema + "EnumValue", new XAttribute("Name", choice), new XAttribute("DisplayName", choice)))));
    }

    /// <summary>The words of a name: <c>PackerBootWait</c> is "Boot wait".</summary>
    private static string Title(string name)
    {
        var words = KeyName.ToSnakeCase(name["Packer".Length..]).Replace('_', ' ');
        return char.ToUpperInvariant(words[0]) + words[1..];
    }
}
