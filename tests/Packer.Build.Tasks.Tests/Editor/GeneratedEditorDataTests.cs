using System.Text.Json.Nodes;
using System.Xml.Linq;
using Packer.Configuration;
using Packer.Configuration.Templates;
using Packer.Engine.Plugins;
using Packer.Tests.Docs;

namespace Packer.Tests.Editor;

/// <summary>Keeps what editors are given equal to its source, the config records.</summary>
[TestClass]
public sealed class GeneratedEditorDataTests
{
    private static readonly XNamespace Rules = "http://schemas.microsoft.com/build/2009/properties";

    private static string Sdk(params string[] parts) => RepositoryFiles.FullPath(["src", "Packer.Sdk", .. parts]);

    private static EditorKeys Keys(ConfigTypes? types = null) => new(types ?? new ConfigTypes(), new XmlDocumentation());

    [TestMethod]
    public void The_schema_beside_the_props_file_names_every_item_metadata_property_and_target()
    {
        using var registry = new ComponentRegistry([]);
        var text = new BuildSchema(Keys()).Of([.. registry.All]);
        RepositoryFiles.AssertGenerated(Sdk("targets", "Packer.props.buildschema.json"), text);
        Assert.IsTrue(File.Exists(Sdk("targets", "Packer.props")), "The extension finds the schema by the name of the file that it lies beside.");

        var schema = JsonNode.Parse(text)!;
        var missing = ComponentKeys.PropertyNames(registry.All).Where(name => schema["properties"]!["Packer" + name] is null).ToList();
        Assert.IsEmpty(missing, string.Join(", ", missing));
        foreach (var (kind, item) in new[] { (ComponentKind.Builder, "PackerImage"), (ComponentKind.Provisioner, "PackerProvisioner"), (ComponentKind.PostProcessor, "PackerPostProcessor") })
        {
            missing = [.. ComponentKeys.Names(registry.All.Where(component => component.Kind == kind)).Where(name => schema["items"]![item]!["metadata"]![name] is null)];
            Assert.IsEmpty(missing, string.Join(", ", missing));
        }
        Assert.IsNull(schema["items"]!["PackerImage"]!["metadata"]!["Target"], "MSBuild refuses that name.");
        Assert.AreEqual("bool", (string?)schema["properties"]!["PackerForce"]!["type"]);
        Assert.IsNotNull(schema["targets"]!["PackerBuild"]);
    }

    [TestMethod]
    public void The_property_page_names_every_property()
    {
        using var registry = new ComponentRegistry([]);
        var text = new PropertyPage(Keys()).Of([.. registry.All]);
        RepositoryFiles.AssertGenerated(Sdk("targets", "Packer.PropertyPage.xaml"), text);

        var rule = XDocument.Parse(text).Root!;
        var names = rule.Elements().Select(element => (string?)element.Attribute("Name")).ToHashSet(StringComparer.Ordinal);
        var missing = ComponentKeys.PropertyNames(registry.All).Concat(Packer.Engine.Planning.Planner.EngineKeys).Select(name => "Packer" + name).Concat(ReferenceTables.Properties().Select(entry => entry.Name)).Where(name => !names.Contains(name)).ToList();
        Assert.IsEmpty(missing, string.Join(", ", missing));
        var categories = rule.Descendants(Rules + "Category").Select(category => category.Attribute("Name")!.Value).ToList();
        foreach (var property in rule.Elements().Where(element => element.Attribute("Category") is not null)) Assert.Contains(property.Attribute("Category")!.Value, categories);
        Assert.AreEqual("BoolProperty", rule.Elements().Single(element => (string?)element.Attribute("Name") == "PackerForce").Name.LocalName);
        var include = XElement.Load(Sdk("targets", "Packer.targets")).Descendants("PropertyPageSchema").Single().Attribute("Include")!.Value;
        Assert.EndsWith("Packer.PropertyPage.xaml", include);
    }

