using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Packer.Configuration;

namespace Packer.Tests.Docs;

/// <summary>The documentation comments of the tasks' assembly, as Markdown.</summary>
internal sealed partial class XmlDocumentation
{
    private readonly Dictionary<string, XElement> members;

    /// <summary>Reads the file that the compiler writes beside the assembly.</summary>
    public XmlDocumentation()
        : this(XDocument.Load(Path.ChangeExtension(typeof(ConfigTypes).Assembly.Location, ".xml")))
    {
    }

    /// <summary>Takes a file of another assembly, in the form that the compiler writes.</summary>
    public XmlDocumentation(XDocument document) => members = document.Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);

    /// <summary>The summary of a property in one line of Markdown; empty where it has none.</summary>
    public string Summary(PropertyInfo property)
    {
        var name = $"P:{property.DeclaringType!.FullName!.Replace('+', '.')}.{property.Name}";
        if (!members.TryGetValue(name, out var member) || member.Element("summary") is not { } summary) return "";
        var text = new StringBuilder();
        foreach (var node in summary.Nodes()) Append(text, node);
        return WhiteSpace().Replace(text.ToString(), " ").Trim();
    }

    private static void Append(StringBuilder text, XNode node)
    {
        switch (node)
        {
            case XText plain:
                text.Append(plain.Value);
                break;
            // What is code on the page must not be taken for a template of the site that shows it, and needs no escapes.
            case XElement { Name.LocalName: "c" } code:
                text.Append('`').Append(code.Value).Append('`');
                break;
            case XElement { Name.LocalName: "see" } reference when reference.Attribute("cref") is { } cref:
                text.Append('`').Append(cref.Value[(cref.Value.LastIndexOf('.') + 1)..]).Append('`');
                break;
            case XElement { Name.LocalName: "see" } word when word.Attribute("langword") is { } langword:
                text.Append('`').Append(langword.Value).Append('`');
                break;
            case XElement other:
                throw new NotSupportedException($"The tables of keys cannot show <{other.Name.LocalName}>.");
        }
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
