using System.Text;
using Packer.Configuration;
using Packer.Engine.Plugins;

namespace Packer.Tests.Docs;

/// <summary>Keeps what is generated in the documentation equal to its source in the code.</summary>
[TestClass]
public sealed class GeneratedPageTests
{
    private const string Begin = "<!-- keys -->\n";
    private const string End = "<!-- /keys -->";

    private static readonly (char Group, string Title)[] Groups =
    [
        ('0', "Settings"), ('1', "Build and engine"), ('2', "Downloads and cache"), ('3', "Communicators"), ('4', "Provisioners"), ('5', "Post-processors"),
    ];

    private static readonly (string Prefix, string Title)[] BuilderGroups = [("PKR10", "Builder file"), ("PKR11", "Builder null"), ("PKR12", "Builder appliance"), ("PKR13", "Builder qemu")];

    [TestMethod]
    public void Every_component_has_a_page_with_the_table_of_its_keys()
    {
        using var registry = new ComponentRegistry([]);
        var table = new KeyTable(new ConfigTypes(), new XmlDocumentation());
        foreach (var component in registry.All)
        {
            AssertTable(RepositoryFiles.FullPath("docs", Folder(component.Kind), component.Name + ".md"), table.Of(ComponentKeys.ConfigType(component.Type)!));
        }
        AssertTable(RepositoryFiles.FullPath("docs", "running-images.md"), table.Of(typeof(Packer.Engine.Planning.RunOptions)));
        AssertTable(RepositoryFiles.FullPath("docs", "provenance.md"), table.Of(typeof(Packer.Engine.Planning.ImageOptions)));
        // One record holds the keys of both; the two keys that both have are in either table.
        foreach (var (page, other) in new[] { ("ssh.md", "winrm_"), ("winrm.md", "ssh_") })
        {
            AssertTable(RepositoryFiles.FullPath("docs", "communicators", page), table.Of(typeof(Packer.Communicators.CommunicatorConfig),
                key => !key.StartsWith(other, StringComparison.Ordinal) && !(other == "ssh_" && key.StartsWith("temporary_key_pair", StringComparison.Ordinal))));
        }
    }

    [TestMethod]
    public void Every_code_is_explained_in_the_page_of_errors()
    {
        var text = new StringBuilder("""
            # Errors and warnings

            <!-- Generated from DiagnosticCatalogue.cs; do not edit. -->

            Every error and warning of Packer.Sdk has a code. Its message says what happened, where, and what to do next; it names the image, the key as you
            wrote it, and file and line where they can be found. A binary log (`-bl`) and the log file that an error names hold the details. A code never changes
            its meaning. Plugins use prefixes of their own.

            """.ReplaceLineEndings("\n"));
        string? title = null;
        foreach (var entry in DiagnosticCatalogue.Entries)
        {
            var next = Title(entry.Code);
            if (next != title) text.Append("\n## ").Append(next).Append('\n');
            title = next;
            text.Append("\n### ").Append(entry.Code).Append("\n\n**").Append(entry.Title).Append(".** ").Append(Escape(entry.Cause)).Append(' ').Append(Escape(entry.Action)).Append('\n');
        }
        RepositoryFiles.AssertGenerated(RepositoryFiles.FullPath("docs", "errors.md"), text.ToString());
    }

    private static void AssertTable(string path, string table)
    {
        var page = File.ReadAllText(path);
        var begin = page.IndexOf(Begin, StringComparison.Ordinal);
        var end = page.IndexOf(End, StringComparison.Ordinal);
        Assert.IsTrue(begin >= 0 && end > begin, $"'{path}' lacks the lines '{Begin.Trim()}' and '{End}'.");
        RepositoryFiles.AssertGenerated(path, page[..(begin + Begin.Length)] + table + page[end..]);
    }

    private static string Folder(ComponentKind kind) => kind switch
    {
        ComponentKind.Builder => "builders",
        ComponentKind.Provisioner => "provisioners",
        ComponentKind.Communicator => "communicators",
        _ => "post-processors",
    };

    private static string Title(string code)
    {
        var builder = BuilderGroups.FirstOrDefault(group => code.StartsWith(group.Prefix, StringComparison.Ordinal)).Title;
        if (builder is not null) return builder;
        Assert.StartsWith("PKR0", code, "A new group of codes needs a title here.");
        return Groups.First(group => group.Group == code[4]).Title;
    }

    // As plain text it would be taken for HTML.
    private static string Escape(string text) => text.Replace("<", "&lt;", StringComparison.Ordinal);
}
