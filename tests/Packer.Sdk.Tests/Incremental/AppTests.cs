namespace Packer.Sdk.Tests.Incremental;

/// <summary>Images that take the app of the project.</summary>
[TestClass]
public sealed class AppTests
{
    private static readonly string Body = $"""
        <ItemGroup>
          <PackerPlugin Include="{Repository.TestPlugin}" />
          <PackerImage Include="boxed" Builder="content" Content="app" />
          <PackerImage Include="plain" Builder="content" Note="no app" />
          {TestProject.NoteBuilds}
        </ItemGroup>
        """;

    [TestMethod]
    public async Task A_changed_line_rebuilds_and_a_touched_file_does_not()
    {
        using var project = await CreateAsync();
        await project.BuildCleanlyAsync();
        Assert.AreEqual("boxed plain", project.TakeBuilt());
        var list = project.Read("bin/Debug/net10.0/images/boxed/boxed.list");
        StringAssert.Contains(list, "app.dll");
        StringAssert.Contains(list, "System.Private.CoreLib.dll", "The app is self-contained.");
        Assert.IsFalse(list.Contains("app.pdb", StringComparison.Ordinal));
        Assert.AreEqual("no app\n", project.Read("bin/Debug/net10.0/images/plain/plain.list"));

        (await project.BuildCleanlyAsync("--no-restore", "-v:n")).AssertDoesNotContain("_PackerPublish:");
        Assert.AreEqual("", project.TakeBuilt());

        foreach (var file in new[] { "Program.cs", "app.csproj", "notes.txt" }) File.SetLastWriteTimeUtc(project.PathOf(file), DateTime.UtcNow);
        await project.BuildCleanlyAsync("--no-restore");
        Assert.AreEqual("", project.TakeBuilt());

        // What no publish takes changes no image.
        project.Write("notes.txt", "other notes");
        await project.BuildCleanlyAsync("--no-restore");
        Assert.AreEqual("", project.TakeBuilt());

        project.Write("Program.cs", """System.Console.WriteLine("two");""");
        await project.BuildCleanlyAsync("--no-restore");
        Assert.AreEqual("boxed", project.TakeBuilt());

        project.Write("settings.json", "{}");
        project.WriteProject(Body + """<ItemGroup><None Update="settings.json" CopyToPublishDirectory="PreserveNewest" /></ItemGroup>""", "<OutputType>Exe</OutputType>");
        await project.BuildCleanlyAsync();
        Assert.AreEqual("boxed", project.TakeBuilt());
        StringAssert.Contains(project.Read("bin/Debug/net10.0/images/boxed/boxed.list"), "settings.json");
    }

    [TestMethod]
    public async Task Images_alone_are_built_without_a_build_before()
    {
        using var project = await CreateAsync();
        (await project.BuildAsync("-t:PackerBuild")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("boxed plain", project.TakeBuilt());
        await project.BuildCleanlyAsync();
        Assert.AreEqual("", project.TakeBuilt());
    }

    [TestMethod]
    public async Task Publish_with_settings_of_its_own_works()
    {
        using var project = await CreateAsync();
        (await project.RunAsync("publish", "-c", "Debug", "-r", "linux-x64", "--self-contained", "-o", project.PathOf("out"))).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("boxed plain", project.TakeBuilt());
        Assert.IsTrue(project.Exists("out/app.dll"));
    }

    [TestMethod]
    public async Task A_project_that_makes_no_program_has_no_app()
    {
        using var project = await CreateAsync();
        project.WriteProject(Body);
        File.Delete(project.PathOf("Program.cs"));
        var error = (await project.BuildAsync()).AssertOnlyError("PKR0026");
        Assert.AreEqual("The image(s) boxed run the app of this project, but the project makes no program (OutputType is 'Library'). Set OutputType to Exe, set Content=\"none\" on the image, or choose its Builder.", error.Text);
        Assert.AreEqual(project.PathOf("app.csproj"), error.File);
        Assert.IsFalse(project.Exists("bin/Debug/net10.0/images"));
    }

    private static async Task<TestProject> CreateAsync()
    {
        var project = await TestProject.CreateAsync(Body, "<OutputType>Exe</OutputType>");
        project.Write("Program.cs", """System.Console.WriteLine("one");""");
        project.Write("notes.txt", "notes");
        return project;
    }
}