    [TestMethod]
    public void The_schema_of_a_config_file_has_every_key_of_every_builder()
    {
        using var registry = new ComponentRegistry([]);
        var types = new ConfigTypes();
        var text = new ConfigFileSchema(types, Keys(types)).Of(registry.All);
        RepositoryFiles.AssertGenerated(Sdk("schemas", ConfigFileSchema.FileName), text);

        var definitions = JsonNode.Parse(text)!["$defs"]!;
        foreach (var builder in registry.All.Where(component => component.Kind == ComponentKind.Builder))
            foreach (var field in types.Describe(ComponentKeys.ConfigType(builder.Type)!).Fields) Assert.IsNotNull(definitions[$"builder_{builder.Name}"]!["properties"]![field.Name], $"{builder.Name}: {field.Name}");
    }

    [TestMethod]
    public void A_key_that_is_added_to_a_record_reaches_tables_schemas_page_targets_and_suggestions()
    {
        ComponentRegistration[] components = [new(ComponentKind.Builder, new PackerBuilderAttribute("made-up"), typeof(MadeUpBuilder), null)];
        var types = new ConfigTypes();
        var documentation = new XmlDocumentation(XDocument.Parse($"""
            <doc><members><member name="P:{typeof(MadeUpConfig).FullName!.Replace('+', '.')}.TurboLevel"><summary>How fast it goes. Default: <c>3</c>.</summary></member></members></doc>
            """));
        var keys = new EditorKeys(types, documentation);

        Assert.Contains("| `TurboLevel`<br>`turbo_level` | whole number, 1 to 9 | `3` | How fast it goes. |", new KeyTable(types, documentation).Of(typeof(MadeUpConfig)));
        Assert.Contains("$(PackerTurboLevel)", ComponentKeys.CollectingTarget(ComponentKeys.PropertyNames(components), "_Collect", before: null));
        var schema = JsonNode.Parse(new BuildSchema(keys).Of(components))!;
        Assert.AreEqual("int", (string?)schema["items"]!["PackerImage"]!["metadata"]!["TurboLevel"]!["type"]);
        Assert.AreEqual("int", (string?)schema["properties"]!["PackerTurboLevel"]!["type"]);
        Assert.IsNotNull(schema["items"]!["PackerImage"]!["metadata"]!["Builder"]!["type"]!["values"]!["made-up"]);
        Assert.Contains("Name=\"PackerTurboLevel\"", new PropertyPage(keys).Of(components));
        var file = JsonNode.Parse(new ConfigFileSchema(types, keys).Of(components))!["$defs"]!["builder_made_up"]!;
        Assert.AreEqual(9, (int)file["properties"]!["turbo_level"]!["maximum"]!);
        Assert.IsNotNull(file["patternProperties"]!["^([tT]urboLevel|turbo-level|turbolevel)$"]);
        var layer = new ConfigLayer(ConfigLayerKind.Item).Add("TurboLevle", ConfigText.FromLiteral("4"));
        var message = new ConfigDecoder().Decode<MadeUpConfig>([layer], new DecodeContext { Owner = "image 'web'", ProjectDirectory = RepositoryFiles.Root, Templates = new TemplateEngine(TemplateFunctions.Standard(new TemplateEnvironment { BuildName = "web", BuildType = "made-up", ProjectDirectory = RepositoryFiles.Root, PackerVersion = "0" })) }).Result.Diagnostics.Single().Diagnostic.Message;
        Assert.Contains("'TurboLevel'", message);
    }

    /// <summary>A record with one key.</summary>
    public sealed record MadeUpConfig
    {
        /// <summary>How fast it goes. Default: <c>3</c>.</summary>
        [ConfigRange(1, 9)]
        public int TurboLevel { get; init; } = 3;
    }

    /// <summary>A builder of that record.</summary>
    public sealed class MadeUpBuilder : Builder<MadeUpConfig>
    {
        /// <inheritdoc />
        protected override Task<IArtifact?> BuildAsync(MadeUpConfig config, BuildContext context, CancellationToken token) => Task.FromResult<IArtifact?>(null);
    }
}
