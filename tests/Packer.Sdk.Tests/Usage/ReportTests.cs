using System.Text.Json;

namespace Packer.Sdk.Tests.Usage;

/// <summary>The report that a build leaves beside the images.</summary>
[TestClass]
public sealed class ReportTests
{
    private const string Page = "bin/Debug/net10.0/images/report.html";
    private const string Data = "bin/Debug/net10.0/images/report.json";

    [TestMethod]
    public async Task A_build_that_did_something_leaves_a_report_of_all_images()
    {
        using var project = await TestProject.CreateAsync("""
            <ItemGroup>
              <PackerImage Include="good" Builder="file" Content="x" />
              <PackerImage Include="bad" Builder="null" />
              <PackerImage Include="after" Builder="null" DependsOn="bad" />
              <PackerProvisioner Include="shell-local" Images="bad" Script="script.sh" />
            </ItemGroup>
            """);
        project.WriteScript("script.sh", "exit 3");

        (await project.BuildImagesAsync()).AssertFailed();
        Assert.AreEqual("good built succeeded, bad built failed, after kept not_started", Outcomes(project));

        project.WriteScript("script.sh", "exit 0");
        (await project.BuildImagesAsync()).AssertSucceeded().AssertNoWarnings();
        Assert.AreEqual("good kept succeeded, bad built succeeded, after built succeeded", Outcomes(project));
        Assert.Contains("Images of app.csproj", project.Read(Page));

        var written = File.GetLastWriteTimeUtc(project.PathOf(Page));
        (await project.BuildImagesAsync()).AssertSucceeded();
        Assert.AreEqual(written, File.GetLastWriteTimeUtc(project.PathOf(Page)));

        (await project.RunAsync("build", "--no-restore", "-t:PackerClean")).AssertSucceeded();
        Assert.IsFalse(project.Exists(Page) || project.Exists(Data));
    }

    [TestMethod]
    public async Task The_schema_of_config_files_lies_where_the_project_says()
    {
        using var project = await TestProject.CreateAsync("""<ItemGroup><PackerImage Include="good" Builder="file" Content="x" /></ItemGroup>""");
        var output = (await project.RunAsync("msbuild", "-restore", "-getProperty:PackerConfigSchema")).AssertSucceeded();
        var path = output.Text.Split('\n').Select(line => line.Trim()).Last(line => line.EndsWith(".json", StringComparison.Ordinal));
        using var schema = JsonDocument.Parse(await File.ReadAllTextAsync(path));
        Assert.AreEqual("ConfigFile of a PackerImage", schema.RootElement.GetProperty("title").GetString());
        var targets = Path.Combine(Path.GetDirectoryName(path)!, "..", "targets");
        foreach (var name in new[] { "Packer.props.buildschema.json", "Packer.PropertyPage.xaml" }) Assert.IsTrue(File.Exists(Path.Combine(targets, name)), name);
    }

    private static string Outcomes(TestProject project)
    {
        using var report = JsonDocument.Parse(project.Read(Data));
        return string.Join(", ", report.RootElement.GetProperty("images").EnumerateArray().Select(image =>
            $"{image.GetProperty("image").GetString()} {(image.GetProperty("built_now").GetBoolean() ? "built" : "kept")} {image.GetProperty("outcome").GetString()}"));
    }
}
