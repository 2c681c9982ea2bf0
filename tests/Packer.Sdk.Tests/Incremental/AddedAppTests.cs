using System.Formats.Tar;
using Packer.Tests;

namespace Packer.Sdk.Tests.Incremental;

/// <summary>Images that take programs of other projects (<c>PackerImageApp</c>): published as the app is, and rebuilt with them.</summary>
[TestClass]
public sealed class AddedAppTests
{
    private const string Items = """
        <ItemGroup>
          <PackerImage Include="web" Formats="tar" Files='[{ "Source": "site", "Path": "/srv/site" }]' />
          <PackerImage Include="other" Builder="null" />
          <PackerImageApp Include="worker" Project="worker/Worker.csproj" User="5000" Arguments="--jobs;2" Environment="A=1" />
          <Compile Remove="worker/**;library/**" />
          <None Remove="worker/**;library/**" />
        </ItemGroup>
        """;

    private const string Worker = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <RuntimeIdentifiers>linux-x64</RuntimeIdentifiers>
            <InvariantGlobalization>true</InvariantGlobalization>
          </PropertyGroup>
          <ItemGroup>
            <ProjectReference Include="../library/Library.csproj" />
            <None Update="worker.json" CopyToOutputDirectory="PreserveNewest" />
          </ItemGroup>
        </Project>
        """;

    [TestMethod]
    public async Task An_edit_in_the_other_project_or_its_library_rebuilds_the_image()
    {
        using var project = await CreateAsync();
        (await project.BuildAsync("-t:Build;PlanPackerImages")).AssertSucceeded().AssertNoWarnings();
        var first = Plan(project);
        StringAssert.Contains(first, "the app 'worker'");
        var published = project.PathOf("worker/obj/Debug/net10.0/linux-x64/packer/app");
        foreach (var file in new[] { "Worker", "Worker.dll", "Library.dll", "worker.json", "System.Private.CoreLib.dll" }) Assert.IsTrue(File.Exists(Path.Combine(published, file)), file);
        // Nothing of the other project is part of this one.
        Assert.IsFalse(project.Exists("obj/Debug/net10.0/packer/publish/linux-x64/worker.json") || project.Exists("obj/Debug/net10.0/linux-x64/packer/publish/linux-x64/worker.json"));
        Assert.IsFalse(project.Exists("bin/Debug/net10.0/worker.json"));

        var again = await project.BuildAsync("--no-restore", "-t:Build;PlanPackerImages", "-v:n");
        again.AssertSucceeded().AssertDoesNotContain("_PackerPublish target");
        Assert.AreEqual(first, Plan(project));

        project.Write("worker/Program.cs", """System.Console.WriteLine(Library.Text.Value + "two");""");
        (await project.BuildAsync("--no-restore", "-t:Build;PlanPackerImages")).AssertSucceeded();
        var second = Plan(project);
        Assert.AreNotEqual(first, second);

        project.Write("library/Text.cs", """namespace Library; public static class Text { public static string Value => "new"; }""");
        (await project.BuildAsync("--no-restore", "-t:Build;PlanPackerImages")).AssertSucceeded();
        var third = Plan(project);
        Assert.AreNotEqual(second, third);

        project.Write("worker/worker.json", "[]");
        (await project.BuildAsync("--no-restore", "-t:Build;PlanPackerImages")).AssertSucceeded();
        var fourth = Plan(project);
        Assert.AreNotEqual(third, fourth);

        // So does a file of a folder that the image is given.
        project.Write("site/pages/index.html", "new");
        (await project.BuildAsync("--no-restore", "-t:Build;PlanPackerImages")).AssertSucceeded();
        Assert.AreNotEqual(fourth, Plan(project));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task The_image_has_the_app_and_the_program_of_the_other_project()
    {
        // Its configuration says which mirror the machine uses.
        Rig.Require("apt-get");
        using var project = await CreateAsync();
        (await project.RunAsync("restore")).AssertSucceeded();
        (await project.BuildAsync("--no-restore", "-graph", "-isolate", "-p:PackerBuildOnBuild=true", "-p:PackerOnly=web")).AssertSucceeded().AssertNoWarnings();
        await using var file = File.OpenRead(project.ImageFile("web", "web.tar"));
        await using var archive = new TarReader(file);
        var entries = new Dictionary<string, TarEntry>(StringComparer.Ordinal);
        while (await archive.GetNextEntryAsync(copyData: true) is { } entry) entries[entry.Name.Trim('.', '/')] = entry;
        foreach (var name in new[] { "app/app", "opt/worker/Worker", "opt/worker/Library.dll", "srv/site/pages/index.html", "usr/lib/packer/start-worker" }) Assert.IsTrue(entries.ContainsKey(name), name);
        Assert.AreEqual(5000, entries["var/lib/worker"].Uid);
        using var script = new StreamReader(entries["usr/lib/packer/start-worker"].DataStream!);
        var text = await script.ReadToEndAsync();
        StringAssert.Contains(text, "'A=1'");
        StringAssert.Contains(text, "-c 5000:5000 -x '/opt/worker/Worker' -- \\\n    '--jobs' \\\n    '2'");
    }

    [TestMethod]
    public async Task What_is_wrong_with_an_item_is_said_at_its_place()
    {
        using var project = await CreateAsync();
        project.WriteProject("""
            <ItemGroup>
              <PackerImage Include="web" Formats="tar" />
              <PackerImage Include="none" Builder="null" />
              <PackerImageApp Include="App" Project="worker/Worker.csproj" />
              <PackerImageApp Include="app" Project="worker/Worker.csproj" />
              <PackerImageApp Include="missing" Project="gone/Gone.csproj" />
              <PackerImageApp Include="nowhere" Images="none" Project="worker/Worker.csproj" />
              <PackerImageApp Include="typo" Project="worker/Worker.csproj" Argument="x" />
              <PackerImageApp Include="user" Project="worker/Worker.csproj" User="No Body" />
            </ItemGroup>
            """, "<OutputType>Exe</OutputType>");
        var output = await project.BuildAsync("-t:PackerValidate");
        output.AssertFailed();
        foreach (var text in new[] { "PackerImageApp 'App': its name has", "PackerImageApp 'app': this is the name of the project's own app", "there is no project '" + project.PathOf("gone/Gone.csproj"),
            "names the image 'none', whose builder 'null' takes no apps", "'Argument'", "'No Body' cannot be the user" }) output.AssertContains(text);
        output.AssertContains("app.csproj(");
    }

    [TestMethod]
    public async Task A_project_that_is_not_restored_for_the_image_is_told_so()
    {
        using var project = await CreateAsync();
        project.Write("worker/Worker.csproj", Worker.Replace("<RuntimeIdentifiers>linux-x64</RuntimeIdentifiers>", "", StringComparison.Ordinal));
        var error = (await project.BuildAsync("-t:Build;PlanPackerImages")).AssertOnlyError("PKR1217");
        StringAssert.Contains(error.Text, "<RuntimeIdentifiers>linux-x64</RuntimeIdentifiers>");
        Assert.AreEqual(project.PathOf("worker/Worker.csproj"), error.File);
    }

    /// <summary>What the image is made of, as its plan says: the images themselves need Debian's archives.</summary>
    private static string Plan(TestProject project)
    {
        using var plan = System.Text.Json.JsonDocument.Parse(project.Read("obj/Debug/net10.0/packer/web.plan.json"));
        return plan.RootElement.GetProperty("parts").GetRawText();
    }

    private static async Task<TestProject> CreateAsync()
    {
        var project = await TestProject.CreateAsync(Items, "<OutputType>Exe</OutputType><PackerBuildOnBuild>false</PackerBuildOnBuild>");
        project.Write("Program.cs", """System.Console.WriteLine("one");""");
        project.Write("site/pages/index.html", "old");
        project.Write("worker/Worker.csproj", Worker);
        project.Write("worker/Program.cs", """System.Console.WriteLine(Library.Text.Value);""");
        project.Write("worker/worker.json", "{}");
        project.Write("library/Library.csproj", """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""");
        project.Write("library/Text.cs", """namespace Library; public static class Text { public static string Value => "old"; }""");
        return project;
    }
}
