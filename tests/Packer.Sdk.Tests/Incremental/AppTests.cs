using System.Security.Cryptography;
using Packer.Tests.Imaging;

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

    private const string Published = "obj/Debug/net10.0/linux-x64/packer/publish/linux-x64";

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

        (await project.BuildCleanlyAsync("--no-restore", "-v:n")).AssertDoesNotContain("_PackerPublish target");
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
    public async Task An_edit_is_compiled_and_nothing_else_is_published_again()
    {
        using var project = await CreateAsync();
        await project.BuildCleanlyAsync();
        Assert.AreEqual("one", await RunAppAsync(project));
        project.TakeBuilt();
        var runtime = project.PathOf($"{Published}/System.Private.CoreLib.dll");
        var copied = File.GetCreationTimeUtc(runtime);

        project.Write("Program.cs", """System.Console.WriteLine("two");""");
        (await project.BuildCleanlyAsync("--no-restore", "-v:n")).AssertDoesNotContain("_PackerPublish target");
        Assert.AreEqual("boxed", project.TakeBuilt());
        Assert.AreEqual("two", await RunAppAsync(project));
        Assert.AreEqual(copied, File.GetCreationTimeUtc(runtime));

        // The compiler made what it makes in a publish, down to the last byte.
        var compiled = await File.ReadAllBytesAsync(project.PathOf($"{Published}/app.dll"));
        (await project.BuildCleanlyAsync("-t:Rebuild", "-v:n")).AssertContains("_PackerPublish target");
        CollectionAssert.AreEqual(compiled, await File.ReadAllBytesAsync(project.PathOf($"{Published}/app.dll")));
        project.TakeBuilt();

        // What is published besides: the text of another culture.
        project.Write("Texts.de.resx", Texts("eins"));
        await project.BuildCleanlyAsync("--no-restore");
        project.Write("Texts.de.resx", Texts("zwei"));
        await project.BuildCleanlyAsync("--no-restore");
        StringAssert.Contains(File.ReadAllText(project.PathOf($"{Published}/de/app.resources.dll")), "zwei");

        static string Texts(string value) => $"""<root><resheader name="resmimetype"><value>text/microsoft-resx</value></resheader><data name="number"><value>{value}</value></data></root>""";
    }

    [TestMethod]
    public async Task What_is_more_than_an_edit_is_published_whole()
    {
        using var project = await CreateAsync();
        project.WriteProject(Body + """
            <Target Name="Generate" BeforeTargets="CoreCompile">
              <WriteLinesToFile File="$(IntermediateOutputPath)Generated.cs" Lines="static class Generated { public const string Text = &quot;$(Text)&quot;%3B }" Overwrite="true" WriteOnlyWhenDifferent="true" />
              <ItemGroup><Compile Include="$(IntermediateOutputPath)Generated.cs" /></ItemGroup>
            </Target>
            """, "<OutputType>Exe</OutputType><Text>three</Text>");
        project.Write("Program.cs", """
            #if ADDED
            System.Console.WriteLine(Added.Text);
            #elif GENERATED
            System.Console.WriteLine(Generated.Text);
            #else
            System.Console.WriteLine("one");
            #endif
            """);
        await project.BuildCleanlyAsync();

        // A property that the compiler is called with, a source that is new, and one that the build itself makes.
        (await project.BuildCleanlyAsync("--no-restore", "-v:n", "-p:DefineConstants=GENERATED")).AssertContains("_PackerPublish target");
        Assert.AreEqual("three", await RunAppAsync(project));
        project.Write("Added.cs", """static class Added { public const string Text = "two"; }""");
        (await project.BuildCleanlyAsync("--no-restore", "-v:n", "-p:DefineConstants=ADDED")).AssertContains("_PackerPublish target");
        Assert.AreEqual("two", await RunAppAsync(project));
        (await project.BuildCleanlyAsync("--no-restore", "-v:n", "-p:DefineConstants=GENERATED")).AssertContains("_PackerPublish target");
        (await project.BuildCleanlyAsync("--no-restore", "-v:n", "-p:DefineConstants=GENERATED", "-p:Text=four")).AssertContains("_PackerPublish target");
        Assert.AreEqual("four", await RunAppAsync(project));
    }

    [TestMethod]
    public async Task An_app_that_the_project_changes_after_publish_is_published_whole()
    {
        using var project = await CreateAsync();
        project.WriteProject(Body + """
            <Target Name="Sign" AfterTargets="Publish">
              <GetFileHash Files="$(PublishDir)app.dll"><Output TaskParameter="Hash" PropertyName="_Signature" /></GetFileHash>
              <WriteLinesToFile File="$(PublishDir)app.signature" Lines="$(_Signature)" Overwrite="true" />
            </Target>
            """, "<OutputType>Exe</OutputType>");
        await project.BuildCleanlyAsync();
        project.Write("Program.cs", """System.Console.WriteLine("two");""");
        await project.BuildCleanlyAsync("--no-restore");
        Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(project.PathOf($"{Published}/app.dll")))), project.Read($"{Published}/app.signature").Trim().ToLowerInvariant());
    }

    [TestMethod]
    public async Task A_publish_that_is_cut_short_is_not_taken_for_the_app()
    {
        using var project = await CreateAsync();
        project.WriteProject(Body + """
            <Target Name="CutShort" AfterTargets="_PackerEmptyPublishDirectory" Condition="'$(CutShort)' != ''">
              <WriteLinesToFile File="$(PublishDir)app.dll" Lines="half" /><Error Text="Cut short" />
            </Target>
            """, "<OutputType>Exe</OutputType>");
        await project.BuildCleanlyAsync();
        project.Write("notes.txt", "other notes");
        (await project.BuildAsync("--no-restore", "-p:CutShort=true")).AssertFailed();
        project.Write("notes.txt", "notes");
        await project.BuildCleanlyAsync("--no-restore");
        Assert.AreEqual("one", await RunAppAsync(project));
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

    private static async Task<string> RunAppAsync(TestProject project) => (await Tool.RunAsync(project.PathOf($"{Published}/app"))).Trim();

    private static async Task<TestProject> CreateAsync()
    {
        var project = await TestProject.CreateAsync(Body, "<OutputType>Exe</OutputType>");
        project.Write("Program.cs", """System.Console.WriteLine("one");""");
        project.Write("notes.txt", "notes");
        return project;
    }
}
