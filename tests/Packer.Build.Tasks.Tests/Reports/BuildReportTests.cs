using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Engine.Planning;
using Packer.Engine.Reports;
using Packer.Tests.Tasks;

namespace Packer.Tests.Reports;

[TestClass]
public sealed class BuildReportTests
{
    private const string Schema = "report.schema.json";

    [TestMethod]
    public void Parts_become_what_was_built_now_what_was_reused_and_what_was_not_started()
    {
        var parts = new Dictionary<string, ImageReport>
        {
            ["new"] = TestReports.Image("new", "file", 100, [new("Builder file", StepKinds.Builder, 0, 250, "succeeded")]),
            ["second"] = TestReports.Image("second", "file", 0, [new("Builder file", StepKinds.Builder, 0, 150, "succeeded")]),
            ["kept"] = TestReports.Image("kept", "file", 0, []) with { RunId = "earlier", BuiltNow = false },
            ["waits"] = TestReports.Image("waits", "qemu", 0, []) with { RunId = "earlier", BuiltNow = false },
        };
        var artifacts = new[] { "kept", "unknown" }.ToLookup(name => name, name => new ReportArtifact("packer.file", name, [new ArtifactFile(Path.Combine("/out", name, "a"), 1, new string('a', 64))]));

        var report = BuildReport.Merge("app.csproj", TestReports.RunId, ["new", "second", "kept", "waits", "unknown", "never"], parts.GetValueOrDefault, new HashSet<string> { "new", "second", "waits" }, artifacts, "/out");

        Assert.AreEqual("new True succeeded, second True succeeded, kept False succeeded, waits False not_started, unknown False succeeded", string.Join(", ", report.Images.Select(image => $"{image.Image} {image.BuiltNow} {image.Outcome}")));
        Assert.AreEqual("unknown/a", report.Images[^1].Artifacts[0].Files[0].Path);
        Assert.AreEqual(350, report.DurationMs, "From the start of the first to the end of the last.");
        Assert.AreEqual("qemu", report.Images[3].Builder);
    }

    [TestMethod]
    public void A_part_survives_being_written_and_read()
    {
        using var folder = new TemporaryFolder();
        var part = TestReports.Sample().Images[2];
        File.WriteAllBytes(folder["a.report.json"], part.Write());
        CollectionAssert.AreEqual(part.Write(), ImageReport.Read(folder["a.report.json"])!.Write());
        File.WriteAllText(folder["b.report.json"], "{ \"image\": ");
        Assert.IsNull(ImageReport.Read(folder["b.report.json"]));
        Assert.IsNull(ImageReport.Read(folder["c.report.json"]));
    }

    [TestMethod]
    public void A_build_leaves_a_report_and_one_without_work_does_not_touch_it()
    {
        using var project = new TaskProject("""
            <PackerImage Include="a" Builder="null" />
            <PackerImage Include="b" Builder="file" Content="text" />
            <PackerProvisioner Include="shell-local" Inline="true" Images="a" />
            <PackerPostProcessor Include="checksum" Images="b" />
            """);
        Assert.IsTrue(project.BuildWithReport(), string.Join('\n', project.Engine.Diagnostics));

        var json = Read(project);
        var (a, b) = (json["images"]![0]!, json["images"]![1]!);
        Assert.AreEqual("null", (string)a["builder"]!);
        Assert.IsTrue(a["steps"]!.AsArray().Any(step => (string)step!["kind"]! == "provisioner" && (string)step["name"]! == "shell-local"), a.ToJsonString());
        Assert.IsTrue(b["steps"]!.AsArray().Any(step => (string)step!["kind"]! == "post_processor" && (string)step["name"]! == "checksum"), b.ToJsonString());
        foreach (var image in json["images"]!.AsArray())
        {
            Assert.AreEqual((long)image!["duration_ms"]!, image["steps"]!.AsArray().Sum(step => (long)step!["duration_ms"]!));
            Assert.AreEqual((long)image["duration_ms"]!, (long)(((DateTimeOffset)image["ended"]!) - (DateTimeOffset)image["started"]!).TotalMilliseconds);
            Assert.IsTrue((bool)image["built_now"]!);
        }
        Assert.AreEqual("it was never built", (string)b["reasons"]![0]!);
        Assert.AreEqual("b/b", (string)b["artifacts"]![0]!["files"]![0]!["path"]!);
        var page = File.ReadAllText(Path.Combine(project.OutputDirectory, BuildReport.PageName));

        Assert.IsTrue(project.BuildWithReport());
        Assert.AreEqual(page, File.ReadAllText(Path.Combine(project.OutputDirectory, BuildReport.PageName)));

        Directory.Delete(Path.Combine(project.OutputDirectory, "b"), recursive: true);
        Assert.IsTrue(project.BuildWithReport());
        json = Read(project);
        Assert.AreEqual("False True", string.Join(' ', json["images"]!.AsArray().Select(image => (bool)image!["built_now"]!)));
        Assert.IsGreaterThan(0, json["images"]![0]!["steps"]!.AsArray().Count, "It tells of the build that made it.");
    }

