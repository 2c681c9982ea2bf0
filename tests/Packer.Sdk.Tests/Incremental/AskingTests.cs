namespace Packer.Sdk.Tests.Incremental;

/// <summary>Builds that only look, and those of an IDE.</summary>
[TestClass]
public sealed class AskingTests
{
    private const string Body = $"""
        <ItemGroup>
          <PackerImage Include="copy" Builder="file" Source="input.txt" />
          <PackerImage Include="note" Builder="file" Content="hello" />
          {TestProject.NoteBuilds}
        </ItemGroup>
        """;

    [TestMethod]
    public async Task Question_fails_when_an_image_is_out_of_date()
    {
        using var project = await CreateAsync();
        await project.BuildCleanlyAsync();

        await project.BuildCleanlyAsync("--no-restore", "-question");

        project.Write("input.txt", "second");
        var error = (await project.BuildAsync("--no-restore", "-question")).AssertOnlyError("PKR0104");
        Assert.AreEqual("Image 'copy' is out of date: input 'input.txt' changed. Build it.", error.Text);
        Assert.AreEqual("first", project.Read("bin/Debug/net10.0/images/copy/input.txt"));
        Assert.AreEqual("copy note", project.TakeBuilt());
    }

    [TestMethod]
    public async Task Inspect_prints_values_with_their_layers_and_the_reason()
    {
        using var project = await CreateAsync();
        project.WriteProject(Body + """<PropertyGroup><PackerTargetFile>file.txt</PackerTargetFile></PropertyGroup>""");
        var before = (await project.RunAsync("build", "--no-restore", "-t:PackerInspect")).AssertSucceeded().AssertNoWarnings();
        before.AssertContains("copy (file) -> " + project.PathOf("bin/Debug/net10.0/images/copy"));
        before.AssertContains("out of date: it was never built");
        before.AssertContains("source = \"input.txt\"  (item Source)");
        before.AssertContains("target_file = \"file.txt\"  (property PackerTargetFile)");

        (await project.BuildImagesAsync()).AssertSucceeded();
        project.Write("input.txt", "second");
        var after = (await project.RunAsync("build", "--no-restore", "-t:PackerInspect", "-p:PackerTargetFile=other.txt")).AssertSucceeded().AssertNoWarnings();
        after.AssertContains("out of date: input 'input.txt' changed; key 'target_file' changed");
        after.AssertContains("target_file = \"other.txt\"  (global_property PackerTargetFile)");
        Assert.AreEqual("copy note", project.TakeBuilt());

        (await project.RunAsync("build", "--no-restore", "-t:PackerInspect", "-p:PackerOnly=note")).AssertSucceeded()
            .AssertContains("  up to date").AssertDoesNotContain("copy (file)");
    }

    [TestMethod]
    public async Task Validate_has_no_side_effects()
    {
        using var project = await CreateAsync();
        (await project.RunAsync("restore")).AssertSucceeded();
        var before = Snapshot(project);
        (await project.RunAsync("build", "--no-restore", "-t:PackerValidate")).AssertSucceeded().AssertNoWarnings().AssertContains("2 image(s) checked, no errors.");
        Assert.AreEqual(before, Snapshot(project));

        File.Delete(project.PathOf("input.txt"));
        before = Snapshot(project);
        (await project.RunAsync("build", "--no-restore", "-t:PackerValidate")).AssertOnlyError("PKR0019");
        Assert.AreEqual(before, Snapshot(project));
    }

    [TestMethod]
    public async Task Validate_needs_no_app()
    {
        using var project = await TestProject.CreateAsync($"""
            <ItemGroup>
              <PackerPlugin Include="{Repository.TestPlugin}" />
              <PackerImage Include="boxed" Builder="content" Content="app" />
            </ItemGroup>
            """, "<OutputType>Exe</OutputType>");
        project.Write("Program.cs", "this is no C#");
        (await project.RunAsync("restore")).AssertSucceeded();
        var before = Snapshot(project);
        (await project.RunAsync("build", "--no-restore", "-t:PackerValidate")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual(before, Snapshot(project));
    }

    [TestMethod]
    public async Task A_design_time_build_does_nothing()
    {
        using var project = await CreateAsync();
        // These two are Visual Studio's own.
        project.WriteProject(Body + """<Target Name="CollectUpToDateCheckInputDesignTime" /><Target Name="CollectUpToDateCheckBuiltDesignTime" />""");
        (await project.RunAsync("restore")).AssertSucceeded();
        (await project.RunAsync("msbuild", "-p:DesignTimeBuild=true", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true", "-p:BuildingInsideVisualStudio=true", "-p:PackerBuildOnBuild=true",
            "-t:ResolveAssemblyReferencesDesignTime;ResolveProjectReferencesDesignTime;Compile;CollectUpToDateCheckInputDesignTime;CollectUpToDateCheckBuiltDesignTime")).AssertSucceeded().AssertNoWarnings();
        (await project.RunAsync("msbuild", "-p:DesignTimeBuild=true", "-t:Build")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("", project.TakeBuilt());
        Assert.IsFalse(project.Exists("bin/Debug/net10.0/images"));
        Assert.IsFalse(project.Exists("obj/Debug/net10.0/packer"));
    }

    [TestMethod]
    public async Task Visual_studio_builds_images_only_when_asked()
    {
        using var project = await CreateAsync();
        await project.BuildCleanlyAsync("-p:BuildingInsideVisualStudio=true");
        Assert.AreEqual("", project.TakeBuilt());

        await project.BuildCleanlyAsync("--no-restore", "-p:BuildingInsideVisualStudio=true", "-p:PackerBuildOnBuild=true", "-p:PackerOnly=note");
        Assert.AreEqual("note", project.TakeBuilt());

        await project.BuildCleanlyAsync("--no-restore", "-p:BuildingInsideVisualStudio=true", "-t:PackerBuild");
        Assert.AreEqual("copy", project.TakeBuilt());
    }

    private static async Task<TestProject> CreateAsync()
    {
        var project = await TestProject.CreateAsync(Body);
        project.Write("input.txt", "first");
        return project;
    }

    /// <summary>All files below the project with sizes and times.</summary>
    private static string Snapshot(TestProject project) => string.Join('\n', new DirectoryInfo(project.Folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
        .Select(found => $"{Path.GetRelativePath(project.Folder, found.FullName)} {(found as FileInfo)?.Length} {found.LastWriteTimeUtc:O}").Order(StringComparer.Ordinal));
}
