using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Packer.Builders.Qemu;
using Packer.Engine;
using Packer.Engine.Planning;
using Packer.Engine.Plugins;
using Packer.Engine.Provenance;
using Packer.Tests.Reports;
using Packer.Tests.Tasks;

namespace Packer.Tests.Engine.Provenance;

/// <summary>What the provenance of an image says, and when it is written.</summary>
[TestClass]
public sealed class ProvenanceTests
{
    private const string Copied = """
        <PackerImage Include="disk" Builder="file" Source="in/source.bin" Provenance="true" />
        <PackerPostProcessor Include="compress" OutputFile="disk.gz" />
        """;

    [TestMethod]
    public void A_statement_says_what_was_made_of_what_and_how()
    {
        using var project = Project(Copied);
        Build(project);
        var statement = Read(project);

        Assert.AreEqual("_type subject predicateType predicate", string.Join(' ', statement.Select(pair => pair.Key)));
        Assert.AreEqual(ProvenanceStatement.StatementType, (string?)statement["_type"]);
        Assert.AreEqual(ProvenanceStatement.PredicateType, (string?)statement["predicateType"]);
        // The file that the post-processor has left, and not the one that it has taken away.
        Assert.AreEqual("disk.gz", string.Join(' ', Names(statement["subject"]!)));
        Assert.AreEqual(Hash(Path.Combine(project.OutputDirectory, "disk", "disk.gz")), (string?)statement["subject"]![0]!["digest"]!["sha256"]);

        var definition = statement["predicate"]!["buildDefinition"]!;
        Assert.AreEqual("""{"image":"disk","builder":{"type":"file","settings":{"source":"in/source.bin"}},"provisioners":[],"post_processors":[{"type":"compress","settings":{"output_file":"disk.gz"}}]}""",
            definition["externalParameters"]!.ToJsonString());
        Assert.AreEqual("inputs_hash behavior_versions post_processors_hash", string.Join(' ', definition["internalParameters"]!.AsObject().Select(pair => pair.Key)));
        Assert.AreEqual("in/source.bin", string.Join(' ', Names(definition["resolvedDependencies"]!)));
        Assert.AreEqual(Hash(Path.Combine(project.Folder, "in", "source.bin")), (string?)definition["resolvedDependencies"]![0]!["digest"]!["sha256"]);

        var details = statement["predicate"]!["runDetails"]!.AsObject();
        Assert.AreEqual("builder", string.Join(' ', details.Select(pair => pair.Key)), "What differs from run to run is left out.");
        Assert.AreEqual(".NET Packer.Sdk", string.Join(' ', details["builder"]!["version"]!.AsObject().Select(pair => pair.Key)));
    }

    [TestMethod]
    public void The_same_inputs_in_another_folder_give_the_same_bytes()
    {
        using var first = Project(Copied);
        using var second = Project(Copied);
        Build(first);
        Build(second);
        Assert.AreEqual(Text(first), Text(second));
        Assert.DoesNotContain(Path.GetTempPath(), Text(first));

        File.WriteAllText(Path.Combine(second.Folder, "in", "source.bin"), "other");
        Build(second);
        Assert.AreNotEqual(Text(first), Text(second));
    }

    [TestMethod]
    public void Folders_of_this_machine_have_other_names()
    {
        using var outside = new TemporaryFolder();
        File.WriteAllText(outside["secret-place.bin"], "x");
        using var project = Project($"""
            <PackerImage Include="disk" Builder="file" Source="{outside["secret-place.bin"]}" Provenance="true" />
            <PackerPostProcessor Include="shell-local" Inline="true" EnvironmentVars="AT={outside.Path};BESIDE={outside["secret-place.bin"]}" />
            """);
        Build(project);
        Assert.AreEqual("secret-place.bin", (string?)Definition(project)["externalParameters"]!["builder"]!["settings"]!["source"]);
        Assert.AreEqual("secret-place.bin", string.Join(' ', Names(Definition(project)["resolvedDependencies"]!)));
        Assert.DoesNotContain(project.Folder, Text(project));
        Assert.DoesNotContain(outside["secret-place.bin"], Text(project));
    }

