using Packer.Tasks;
using Packer.Tests.Engine;
using Packer.Tests.Imaging;
using Packer.Tests.Tasks;

namespace Packer.Tests.PostProcessors;

/// <summary>Post-processors that follow one another: what is left when one fails or is stopped, and what the next build does.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class ChainTests
{
    private const string Image = """<PackerImage Include="note" Builder="file" Source="source" TargetFile="note" />""";

    /// <summary>Fails until there is a file 'mended'.</summary>
    private const string Mendable = """<PackerPostProcessor Include="shell-local" Inline="test -e mended" />""";

    private static readonly DateTime Past = new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Rig")]
    public async Task AFailureInTheMiddleLeavesTheImageAndWhatCameBeforeAndIsTriedAgainWithoutBuilding()
    {
        Rig.Require("zstd", "sha256sum");
        using var project = Project("""<PackerPostProcessor Include="compress" OutputFile="note.zst" KeepInputArtifact="true" />""", Mendable, """<PackerPostProcessor Include="checksum" Types="sha256" OutputFile="sums" />""");
        Assert.IsFalse(project.Build());
        Assert.Contains("The post-processor 'shell-local' failed", project.Engine.Diagnostics.Single());
        Assert.AreEqual("note note.zst", Files(project));
        File.SetLastWriteTimeUtc(Output(project, "note"), Past);

        File.WriteAllText(Path.Combine(project.Folder, "mended"), "");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("note note.zst sums", Files(project));
        Assert.AreEqual(Past, File.GetLastWriteTimeUtc(Output(project, "note")), "The image was built again.");
        Assert.AreEqual("note.zst: OK\n", await Tool.RunAsync("sh", "-c", $"cd '{Path.Combine(project.OutputDirectory, "note")}' && sha256sum -c sums"));
        Assert.AreEqual(File.ReadAllText(Path.Combine(project.Folder, "source")), await Tool.RunAsync("zstd", "-dc", Output(project, "note.zst")));

        File.SetLastWriteTimeUtc(Output(project, "note.zst"), Past);
        Assert.IsTrue(project.Build());
        Assert.AreEqual(Past, File.GetLastWriteTimeUtc(Output(project, "note.zst")), "A build without changes worked.");
    }

    [TestMethod]
    public void EachWorksAgainOnlyWhenItOrOneBeforeItChangesOrItsFilesDo()
    {
        const string Rest = """<PackerPostProcessor Include="checksum" Types="sha256" OutputFile="sums" />""";
        using var project = Project(
            """<PackerPostProcessor Include="shell-local" Inline="echo first >> work" />""",
            """<PackerPostProcessor Include="compress" OutputFile="note.zst" KeepInputArtifact="true" />""",
            """<PackerPostProcessor Include="shell-local" Inline="echo second >> work;test -e mended" />""", Rest);
        var work = Path.Combine(project.Folder, "work");
        Assert.IsFalse(project.Build());
        File.SetLastWriteTimeUtc(Output(project, "note.zst"), Past);
        File.WriteAllText(Path.Combine(project.Folder, "mended"), "");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("first\nsecond\nsecond\n", File.ReadAllText(work));
        Assert.AreEqual(Past, File.GetLastWriteTimeUtc(Output(project, "note.zst")), "The image was compressed again.");
        Assert.AreEqual("note note.zst sums", Files(project));

        // What one has made is damaged: it works again, those before it do not.
        File.WriteAllText(Output(project, "sums"), "damaged");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.Contains("note.zst", File.ReadAllText(Output(project, "sums")));
        Assert.AreEqual("first\nsecond\nsecond\n", File.ReadAllText(work));

        // Another image: all work again.
        File.WriteAllText(Path.Combine(project.Folder, "source"), "something else\n");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("first\nsecond\nsecond\nfirst\nsecond\n", File.ReadAllText(work));
    }

    [TestMethod]
    public void TheImageGoesOnlyWhenTheWholeChainHasSucceeded()
    {
        using var project = Project("""<PackerPostProcessor Include="compress" OutputFile="note.gz" />""", Mendable);
        Assert.IsFalse(project.Build());
        Assert.AreEqual("note note.gz", Files(project));
        File.SetLastWriteTimeUtc(Output(project, "note"), Past);
        Assert.IsFalse(project.Build());
        Assert.AreEqual(Past, File.GetLastWriteTimeUtc(Output(project, "note")), "The image was built again.");

        File.WriteAllText(Path.Combine(project.Folder, "mended"), "");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("note.gz", Files(project));
    }

    [TestMethod]
    public void AnImageThatWasCompressedIsNotBuiltAgainForWhatFollows()
    {
        using var project = Project("""<PackerPostProcessor Include="compress" OutputFile="note.gz" />""", """<PackerPostProcessor Include="checksum" Types="md5" OutputFile="sums" />""");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("note.gz sums", Files(project));
        var sums = File.ReadAllText(Output(project, "sums"));
        File.SetLastWriteTimeUtc(Output(project, "note.gz"), Past);
        File.WriteAllText(Output(project, "sums"), "damaged");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("note.gz sums", Files(project));
        Assert.AreEqual(sums, File.ReadAllText(Output(project, "sums")));
        Assert.AreEqual(Past, File.GetLastWriteTimeUtc(Output(project, "note.gz")), "The image was built again.");

        File.WriteAllText(Output(project, "note.gz"), "damaged");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("note.gz sums", Files(project));
        Assert.AreEqual(sums, File.ReadAllText(Output(project, "sums")));
    }

    [TestMethod]
    public async Task ACompressionThatIsStoppedLeavesNoPartAndTheNextBuildIsRight()
    {
        using var project = Project("""<PackerPostProcessor Include="compress" Images="note" OutputFile="note.xz" CompressionLevel="9" />""");
        var content = new byte[64 << 20];
        new Random(2).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(project.Folder, "source"), content, TestContext.CancellationToken);
        var plan = project.Plan();
        Assert.IsTrue(plan.Execute());
        var build = new BuildImage { BuildEngine = project.Engine, PlanFile = Path.Combine(plan.PlanDirectory, "note.plan.json") };
        var running = Task.Run(build.Execute, TestContext.CancellationToken);
        var folder = Path.Combine(project.OutputDirectory, "note");
        await Eventually.IsTrueAsync(() => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "note.xz.*").Any(), "it is being compressed");
        build.Cancel();
        Assert.IsFalse(await running);
        Assert.AreEqual("note", Files(project));

        // As a build leaves it that was killed.
        await File.WriteAllTextAsync(Output(project, "note.xz.0123456789abcdef.tmp"), "half", TestContext.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "source"), "small", TestContext.CancellationToken);
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("note.xz", Files(project));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task WhatFollowsArtificeWorksOnItsFiles()
    {
        Rig.Require("unzip");
        using var project = Project(
            """<PackerPostProcessor Include="shell-local" Inline="cp source out/note/made.1;cp source out/note/made.2" />""",
            """<PackerPostProcessor Include="artifice" Files="made.*" />""",
            """<PackerPostProcessor Include="compress" Format="zip" />""");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("note packer_note_file.zip", Files(project));
        Assert.AreEqual("made.1\nmade.2\n", await Tool.RunAsync("unzip", "-Z1", Output(project, "packer_note_file.zip")));
    }

    [TestMethod]
    [DataRow("made", "there is no file")]
    [DataRow("made.*", "no file matches")]
    public void AFileThatArtificeLacksIsAnErrorAndTheImageStays(string files, string message)
    {
        using var project = Project($"""<PackerPostProcessor Include="artifice" Files="{files}" KeepInputArtifact="false" />""");
        Assert.IsFalse(project.Build());
        Assert.StartsWith("error PKR0523", project.Engine.Diagnostics.Single());
        Assert.Contains(message, project.Engine.Diagnostics.Single());
        Assert.AreEqual("note", Files(project));
    }

    [TestMethod]
    public void WithoutKeepInputArtifactArtificeLeavesItsOwnFilesOnly()
    {
        using var project = Project("""<PackerPostProcessor Include="artifice" Files="../../made" KeepInputArtifact="false" />""");
        var made = Path.Combine(project.Folder, "made");
        File.WriteAllText(made, "made of the image");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("", Files(project));
        Assert.IsTrue(File.Exists(made));
    }

    private static TaskProject Project(params string[] steps)
    {
        var project = new TaskProject($"{Image}\n{string.Join('\n', steps)}");
        File.WriteAllText(Path.Combine(project.Folder, "source"), "what the image holds\n");
        return project;
    }

    private static string Output(TaskProject project, string name) => Path.Combine(project.OutputDirectory, "note", name);

    private static string Files(TaskProject project) =>
        string.Join(' ', Directory.EnumerateFiles(Path.Combine(project.OutputDirectory, "note")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
}
