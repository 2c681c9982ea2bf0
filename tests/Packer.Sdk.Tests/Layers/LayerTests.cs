namespace Packer.Sdk.Tests.Layers;

/// <summary>Where settings may stand, and which of them wins.</summary>
[TestClass]
public sealed class LayerTests
{
    private static readonly string Plugin = $"""<ItemGroup><PackerPlugin Include="{Repository.TestPlugin}" /></ItemGroup>""";

    [TestMethod]
    public async Task Later_layers_override_earlier_ones()
    {
        using var project = await TestProject.CreateAsync($$"""
            {{Plugin}}
            <PropertyGroup><PackerEnvFormat /></PropertyGroup>
            <ItemDefinitionGroup><PackerImage Mode="thorough" /></ItemDefinitionGroup>
            <ItemGroup>
              <PackerImage Include="plain" Builder="typed" />
              <PackerImage Include="own" Builder="typed" Count="4" Mode="fast" />
              <PackerImage Include="filed" Builder="typed" Count="4" Mode="fast" Tags="a=item;b=item" Words="x;y" ConfigFile="filed.json" />
            </ItemGroup>
            """);
        project.Write("Directory.Build.props", "<Project><PropertyGroup><PackerNote>props</PackerNote></PropertyGroup></Project>");
        project.Write("filed.json", """{ "count": 5, "DiskSize": "2M", "tags": { "b": "file", "c": "file" }, "words": ["z"] }""");
        // The collection of properties knows the keys of built-in components and of plugin packages; this plugin is none.
        project.WriteProject(project.Read("app.csproj").Split("</PropertyGroup>", 2)[1].Replace("</Project>", "", StringComparison.Ordinal) + """
            <Target Name="_CollectPluginProperties" BeforeTargets="PlanPackerImages">
              <ItemGroup><_PackerProperty Include="Note" Value="$(PackerNote)" Condition="'$(PackerNote)' != ''" /></ItemGroup>
            </Target>
            """);

        (await project.BuildImagesAsync()).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("count=1 enabled=False wait=00:00:01 size=1048576 mode=Thorough ports= words= tags= note=props\n", Settings(project, "plain"));
        Assert.AreEqual("count=4 enabled=False wait=00:00:01 size=1048576 mode=Fast ports= words= tags= note=props\n", Settings(project, "own"));
        Assert.AreEqual("count=5 enabled=False wait=00:00:01 size=2097152 mode=Fast ports= words=z tags=a=item,b=file,c=file note=props\n", Settings(project, "filed"));

        (await project.BuildImagesAsync("-p:PackerCount=6", "-p:PackerTags=c=line", "-p:PackerNote=line")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("count=6 enabled=False wait=00:00:01 size=1048576 mode=Fast ports= words= tags=c=line note=line\n", Settings(project, "own"));
        Assert.AreEqual("count=6 enabled=False wait=00:00:01 size=2097152 mode=Fast ports= words=z tags=a=item,b=file,c=line note=line\n", Settings(project, "filed"));
    }

    [TestMethod]
    public async Task Lists_and_maps_are_separated_by_semicolons_that_can_be_escaped()
    {
        using var project = await TestProject.CreateAsync($$"""
            {{Plugin}}
            <ItemGroup>
              <PackerImage Include="a" Builder="typed" Ports="80; 443;" Words="one;two%3Bstill two; three" Tags="k=v;k2=v2%3Bv3" Enabled="true" Wait="1m30s" DiskSize="4K" />
              <PackerImage Include="b" Builder="typed">
                <Wait>00:01:30</Wait>
              </PackerImage>
              <PackerImage Include="c" Builder="typed" Words="100%25" Note="50%25 &amp; {{"{{"}} build_name {{"}}"}}" />
            </ItemGroup>
            """);
        (await project.BuildImagesAsync()).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("count=1 enabled=True wait=00:01:30 size=4096 mode=Fast ports=80,443 words=one|two;still two|three tags=k=v,k2=v2;v3 note=\n", Settings(project, "a"));
        StringAssert.Contains(Settings(project, "b"), "wait=00:01:30");
        StringAssert.Contains(Settings(project, "c"), "words=100% tags= note=50% & c\n");
    }

    [TestMethod]
    public async Task Artifacts_are_given_with_their_metadata()
    {
        using var project = await TestProject.CreateAsync("""
            <ItemGroup><PackerImage Include="note" Builder="file" Content="hello" TargetFile="note.TXT" /></ItemGroup>
            """);
        foreach (var arguments in new[] { new[] { "-t:PackerBuild", "-getItem:PackerArtifact" }, ["-t:PackerBuild", "-getTargetResult:PackerBuild"], ["-t:Build", "-getItem:PackerArtifact"] })
        {
            var output = (await project.BuildAsync(arguments)).AssertSucceeded();
            output.AssertContains($"\"Identity\": \"{project.ImageFile("note", "note.TXT")}\"");
            output.AssertContains("\"Image\": \"note\"");
            output.AssertContains("\"BuilderId\": \"packer.file\"");
            output.AssertContains("\"ArtifactId\": \"File\"");
            output.AssertContains("\"Format\": \"txt\"");
            output.AssertContains("\"Sha256\": \"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\"");
            output.AssertContains("\"Size\": \"5\"");
        }
    }

    private static string Settings(TestProject project, string image) => File.ReadAllText(project.ImageFile(image, image + ".txt"));
}