    [TestMethod]
    public void A_failed_build_is_in_it_with_its_error()
    {
        using var project = new TaskProject("""
            <PackerImage Include="a" Builder="null" />
            <PackerImage Include="b" Builder="file" Content="text" />
            <PackerProvisioner Include="shell-local" Inline="echo going wrong; exit 3" />
            """);
        Assert.IsFalse(project.BuildWithReport());
        var a = Read(project)["images"]![0]!;
        Assert.AreEqual("failed", (string)a["outcome"]!);
        Assert.StartsWith("PKR", (string)a["error"]!["code"]!);
        Assert.AreEqual("failed", (string)a["steps"]!.AsArray().Single(step => (string)step!["kind"]! == "provisioner")!["outcome"]!);
    }

    [TestMethod]
    public void A_report_that_cannot_be_written_is_a_warning()
    {
        using var project = new TaskProject("""<PackerImage Include="b" Builder="file" Content="text" />""");
        Directory.CreateDirectory(Path.Combine(project.OutputDirectory, BuildReport.JsonName));
        Assert.IsTrue(project.BuildWithReport());
        Assert.StartsWith("warning PKR0540", project.Engine.Diagnostics.Single());
    }

    [TestMethod]
    public async Task What_a_killed_build_left_of_a_report_is_removed()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "report.json.1.tmp", "report.html.1.tmp", ReportFiles.LockName }) File.WriteAllText(folder[name], "half");
        await new ReportFiles(folder.Path).WriteAsync(TestReports.Sample(), CancellationToken.None);
        Assert.AreEqual("report.html report.json", Names());
        File.WriteAllText(folder["report.html.2.tmp"], "half");
        await new ReportFiles(folder.Path).DeleteAsync(CancellationToken.None);
        Assert.AreEqual("", Names());
        var targets = File.ReadAllText(RepositoryFiles.FullPath("src", "Packer.Sdk", "targets", "Packer.targets"));
        Assert.Contains($"Exists('$(PackerOutputPath){ReportFiles.LockName}')", targets, "The next build writes it anew.");

        string Names() => string.Join(' ', Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task Reports_have_the_form_that_is_documented()
    {
        using var project = new TaskProject("""
            <PackerImage Include="a" Builder="null" />
            <PackerImage Include="b" Builder="file" Content="text" />
            <PackerProvisioner Include="shell-local" Inline="exit 3" />
            """);
        project.BuildWithReport();
        var wrong = JsonNode.Parse(TestReports.Sample().Write())!.AsObject();
        wrong["images"]![0]!["colour"] = "red";
        string[] lines = [Line(Read(project)), Line(JsonNode.Parse(TestReports.Sample().Write())!), wrong.ToJsonString()];
        var results = await JsonValidator.CheckAsync(RepositoryFiles.FullPath("docs", Schema), lines);
        Assert.AreEqual("ok", results[0]);
        Assert.AreEqual("ok", results[1]);
        Assert.StartsWith("wrong: ", results[2]);
    }

    private static string Line(JsonNode json) => JsonSerializer.Serialize(json);

    private static JsonNode Read(TaskProject project) => JsonNode.Parse(File.ReadAllText(Path.Combine(project.OutputDirectory, BuildReport.JsonName)))!;
}
