using Packer.Builders.File;
using Packer.Engine;
using Packer.Engine.Planning;
using Packer.Engine.Plugins;
using Packer.Tasks;
using Packer.Tests.Tasks;

namespace Packer.Tests.Engine;

/// <summary>When a finished image is tested, and what becomes of it: the verdict is part of what is remembered of the image.</summary>
[TestClass]
public sealed class ImageTestingTests
{
    [TestMethod]
    public async Task An_image_is_tested_before_it_takes_its_place_and_then_up_to_date()
    {
        using var project = Project("one", """TestHttp="/" """);
        var verdict = new Verdict();
        await BuildAsync(project, verdict);
        Assert.AreEqual("8080/ one.partial", verdict.Asked.Single());
        Assert.IsTrue(Plan(project).UpToDate);
    }

    [TestMethod]
    public async Task An_image_that_fails_is_put_aside_and_asked_again_without_being_built()
    {
        using var project = Project("one", """TestHttp="/" """);
        await BuildAsync(project, new Verdict());
        Set(project, """<PackerImage Include="disk" Builder="file" Content="two" TestHttp="/" />""", out var changed);
        using var _ = changed;

        var builds = new CountingBuilder();
        await Assert.ThrowsExactlyAsync<PackerException>(() => BuildAsync(changed, new Verdict { Passes = false }, builds));
        Assert.AreEqual("one", File.ReadAllText(Path.Combine(changed.OutputDirectory, "disk", "disk")));
        Assert.IsFalse(Plan(changed).UpToDate);

        await Assert.ThrowsExactlyAsync<PackerException>(() => BuildAsync(changed, new Verdict { Passes = false }, builds));
        var verdict = new Verdict();
        await BuildAsync(changed, verdict, builds);

        Assert.AreEqual(1, builds.Count);
        Assert.AreEqual("8080/ two.partial", verdict.Asked.Single());
        Assert.AreEqual("two", File.ReadAllText(Path.Combine(changed.OutputDirectory, "disk", "disk")));
        Assert.IsTrue(Plan(changed).UpToDate);
        Assert.IsEmpty(Directory.GetFileSystemEntries(changed.OutputDirectory, "*untested*"));
    }

    [TestMethod]
    public async Task What_was_put_aside_is_of_no_use_for_other_settings()
    {
        using var project = Project("one", """TestHttp="/" """);
        var builds = new CountingBuilder();
        await Assert.ThrowsExactlyAsync<PackerException>(() => BuildAsync(project, new Verdict { Passes = false }, builds));
        Set(project, """<PackerImage Include="disk" Builder="file" Content="two" TestHttp="/" />""", out var changed);
        using var _ = changed;

        await BuildAsync(changed, new Verdict(), builds);

        Assert.AreEqual(2, builds.Count);
        Assert.AreEqual("two", File.ReadAllText(Path.Combine(changed.OutputDirectory, "disk", "disk")));
        Assert.IsEmpty(Directory.GetFileSystemEntries(changed.OutputDirectory, "*untested*"));
    }

    [TestMethod]
    [DataRow("""TestHttp="/health" """, true)]
    [DataRow("""TestHttp="9000/" """, true)]
    [DataRow("""TestHttp="/" RunMemory="64" """, true)]
    [DataRow("""TestHttp="/" TestTimeout="5s" """, false)]
    [DataRow("""TestHttp="/" RunPorts="9000:8080" """, false)]
    [DataRow("", false)]
    public async Task A_changed_test_is_made_again_on_the_image_as_it_is(string metadata, bool isDue)
    {
        using var project = Project("one", """TestHttp="/" """);
        var builds = new CountingBuilder();
        await BuildAsync(project, new Verdict(), builds);
        Set(project, $"""<PackerImage Include="disk" Builder="file" Content="one" {metadata}/>""", out var changed);
        using var _ = changed;

        Assert.AreEqual(!isDue, Plan(changed).UpToDate);
        if (isDue) await Assert.ThrowsExactlyAsync<PackerException>(() => BuildAsync(changed, new Verdict { Passes = false }, builds));
        Assert.AreEqual(!isDue, Plan(changed).UpToDate, "An image that has not passed is not up to date.");
        var verdict = new Verdict();
        await BuildAsync(changed, verdict, builds);

        Assert.AreEqual(1, builds.Count);
        Assert.HasCount(isDue ? 1 : 0, verdict.Asked);
        Assert.IsTrue(Plan(changed).UpToDate);
    }

