using System.Text.RegularExpressions;
using System.Xml.Linq;
using Packer.Engine.Planning;

namespace Packer.Tests.Docs;

/// <summary>The reference names everything that a project can use, and nothing that is not there.</summary>
[TestClass]
public sealed class ReferencePageTests
{
    // Set by the SDK for its own files.
    private static readonly string[] Internal = ["PackerSdkPropsImported", "PackerSdkTargetsImported", "PackerSdkDirectory", "PackerPlanDirectory", "PackerImageName", "PackerHostAssembly"];

    private static readonly string Page = File.ReadAllText(RepositoryFiles.FullPath("docs", "items-and-properties.md"));

    [TestMethod]
    public void Every_item_and_its_metadata_are_described()
    {
        foreach (var item in Targets("Packer.props").SelectMany(file => file.Descendants("ItemDefinitionGroup").Elements()))
        {
            AssertDescribed(item.Name.LocalName);
            foreach (var metadata in item.Elements()) AssertDescribed(metadata.Name.LocalName);
        }
        foreach (var name in new[] { "PackerPlugin", "PackerArtifact", Packer.Engine.MSBuild.ArtifactItems.Image, Packer.Engine.MSBuild.ArtifactItems.BuilderId, Packer.Engine.MSBuild.ArtifactItems.ArtifactId, Packer.Engine.MSBuild.ArtifactItems.Format, Packer.Engine.MSBuild.ArtifactItems.Sha256, Packer.Engine.MSBuild.ArtifactItems.Size })
            AssertDescribed(name);
    }

    [TestMethod]
    public void Every_public_target_is_described()
    {
        foreach (var target in Targets("Packer.targets", "Packer.App.targets").SelectMany(file => file.Descendants("Target")))
        {
            var name = target.Attribute("Name")!.Value;
            if (!name.StartsWith('_')) AssertDescribed(name);
        }
    }

    [TestMethod]
    public void Every_public_property_is_described()
    {
        var properties = Targets("Packer.props", "Packer.targets", "Packer.App.targets").SelectMany(file => file.Descendants("PropertyGroup").Elements()).Select(property => property.Name.LocalName)
            .Concat(Planner.ControlProperties.Select(name => "Packer" + name)).Where(name => name.StartsWith("Packer", StringComparison.Ordinal) || name.EndsWith("DependsOn", StringComparison.Ordinal));
        foreach (var name in properties.Distinct(StringComparer.Ordinal).Except(Internal, StringComparer.Ordinal)) AssertDescribed(name);
    }

    /// <summary>A name is described where it is a heading or stands as code.</summary>
    private static void AssertDescribed(string name) =>
        Assert.MatchesRegex(new Regex($@"(^### |`|\$\(){Regex.Escape(name)}(`|\)|\r?$)", RegexOptions.Multiline), Page, $"docs/items-and-properties.md does not describe '{name}'.");

    private static IEnumerable<XElement> Targets(params string[] files) =>
        files.Select(file => XElement.Load(RepositoryFiles.FullPath("src", "Packer.Sdk", "targets", file)));
}
