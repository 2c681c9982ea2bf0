namespace Packer.Sdk.Tests.Incremental;

/// <summary>Images that are made of other images, in one project and across projects.</summary>
[TestClass]
public sealed class DependencyTests
{
    [TestMethod]
    public async Task A_chain_is_built_in_order_and_goes_stale_from_its_beginning()
    {
        using var project = await TestProject.CreateAsync($$"""
            <ItemGroup>
              <PackerImage Include="last" Builder="file" Source="{{"{{"}} artifact `middle` {{"}}"}}" TargetFile="last" DependsOn="middle" />
              <PackerImage Include="middle" Builder="file" Source="{{"{{"}} artifact `base` {{"}}"}}" TargetFile="middle" DependsOn="base" />
              <PackerImage Include="base" Builder="file" Source="input.txt" />
              <PackerImage Include="apart" Builder="file" Content="apart" />
              <PackerPostProcessor Include="shell-local" Except="apart" Inline="echo $PACKER_BUILD_NAME >> order.txt" />
            </ItemGroup>
            """);
        project.Write("input.txt", "first");
        (await project.BuildImagesAsync("-m:4")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("base middle last", string.Join(' ', project.Lines("order.txt")));
        Assert.AreEqual("first", await File.ReadAllTextAsync(project.ImageFile("last")));

        project.Write("input.txt", "second");
        (await project.BuildImagesAsync("-m:4")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("base middle last base middle last", string.Join(' ', project.Lines("order.txt")));
        Assert.AreEqual("second", await File.ReadAllTextAsync(project.ImageFile("last")));

        (await project.BuildImagesAsync("-m:4")).AssertSucceeded().AssertNoWarnings();
        Assert.HasCount(6, project.Lines("order.txt"));

        // One that several need, and whose output is gone, comes first again.
        File.Delete(project.ImageFile("base", "input.txt"));
        (await project.BuildImagesAsync("-p:PackerOnly=last")).AssertSucceeded().AssertNoWarnings();
        Assert.IsTrue(File.Exists(project.ImageFile("base", "input.txt")));
    }

    [TestMethod]
    public async Task One_that_several_depend_on_is_built_once()
    {
        using var project = await TestProject.CreateAsync($"""
            <ItemGroup>
              <PackerImage Include="a;b;c" Builder="file" Content="x" DependsOn="base" />
              <PackerImage Include="base" Builder="file" Content="x" />
              {TestProject.NoteBuilds}
            </ItemGroup>
            """);
        (await project.BuildImagesAsync("-m:4")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("a b base c", project.TakeBuilt());
    }

    [TestMethod]
    public async Task A_failed_base_fails_what_depends_on_it_and_nothing_else()
    {
        using var project = await TestProject.CreateAsync($"""
            <ItemGroup>
              <PackerImage Include="apart" Builder="file" Content="x" />
              <PackerImage Include="child" Builder="file" Content="x" DependsOn="base" />
              <PackerImage Include="base" Builder="null" />
              <PackerProvisioner Include="shell-local" Images="base" Inline="exit 3" />
              {TestProject.NoteBuilds}
            </ItemGroup>
            """);
        var output = await project.BuildImagesAsync("-m:2");
        output.AssertOnlyError("PKR0403");
        Assert.AreEqual("apart", project.TakeBuilt());
        Assert.IsFalse(File.Exists(project.ImageFile("child")));
    }

    [TestMethod]
    public async Task An_image_is_made_of_one_of_a_referenced_project()
    {
        using var solution = await TestProject.CreateEmptyAsync();
        solution.Write("base/input.txt", "first");
        solution.Write("base/base.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              {solution.SdkElement}
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup>
                <PackerImage Include="base" Builder="file" Source="input.txt" />
                <PackerPostProcessor Include="shell-local" Inline="echo $PACKER_BUILD_NAME >> ../built.txt" />
              </ItemGroup>
            </Project>
            """);
        solution.Write("top/top.csproj", $$"""
            <Project Sdk="Microsoft.NET.Sdk">
              {{solution.SdkElement}}
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="../base/base.csproj" ReferenceOutputAssembly="false" />
                <PackerImage Include="top" Builder="file" Source="{{"{{"}} artifact `base` {{"}}"}}" TargetFile="top" />
                <PackerPostProcessor Include="shell-local" Inline="echo $PACKER_BUILD_NAME >> ../built.txt" />
              </ItemGroup>
            </Project>
            """);

        await solution.BuildCleanlyAsync("top");
        Assert.AreEqual("base top", solution.TakeBuilt());
        Assert.AreEqual("first", solution.Read("top/bin/Debug/net10.0/images/top/top"));

        await solution.BuildCleanlyAsync("top", "--no-restore");
        Assert.AreEqual("", solution.TakeBuilt());

        solution.Write("base/input.txt", "second");
        await solution.BuildCleanlyAsync("top", "--no-restore", "-graph");
        Assert.AreEqual("base top", solution.TakeBuilt());
        Assert.AreEqual("second", solution.Read("top/bin/Debug/net10.0/images/top/top"));

        // To look is not to build, in a referenced project neither.
        solution.Write("base/input.txt", "third");
        (await solution.RunAsync("build", "top", "--no-restore", "-t:PackerValidate")).AssertSucceeded().AssertNoWarnings();
        (await solution.RunAsync("build", "top", "--no-restore", "-t:PackerInspect")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("", solution.TakeBuilt());

        // An image that was never built is known by its name.
        Directory.Delete(solution.PathOf("base/bin/Debug/net10.0/images"), recursive: true);
        (await solution.RunAsync("build", "top", "--no-restore", "-t:PackerValidate")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("", solution.TakeBuilt());

        // Asked for by name, the images are built where builds make none by themselves.
        (await solution.RunAsync("build", "top", "--no-restore", "-t:PackerBuild", "-p:PackerBuildOnBuild=false")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("base top", solution.TakeBuilt());

        solution.Write("base/input.txt", "fourth");
        await solution.BuildCleanlyAsync("top", "--no-restore", "-graph", "-isolate");
        Assert.AreEqual("base top", solution.TakeBuilt());
    }
}
