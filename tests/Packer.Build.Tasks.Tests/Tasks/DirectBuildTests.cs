using Microsoft.Build.Utilities;
using Packer.Builders.File;
using Packer.Builders.Null;

namespace Packer.Tests.Tasks;

/// <summary>Builders that a target of a project calls by hand.</summary>
[TestClass]
public sealed class DirectBuildTests
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "packer-direct-" + Guid.NewGuid().ToString("N"), "project");

    [TestInitialize]
    public void CreateProject()
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(ProjectFile, "<Project />");
    }

    [TestCleanup]
    public void DeleteProject() => Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);

    private string ProjectFile => Path.Combine(folder, "app.proj");

    [TestMethod]
    public void The_builder_file_writes_the_content_it_is_given()
    {
        var engine = new FakeBuildEngine(ProjectFile);
        var settings = new TaskItem("settings", new Dictionary<string, string> { ["Content"] = "hello", ["TargetFile"] = "x.txt" });
        var builder = new FileBuilder { BuildEngine = engine, ImageName = "direct", OutputDirectory = "out/direct", Settings = [settings] };

        Assert.IsTrue(builder.Execute(), string.Join('\n', engine.Diagnostics));

        Assert.AreEqual("hello", File.ReadAllText(Path.Combine(folder, "out", "direct", "x.txt")));
        Assert.AreEqual(Path.Combine(folder, "out", "direct", "x.txt"), builder.Artifacts.Single().ItemSpec);
    }

    [TestMethod]
    public void The_builder_null_needs_no_settings()
    {
        var engine = new FakeBuildEngine(ProjectFile);
        var builder = new NullBuilder { BuildEngine = engine, ImageName = "direct", OutputDirectory = "out/direct" };

        Assert.IsTrue(builder.Execute(), string.Join('\n', engine.Diagnostics));
    }
}