    [TestMethod]
    public void Without_PackerTest_nothing_is_asked()
    {
        using var project = Project("one", """TestHttp="/" """);
        var task = project.Plan();
        task.Test = "false";
        Assert.IsTrue(task.Execute());
        Assert.IsNull(Read(task).Run.Test);
    }

    [TestMethod]
    public void The_plan_on_disk_says_what_the_project_says()
    {
        using var project = new TaskProject("""<PackerImage Include="disk" Builder="file" RunPorts="8000:80;22" RunMemory="64" RunFirmware="uefi" RunAccelerator="tcg" TestHttp="/x" TestTimeout="1m30s" />""");
        var task = project.Plan();
        Assert.IsTrue(task.Execute(), string.Join('\n', project.Engine.Diagnostics));
        var run = Read(task).Run;
        Assert.AreEqual("8000:80 0:22", string.Join(' ', run.Ports));
        Assert.AreEqual(64, run.Memory);
        Assert.AreEqual("uefi", run.Firmware);
        Assert.AreEqual("tcg", run.Accelerator);
        Assert.AreEqual(new HttpTest(80, "/x", TimeSpan.FromSeconds(90)), run.Test);
    }

    [TestMethod]
    [DataRow("", "0:8080")]
    [DataRow("""HttpPort="81" """, "0:81")]
    [DataRow("""Ports="443;80" """, "0:443 0:80")]
    [DataRow("""Ports="443" RunPorts="9000:80" """, "9000:80")]
    public void An_appliance_is_asked_at_its_own_ports(string metadata, string ports)
    {
        using var project = new TaskProject($"""<PackerImage Include="disk" Content="none" {metadata}/>""");
        var task = project.Plan();
        Assert.IsTrue(task.Execute(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual(ports, string.Join(' ', Read(task).Run.Ports));
    }

    private static TaskProject Project(string content, string metadata) => new($"""<PackerImage Include="disk" Builder="file" Content="{content}" {metadata}/>""");

    /// <summary>The same project, after an edit: its images and its memory are those of the first.</summary>
    private static void Set(TaskProject project, string body, out TaskProject changed)
    {
        changed = new TaskProject(body);
        foreach (var folder in new[] { "out", "obj" })
        {
            var from = Path.Combine(project.Folder, folder);
            foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(changed.Folder, Path.GetRelativePath(project.Folder, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }
        }
        File.Delete(Path.Combine(changed.Folder, "obj", "packer", "disk.hashes"));
        File.Delete(Path.Combine(changed.Folder, "obj", "packer", "files.hashes"));
    }

    private static (bool UpToDate, ImagePlan Plan) Plan(TaskProject project)
    {
        var task = project.Plan();
        Assert.IsTrue(task.Execute(), string.Join('\n', project.Engine.Diagnostics));
        return (task.StaleImages.Length == 0, Read(task));
    }

    private static ImagePlan Read(PlanImages task) => ImagePlanFile.Read(Path.Combine(task.PlanDirectory, "disk.plan.json"));

    private static async Task BuildAsync(TaskProject project, IImageTest test, CountingBuilder? builder = null)
    {
        var (_, plan) = Plan(project);
        using var registry = new ComponentRegistry([]);
        await new ImageBuild(plan, builder ?? new CountingBuilder(), registry, new TestUi(), new SecretRedactor(), test, CancellationToken.None).RunAsync(CancellationToken.None);
    }

    /// <summary>The builder <c>file</c>, counted.</summary>
    private sealed class CountingBuilder : IBuilder
    {
        private FileBuilder builder = new();

        public int Count { get; private set; }

        public PrepareResult Prepare(PrepareContext context) => (builder = new FileBuilder()).Prepare(context);

        public Task<IArtifact?> RunAsync(BuildContext context, CancellationToken token)
        {
            Count++;
            return builder.RunAsync(context, token);
        }

        public void Cancel() => builder.Cancel();
    }

    /// <summary>Notes what it is asked to test, and judges.</summary>
    private sealed class Verdict : IImageTest
    {
        public bool Passes { get; init; } = true;

        public List<string> Asked { get; } = [];

        public Task RunAsync(ImagePlan plan, ArtifactRecord built, BuildContext context, CancellationToken token)
        {
            Asked.Add($"{plan.Run.Test} {File.ReadAllText(built.Files.Single().Path)}{Path.GetExtension(Path.GetDirectoryName(built.Files.Single().Path))}");
            return Passes ? Task.CompletedTask : throw new PackerException(DiagnosticCodes.ImageTestFailed, "It does not boot.");
        }
    }
}
