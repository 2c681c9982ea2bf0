namespace Packer.Sdk.Tests.Incremental;

/// <summary>Several builds of one image at once.</summary>
[TestClass]
public sealed class ConcurrencyTests
{
    private static readonly string Body = $"""
        <ItemGroup>
          <PackerPlugin Include="{Repository.TestPlugin}" />
          <PackerImage Include="one" Builder="null" />
          <PackerImage Include="two" Builder="null" />
          <PackerProvisioner Include="count" WaitFor="$(MSBuildProjectDirectory)/go" />
        </ItemGroup>
        """;

    [TestMethod]
    public async Task Two_processes_build_once_and_both_succeed()
    {
        using var project = await TestProject.CreateAsync(Body);
        (await project.RunAsync("restore")).AssertSucceeded();
        using var first = project.Start("build", "--no-restore", "-t:PackerBuild", "-m:2");
        using var second = project.Start("build", "--no-restore", "-t:PackerBuild", "-m:2");
        await Wait.UntilAsync(() => project.Lines("built.txt").Length == 2, () => first.OutputSoFar + second.OutputSoFar);
        // The one that has come later says whom it waits for.
        await Wait.UntilAsync(() => (first.OutputSoFar + second.OutputSoFar).Contains("waiting for it to end", StringComparison.Ordinal), () => first.OutputSoFar + second.OutputSoFar);
        project.Write("go", "");
        (await first.WaitAsync()).AssertSucceeded().AssertNoWarnings();
        (await second.WaitAsync()).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("one two", project.TakeBuilt());
        (await project.BuildImagesAsync()).AssertSucceeded();
        Assert.AreEqual("", project.TakeBuilt());
    }

    [TestMethod]
    public async Task One_project_with_two_sets_of_properties_builds_once()
    {
        using var project = await TestProject.CreateAsync(Body);
        project.Write("go", "");
        project.Write("both.proj", """
            <Project>
              <Target Name="Build">
                <ItemGroup>
                  <P Include="app.csproj" AdditionalProperties="Variant=1" />
                  <P Include="app.csproj" AdditionalProperties="Variant=2" />
                </ItemGroup>
                <MSBuild Projects="@(P)" Targets="PackerBuild" BuildInParallel="true" />
              </Target>
            </Project>
            """);
        (await project.RunAsync("msbuild", "both.proj", "-m:4")).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("one two", project.TakeBuilt());
    }
}
