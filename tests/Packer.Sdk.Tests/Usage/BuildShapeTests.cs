namespace Packer.Sdk.Tests.Usage;

/// <summary>The ways in which MSBuild builds a project.</summary>
[TestClass]
public sealed class BuildShapeTests
{
    private const string TwoImages = $"""
        <ItemGroup>
          <PackerImage Include="one;two" Builder="file" Content="hello" />
          {TestProject.NoteBuilds}
        </ItemGroup>
        """;

    [TestMethod]
    [DataRow("-m:1")]
    [DataRow("-m:4")]
    [DataRow("-mt")]
    [DataRow("-graph")]
    public async Task With_a_switch(string argument)
    {
        using var project = await TestProject.CreateAsync(TwoImages);
        await project.BuildCleanlyAsync(argument);
        Assert.AreEqual("one two", project.TakeBuilt());
        await project.BuildCleanlyAsync("--no-restore", argument);
        Assert.AreEqual("", project.TakeBuilt());
    }

    [TestMethod]
    public async Task With_isolated_graph()
    {
        using var project = await TestProject.CreateAsync(TwoImages);
        (await project.RunAsync("restore")).AssertSucceeded();
        await project.BuildCleanlyAsync("--no-restore", "-graph", "-isolate");
        Assert.AreEqual("one two", project.TakeBuilt());
    }

    [TestMethod]
    public async Task With_the_server_of_msbuild()
    {
        using var project = await TestProject.CreateAsync(TwoImages);
        project.Environment["MSBUILDUSESERVER"] = "1";
        // A server of its own: it is told apart by this salt.
        project.Environment["MSBUILDNODEHANDSHAKESALT"] = project.Folder;
        try
        {
            await project.BuildCleanlyAsync();
            await project.BuildCleanlyAsync("--no-restore");
            Assert.AreEqual("one two", project.TakeBuilt());
        }
        finally
        {
            await project.RunAsync("build-server", "shutdown", "--msbuild");
        }
    }

    [TestMethod]
    public async Task A_multi_targeted_project_builds_its_images_once_after_all_frameworks()
    {
        using var project = await TestProject.CreateEmptyAsync();
        project.Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              {project.SdkElement}
              <PropertyGroup><TargetFrameworks>net10.0;netstandard2.0</TargetFrameworks></PropertyGroup>
              <ItemGroup>
                <PackerImage Include="one" Builder="file" Source="bin/Debug/netstandard2.0/app.dll" />
                {TestProject.NoteBuilds}
              </ItemGroup>
            </Project>
            """);

        await project.BuildCleanlyAsync();

        Assert.AreEqual("one", project.TakeBuilt());
        Assert.IsTrue(project.Exists("bin/Debug/images/one/app.dll"));
        await project.BuildCleanlyAsync("--no-restore", "-f", "net10.0");
        Assert.AreEqual("", project.TakeBuilt());
        await project.BuildCleanlyAsync("--no-restore", "-t:Rebuild");
        Assert.AreEqual("one", project.TakeBuilt());
    }

    [TestMethod]
    public async Task A_solution_builds_the_images_of_all_its_projects_or_of_one()
    {
        using var solution = await TestProject.CreateEmptyAsync();
        foreach (var name in new[] { "a", "b" })
        {
            // Images of one name in two projects are two images.
            solution.Write($"{name}/{name}.csproj", $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  {solution.SdkElement}
                  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
                  <ItemGroup>
                    <PackerImage Include="same;{name}" Builder="file" Content="{name}" />
                    <PackerPostProcessor Include="shell-local" Inline="echo {name}-$PACKER_BUILD_NAME >> ../built.txt" />
                  </ItemGroup>
                </Project>
                """);
        }
        solution.Write("all.slnx", """<Solution><Project Path="a/a.csproj" /><Project Path="b/b.csproj" /></Solution>""");

        await solution.BuildCleanlyAsync("all.slnx");
        Assert.AreEqual("a-a a-same b-b b-same", solution.TakeBuilt());
        Assert.AreEqual("a", solution.Read("a/bin/Debug/net10.0/images/same/same"));
        Assert.AreEqual("b", solution.Read("b/bin/Debug/net10.0/images/same/same"));

        await solution.BuildCleanlyAsync("all.slnx", "--no-restore", "-t:Rebuild", "-graph");
        Assert.AreEqual("a-a a-same b-b b-same", solution.TakeBuilt());

        await solution.BuildCleanlyAsync("all.slnx", "--no-restore", "-t:a:PackerBuild", "-p:PackerForce=true");
        Assert.AreEqual("a-a a-same", solution.TakeBuilt());
    }

    [TestMethod]
    public async Task Publish_and_run_build_the_images_too()
    {
        using var project = await TestProject.CreateAsync(TwoImages, "<OutputType>Exe</OutputType>");
        project.Write("Program.cs", """System.Console.WriteLine("the app says hello");""");

        (await project.RunAsync("run")).AssertSucceeded().AssertContains("the app says hello");
        Assert.AreEqual("one two", project.TakeBuilt());

        (await project.RunAsync("run", "--no-build")).AssertSucceeded().AssertContains("the app says hello");
        Assert.AreEqual("", project.TakeBuilt());

        (await project.RunAsync("publish")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("one two", project.TakeBuilt(), "Publish builds for Release, which has images of its own.");

        (await project.RunAsync("publish", "--no-build", "-p:PackerForce=true")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("", project.TakeBuilt());
    }
}
