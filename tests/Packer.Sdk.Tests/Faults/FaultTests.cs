namespace Packer.Sdk.Tests.Faults;

/// <summary>Faults as a user meets them. The whole table, with all texts, is with the tests of the tasks.</summary>
[TestClass]
public sealed class FaultTests
{
    private static readonly string Plugin = $"""<PackerPlugin Include="{Repository.TestPlugin}" />""";

    [TestMethod]
    public async Task All_faults_of_a_project_are_told_at_once_each_once_and_nothing_is_built()
    {
        using var project = await TestProject.CreateAsync($"""
            <ItemGroup>
              {Plugin}
              <PackerImage Include="good" Builder="file" Content="x" />
              <PackerImage Include="typed" Builder="typed" Count="many" Wait="5" Cuont="2" />
              <PackerImage Include="filed" Builder="typed" ConfigFile="filed.json" />
              <PackerImage Include="lost" Builder="file" Source="nothing.txt" />
              <PackerImage Include="good" Builder="file" Content="y" />
              <PackerImage Include="who" Builder="fiel" />
              <PackerProvisioner Include="shell-locl" />
              <PackerPostProcessor Include="checksum" Images="nobody" />
            </ItemGroup>
            """);
        project.Write("filed.json", "{\n  \"mode\": \"thorogh\"\n}");

        var output = (await project.BuildImagesAsync()).AssertFailed();

        var places = output.Errors.Select(error => $"{error.Code} {Path.GetFileName(error.File)}({error.Line})").Order(StringComparer.Ordinal);
        output.AssertEqual(
            "PKR0002 app.csproj(13), PKR0004 app.csproj(14), PKR0008 app.csproj(16), PKR0010 app.csproj(10), PKR0011 app.csproj(10), PKR0011 app.csproj(10), PKR0011 filed.json(2), PKR0019 app.csproj(12), PKR0020 app.csproj(15)",
            string.Join(", ", places), "The errors:");
        output.AssertNoWarnings().AssertContains("Did you mean 'Count'?").AssertContains("Did you mean 'thorough'?");
        Assert.IsFalse(project.Exists("bin"));
    }

    [TestMethod]
    public async Task Faults_while_images_are_built_are_told_once_each()
    {
        using var project = await TestProject.CreateAsync($"""
            <ItemGroup>
              {Plugin}
              <PackerImage Include="good" Builder="file" Content="x" />
              <PackerImage Include="throws" Builder="throws" />
              <PackerImage Include="liar" Builder="liar" />
              <PackerImage Include="secret" Builder="teller" Password="env:TELLER_IS_NOT_SET" />
              <PackerImage Include="script" Builder="null" />
              <PackerImage Include="closed" Builder="null" />
              <PackerImage Include="blocked" Builder="file" Content="x" OutputDirectory="file/image" />
              <PackerProvisioner Include="shell-local" Images="script" Inline="exit 4" />
              <PackerProvisioner Include="shell-local" Images="closed" Script="file" />
            </ItemGroup>
            """);
        project.Write("file", "This is a file.");

        var output = (await project.BuildImagesAsync("-m:2")).AssertFailed();

        var errors = output.Errors.Select(error => $"{error.Code} {Path.GetFileName(error.File)}({error.Line})").Order(StringComparer.Ordinal);
        output.AssertEqual(
            "PKR0017 app.csproj(12), PKR0102 app.csproj(11), PKR0105 app.csproj(15), PKR0106 app.csproj(10), PKR0403 app.csproj(13), PKR0403 app.csproj(14)",
            string.Join(", ", errors), "The errors:");
        output.AssertNoWarnings().AssertDoesNotContain("   at ");
        Assert.AreEqual("good good.stamp report.html report.json", string.Join(' ', Directory.GetFileSystemEntries(project.PathOf("bin/Debug/net10.0/images")).Select(Path.GetFileName).Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    public async Task A_fault_is_told_of_where_it_stands()
    {
        using var project = await TestProject.CreateAsync("""<ItemGroup><PackerImage Include="a" Builder="file" Content="x" /></ItemGroup>""");
        project.Write("Directory.Build.props", """
            <Project>
              <PropertyGroup>
                <PackerOnError>explode</PackerOnError>
              </PropertyGroup>
              <ItemDefinitionGroup>
                <PackerImage>
                  <DependsOn>nobody</DependsOn>
                </PackerImage>
              </ItemDefinitionGroup>
            </Project>
            """);

        var errors = (await project.BuildImagesAsync()).AssertFailed().Errors;

        CollectionAssert.AreEquivalent(
            new[] { $"PKR0024 {project.PathOf("Directory.Build.props")} 3", $"PKR0007 {project.PathOf("Directory.Build.props")} 7" },
            errors.Select(error => $"{error.Code} {error.File} {error.Line}").ToArray());
    }

    [TestMethod]
    [DataRow("-p:PackerOnly=wbe", "PKR0008", "The property PackerOnly names 'wbe', but no image is called so; did you mean 'web'? The images are 'db', 'web'.")]
    [DataRow("-p:PackerForce=yes", "PKR0024", "The property PackerForce is 'yes'. Set it to true or false.")]
    [DataRow("-p:PackerTargetFile=../../x", "PKR1001", "Image 'web': the target '../../x' leads out of the image's output folder. Give a path inside it; OutputDirectory moves the folder itself.")]
    [DataRow("-p:Cycle=true", "PKR0006", "The images depend on each other in a circle: web → db → web. Remove one DependsOn of them.")]
    [DataRow("-p:Missing=true", "PKR0005", "The plugin '{folder}/missing.dll' does not exist. Build it before this project, or correct the PackerPlugin item.")]
    [DataRow("-p:Same=here", "PKR0009", "The images 'web' and 'db' have output folders that are the same or one in the other, '{folder}/here' and '{folder}/here', and each would replace the other. Give each its own OutputDirectory.")]
    [DataRow("-p:Same=.", "PKR0027", "Image 'web': its output folder '{folder}' holds the project, and a build would replace it with the image. Set OutputDirectory to a folder for the image alone.")]
    public async Task A_fault_is_told_with_its_text(string argument, string code, string text)
    {
        using var project = await TestProject.CreateAsync("""
            <ItemGroup>
              <PackerPlugin Include="missing.dll" Condition="'$(Missing)' == 'true'" />
              <PackerImage Include="web" Builder="file" Content="x" OutputDirectory="$(Same)" />
              <PackerImage Include="db" Builder="file" Content="x" Condition="'$(Same)' != '.'" OutputDirectory="$(Same)" />
              <PackerImage Update="web" DependsOn="db" Condition="'$(Cycle)' == 'true'" />
              <PackerImage Update="db" DependsOn="web" Condition="'$(Cycle)' == 'true'" />
            </ItemGroup>
            """);
        // The target is a fault of both images: one is enough.
        var error = (await project.BuildImagesAsync(argument, code == "PKR1001" ? "-p:PackerOnly=web" : "-v:m")).AssertOnlyError(code);
        Assert.AreEqual(text.Replace("{folder}", project.Folder, StringComparison.Ordinal), error.Text);
        Assert.AreEqual(project.PathOf("app.csproj"), error.File);
        Assert.IsFalse(project.Exists("bin"));
        Assert.IsTrue(project.Exists("app.csproj"));
    }
}