    [TestMethod]
    public async Task Secrets_are_not_in_it()
    {
        using var project = new TaskProject("""
            <PackerImage Include="disk" Builder="qemu" IsoUrl="http://user:swordfish@127.0.0.1/x.iso?signature=opensesame" IsoChecksum="none" SshUsername="root" SshPassword="hunter22" BootCommand="password hunter22&lt;enter&gt;" ShutdownCommand="poweroff" Provenance="true" />
            """);
        var task = project.Plan();
        Assert.IsTrue(task.Execute(), string.Join('\n', project.Engine.Diagnostics));
        var plan = ImagePlanFile.Read(Path.Combine(task.PlanDirectory, "disk.plan.json"));
        plan = LiteralSecretsFile.Take(plan.Paths.Secrets, plan);
        using var registry = new ComponentRegistry([]);
        await new ImageBuild(plan, new OtherBuilder(new QemuBuilder()), registry, new TestUi(), new SecretRedactor(), null, CancellationToken.None).RunAsync(CancellationToken.None);

        Assert.DoesNotContain("hunter22", Text(project));
        foreach (var secret in new[] { "swordfish", "opensesame" }) Assert.DoesNotContain(secret, Text(project));
        Assert.Contains("http://127.0.0.1/x.iso?…", Text(project));
        Assert.DoesNotContain("hunter22", await File.ReadAllTextAsync(plan.Paths.Stamp));
        Assert.Contains("\"ssh_password\"", Text(project), "That there is one is no secret.");
        var dependency = Definition(project)["resolvedDependencies"]!.AsArray().Single()!;
        Assert.AreEqual("x.iso http://example.test/x.iso", $"{dependency["name"]} {dependency["uri"]}");
        Assert.AreEqual("1.2.3", (string?)Read(project)["predicate"]!["runDetails"]!["builder"]!["version"]!["tool"]);
    }

    [TestMethod]
    public void It_is_a_file_of_the_image()
    {
        using var project = Project(Copied);
        Assert.IsTrue(project.BuildWithReport(), string.Join('\n', project.Engine.Diagnostics));
        var path = Path.Combine(project.OutputDirectory, "disk", "disk.provenance.json");
        var plan = project.Plan();
        Assert.IsTrue(plan.Execute());
        Assert.IsEmpty(plan.StaleImages);
        Assert.Contains(path, plan.Artifacts.Select(item => item.ItemSpec));
        Assert.Contains("disk/disk.provenance.json</code>, in the form of SLSA 1", File.ReadAllText(Path.Combine(project.OutputDirectory, "report.html")));

        var before = File.ReadAllText(path);
        File.WriteAllText(path, "{}");
        plan = project.Plan();
        Assert.IsTrue(plan.Execute());
        Assert.HasCount(1, plan.StaleImages);
        Build(project);
        Assert.AreEqual(before, File.ReadAllText(path));
    }

    [TestMethod]
    public void It_is_written_when_it_is_asked_for_and_gone_when_it_is_not()
    {
        using var project = Project(Copied);
        Build(project);
        using var without = Edit(project, Copied.Replace(" Provenance=\"true\"", "", StringComparison.Ordinal));
        Build(without);
        Assert.IsFalse(File.Exists(Path.Combine(without.OutputDirectory, "disk", "disk.provenance.json")));
        Assert.IsTrue(File.Exists(Path.Combine(without.OutputDirectory, "disk", "disk.gz")));
        using var again = Edit(without, Copied);
        Build(again);
        Assert.AreEqual(Text(project), Text(again));
    }

    [TestMethod]
    public void After_a_post_processor_that_failed_there_is_none()
    {
        using var project = Project(Copied);
        Build(project);
        using var failing = Edit(project, Copied + """<PackerPostProcessor Include="shell-local" Inline="exit 3" />""");
        Assert.IsFalse(failing.Build());
        Assert.IsFalse(File.Exists(Path.Combine(failing.OutputDirectory, "disk", "disk.provenance.json")));
        using var good = Edit(failing, Copied + """<PackerPostProcessor Include="shell-local" Inline="true" />""");
        Build(good);
        Assert.AreEqual("disk.gz", string.Join(' ', Names(Read(good)["subject"]!)));
        Assert.AreEqual("in/source.bin", string.Join(' ', Names(Definition(good)["resolvedDependencies"]!)), "What the builder knew is remembered.");
    }

    [TestMethod]
    public void Images_that_it_depends_on_and_plugins_are_among_what_it_is_made_of()
    {
        using var project = new TaskProject("""
            <PackerPlugin Include="$(TestPlugin)" />
            <PackerImage Include="base" Builder="file" Content="base" />
            <PackerImage Include="disk" Builder="typed" Count="3" DependsOn="base" Provenance="true" />
            <PackerImage Include="nothing" Builder="null" Provenance="true" />
            """);
        Build(project);
        Assert.AreEqual("Packer.TestPlugin.dll base/base", string.Join(' ', Names(Definition(project)["resolvedDependencies"]!)));
        Assert.AreEqual(Hash(TaskProject.TestPlugin), (string?)Definition(project)["resolvedDependencies"]![0]!["digest"]!["sha256"]);
        Assert.AreEqual(Hash(Path.Combine(project.OutputDirectory, "base", "base")), (string?)Definition(project)["resolvedDependencies"]![1]!["digest"]!["sha256"]);
        Assert.IsFalse(Directory.Exists(Path.Combine(project.OutputDirectory, "nothing")), "There is nothing that a statement could be about.");
    }

    [TestMethod]
    public void An_image_in_a_registry_is_named_by_its_digest()
    {
        using var project = Project(Copied);
        var task = project.Plan();
        Assert.IsTrue(task.Execute());
        var plan = ImagePlanFile.Read(Path.Combine(task.PlanDirectory, "disk.plan.json"));
        var facts = ProvenanceFacts.Collect(plan, new BuildMaterials(), new SecretRedactor());
        var pushed = new ArtifactRecord("x", "registry.test/web@sha256:" + new string('a', 64), "", []);
        var statement = JsonNode.Parse(ProvenanceStatement.Create(plan, facts, [pushed], new SecretRedactor())!)!;
        Assert.AreEqual("registry.test/web " + new string('a', 64), $"{statement["subject"]![0]!["name"]} {statement["subject"]![0]!["digest"]!["sha256"]}");
        Assert.IsNull(ProvenanceStatement.Create(plan, facts, [pushed with { Id = "somewhere" }], new SecretRedactor()));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task It_has_the_form_of_SLSA()
    {
        using var project = Project(Copied);
        Build(project);
        var good = Read(project).ToJsonString();
        var wrong = new[]
        {
            good.Replace("\"buildType\"", "\"build_type\"", StringComparison.Ordinal),
            good.Replace("Statement/v1\"", "Statement/v0\"", StringComparison.Ordinal),
            good.Replace("\"sha256\":\"", "\"sha256\":\"X", StringComparison.Ordinal),
        };
        var results = await JsonValidator.CheckAsync(RepositoryFiles.FullPath("tests", "Packer.Build.Tasks.Tests", "Engine", "Provenance", "slsa-provenance-1.schema.json"), [good, .. wrong]);
        Assert.AreEqual("ok", results[0]);
        foreach (var result in results.Skip(1)) Assert.StartsWith("wrong", result);
    }

    [TestMethod]
    public void A_wrong_value_is_told_with_its_place()
    {
        using var project = new TaskProject("""<PackerImage Include="disk" Builder="file" Provenance="perhaps" />""");
        Assert.IsFalse(project.Plan().Execute());
        Assert.Contains("Provenance", string.Join('\n', project.Engine.Diagnostics));
    }

    private static TaskProject Project(string body)
    {
        var project = new TaskProject(body);
        Directory.CreateDirectory(Path.Combine(project.Folder, "in"));
        File.WriteAllText(Path.Combine(project.Folder, "in", "source.bin"), "the source");
        return project;
    }

    /// <summary>The same project after an edit, at another place.</summary>
    private static TaskProject Edit(TaskProject project, string body)
    {
        var edited = new TaskProject(body);
        foreach (var file in Directory.EnumerateFiles(project.Folder, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is not (".csproj" or ".hashes")))
        {
            var to = Path.Combine(edited.Folder, Path.GetRelativePath(project.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        return edited;
    }

    private static void Build(TaskProject project) => Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));

    private static string Text(TaskProject project) => File.ReadAllText(Path.Combine(project.OutputDirectory, "disk", "disk.provenance.json"));

    private static JsonObject Read(TaskProject project) => JsonNode.Parse(Text(project))!.AsObject();

    private static JsonNode Definition(TaskProject project) => Read(project)["predicate"]!["buildDefinition"]!;

    private static IEnumerable<string> Names(JsonNode resources) => resources.AsArray().Select(resource => (string)resource!["name"]!);

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    /// <summary>Takes the settings of a builder, and makes a file.</summary>
    private sealed class OtherBuilder(IBuilder settings) : IBuilder
    {
        public PrepareResult Prepare(PrepareContext context) => settings.Prepare(context);

        public async Task<IArtifact?> RunAsync(BuildContext context, CancellationToken token)
        {
            context.Materials!.Use(new ResolvedDependency("x.iso") { Uri = "http://example.test/x.iso" });
            context.Materials.UseTool("tool", "1.2.3");
            var path = Path.Combine(context.OutputDirectory, "disk");
            await File.WriteAllTextAsync(path, "disk", token);
            return new Artifact("test", "disk", [path]);
        }

        public void Cancel()
        {
        }
    }
}
