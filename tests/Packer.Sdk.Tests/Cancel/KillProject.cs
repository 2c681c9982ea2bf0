using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Tests.PostProcessors;

namespace Packer.Sdk.Tests.Cancel;

/// <summary>A project with an image for each post-processor, called as it; each works for about a second.</summary>
internal sealed class KillProject : IDisposable
{
    public static readonly IReadOnlyList<string> Images = ["manifest", "checksum", "compress", "convert", "vagrant", "oci", "shell-local", "artifice"];

    /// <summary>What was in the manifest before; reading and writing it takes its time.</summary>
    private const int OldEntries = 40_000;

    private const string PostProcessed = "\"post_process_hash\"";

    private readonly TestProject project;
    private readonly RegistryRig registry;
    private readonly int variants;
    private readonly Dictionary<(string Image, int Variant), SortedDictionary<string, string>> expected = [];
    private readonly Dictionary<string, TimeSpan> times = [];
    private string oldManifest = "";
    private string stampBefore = "";

    private KillProject(TestProject project, RegistryRig registry, int variants)
    {
        this.project = project;
        this.registry = registry;
        this.variants = variants;
    }

    public MarkedProcesses Processes { get; } = new();

    public static async Task<KillProject> CreateAsync(RegistryRig registry, int variants, int megabytes)
    {
        var created = new KillProject(await TestProject.CreateEmptyAsync(), registry, variants);
        created.project.Environment[MarkedProcesses.Variable] = created.Processes.Mark;
        for (var variant = 0; variant < variants; variant++)
        {
            var content = new byte[megabytes << 20];
            // Half of it can be compressed.
            new Random(variant).NextBytes(content.AsSpan(0, content.Length / 2));
            await File.WriteAllBytesAsync(created.project.PathOf($"source.{variant}"), content);
        }
        created.oldManifest = new JsonObject
        {
            ["builds"] = new JsonArray([.. Enumerable.Range(0, OldEntries).Select(index => (JsonNode)new JsonObject { ["name"] = string.Create(CultureInfo.InvariantCulture, $"old-{index}"), ["builder_type"] = "file", ["packer_run_uuid"] = "" })]),
            ["last_run_uuid"] = "",
        }.ToJsonString();
        // Half-way it looks finished to whoever does not know better.
        created.project.WriteScript("work.sh", """
            set -e
            here="bin/images/$PACKER_BUILD_NAME"
            sha256sum < "$here/disk.raw" > "$here/made.part"
            sleep 0.4
            cp "$here/made.part" "$here/made"
            sleep 0.4
            echo finished >> "$here/made"
            rm "$here/made.part"
            """);
        return created;
    }

    /// <summary>How long the post-processors of an image work in a build that nobody disturbs.</summary>
    public TimeSpan TimeOf(string image) => times[image];

    /// <summary>Builds images from nothing, each of each variant, and remembers what there is then and how long it took.</summary>
    public async Task LearnAsync(params string[] images)
    {
        if (images.Length == 0) images = [.. Images];
        for (var variant = 0; variant < variants; variant++)
        {
            foreach (var image in images) await PrepareAsync(image, variant);
            await BuildToEndAsync(images, "The undisturbed build");
            foreach (var image in images)
            {
                expected[(image, variant)] = await FingerprintAsync(image);
                using var report = JsonDocument.Parse(project.Read($"obj/packer/{image}.report.json"));
                times[image] = TimeSpan.FromMilliseconds(report.RootElement.GetProperty("steps").EnumerateArray().Where(step => step.GetProperty("kind").GetString() == "post_processor").Sum(step => step.GetProperty("duration_ms").GetInt64()));
            }
        }
    }

    /// <summary>Makes an image out of date, and its registry forget it.</summary>
    public async Task PrepareAsync(string image, int variant)
    {
        Prepare(image, variant);
        if (image != "oci" || !expected.TryGetValue((image, variant), out var known) || !known.TryGetValue(Tag(variant), out var manifest)) return;
        foreach (var layer in JsonNode.Parse(manifest)!["layers"]!.AsArray()) await registry.DeleteAsync($"kill/blobs/{layer!["digest"]}");
        await registry.DeleteAsync($"kill/manifests/sha256:{HashText(manifest)}");
    }

    private void Prepare(string image, int variant)
    {
        project.Write("app.proj", $$$"""
            <Project DefaultTargets="Build">
              {{{project.SdkElement}}}
              <PropertyGroup>
                <OutputPath>bin/</OutputPath>
                <IntermediateOutputPath>obj/</IntermediateOutputPath>
              </PropertyGroup>
              <ItemDefinitionGroup>
                <PackerImage Builder="file" Source="source.{{{variant}}}" TargetFile="disk.raw" />
              </ItemDefinitionGroup>
              <ItemGroup>
                <PackerImage Include="{{{string.Join(';', Images)}}}" />
                <PackerPostProcessor Include="manifest" Images="manifest" OutputFile="manifest.json" StripTime="true" StripPath="true" />
                <PackerPostProcessor Include="checksum" Images="checksum" ChecksumTypes="md5;sha1;sha224;sha256;sha384;sha512" />
                <PackerPostProcessor Include="compress" Images="compress" OutputFile="disk.tar.zst" CompressionLevel="9" />
                <PackerPostProcessor Include="convert" Images="convert" Formats="qcow2;vmdk" />
                <PackerPostProcessor Include="vagrant" Images="vagrant" ProviderOverride="libvirt" OutputFile="disk.box" />
                <PackerPostProcessor Include="oci" Images="oci" Repository="{{{registry.Host}}}/kill" Tags="v{{{variant}}}" PlainHttp="true" />
                <PackerPostProcessor Include="shell-local" Images="shell-local;artifice" Script="work.sh" />
                <PackerPostProcessor Include="artifice" Images="artifice" Files="made" />
                <PackerPostProcessor Include="checksum" Images="artifice" ChecksumTypes="sha256" OutputFile="sums" />
              </ItemGroup>
              <Target Name="Build" />
            </Project>
            """);
        stampBefore = ReadStamp(image);
        // With one variant nothing else makes it out of date.
        if (variants == 1 && stampBefore.Length > 0)
        {
            File.Delete(StampOf(image));
            stampBefore = "";
        }
        if (image == "manifest") project.Write("bin/images/manifest.json", oldManifest);
    }

    public RunningCommand Start(IReadOnlyList<string> images)
    {
        var start = DotNet.StartInfo(project.Folder, ["env", "--default-signal", "dotnet", .. SlowProject.Build($"-p:PackerOnly=\"{string.Join(';', images)}\"")], project.Environment);
        start.FileName = "setsid";
        return new RunningCommand(start);
    }

    /// <summary>Waits until the builder has done its part of an image: then the stamp is another one.</summary>
    public Task WaitForBuilderAsync(string image, RunningCommand command) =>
        SlowProject.WaitForAsync(() => command.Process.HasExited || (ReadStamp(image) is { Length: > 0 } stamp && stamp != stampBefore), "the builder has done its part", command);

    /// <summary>Whether the post-processors have not come to their end.</summary>
    public bool IsCut(string image) => !ReadStamp(image).Contains(PostProcessed, StringComparison.Ordinal);

    /// <summary>Asserts that what has its final name is whole. A script makes files as it likes; what it was to make counts only when it has ended.</summary>
    public void AssertNothingIsHalf(string image, int variant, BuildOutput output, string where)
    {
        var folder = project.PathOf($"bin/images/{image}");
        foreach (var (name, hash) in expected[(image, variant)].Where(file => !file.Key.StartsWith('<') && Path.GetFileName(file.Key) != "made"))
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path)) output.AssertEqual(hash, Hash(path), $"{where} '{name}' is half made.");
        }
        // The builder's file goes only where all that takes its place is there.
        if (File.Exists(Path.Combine(folder, "disk.raw"))) output.AssertEqual(Hash(project.PathOf($"source.{variant}")), Hash(Path.Combine(folder, "disk.raw")), $"{where} the image of the builder.");
        else foreach (var name in expected[(image, variant)].Keys.Where(name => !name.StartsWith('<'))) output.Assert(File.Exists(Path.Combine(folder, name)), $"{where} the image of the builder is gone, and '{name}' is not there.");
        if (image == "manifest") JsonNode.Parse(project.Read("bin/images/manifest.json"));
    }

    /// <summary>Builds to the end and compares with a build that nobody has disturbed. What the killed build had started is ended by this one, and not by the test.</summary>
    /// <param name="images">The images.</param>
    /// <param name="cut">Those whose post-processors were killed.</param>
    /// <param name="variant">The sources.</param>
    /// <param name="where">For messages.</param>
    public async Task AssertNextBuildIsRightAsync(IReadOnlyList<string> images, IReadOnlyList<string> cut, int variant, string where)
    {
        await BuildToEndAsync(images, where);
        foreach (var image in images) Assert.AreEqual(Text(expected[(image, variant)]), Text(await FingerprintAsync(image)), $"{where} {image}");
        foreach (var image in cut) Assert.DoesNotContain("\"kind\": \"builder\"", project.Read($"obj/packer/{image}.report.json"), $"{where} the builder of {image} worked again.");
    }

    public void Dispose()
    {
        Processes.End();
        project.Dispose();
    }

    private static string Tag(int variant) => string.Create(CultureInfo.InvariantCulture, $"<v{variant}>");

    private static string Text(SortedDictionary<string, string> files) => string.Join('\n', files.Select(file => $"{file.Key} {file.Value}"));

    private string StampOf(string image) => project.PathOf($"bin/images/{image}.stamp");

    private string ReadStamp(string image) => File.Exists(StampOf(image)) ? File.ReadAllText(StampOf(image)) : "";

    private async Task BuildToEndAsync(IReadOnlyList<string> images, string where)
    {
        using var command = Start(images);
        var output = await command.WaitAsync();
        output.Assert(output.ExitCode == 0, $"{where} the build failed.");
        output.AssertNoWarnings();
        await Processes.WaitForEndAsync(butNodes: true);
        output.AssertEqual("", string.Join(", ", Left()), $"{where} something is left.");
    }

    private List<string> Left()
    {
        string[] endings = [".lock", ".partial", ".old", ".processes", ".tmp", ".secrets", ".part"];
        return [.. Directory.EnumerateFileSystemEntries(project.Folder, "*", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(project.PathOf("cache"), StringComparison.Ordinal) && endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)))];
    }

    /// <summary>What there is of an image, by relative path: hashes of its files; and what it has outside of its folder.</summary>
    private async Task<SortedDictionary<string, string>> FingerprintAsync(string image)
    {
        var folder = project.PathOf($"bin/images/{image}");
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["<stamp>"] = HashText(ReadStamp(image)) };
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)) found[Path.GetRelativePath(folder, path)] = Hash(path);
        if (image == "manifest") found["<manifest>"] = Manifest();
        if (image == "oci")
        {
            foreach (var variant in Enumerable.Range(0, variants))
            {
                if (!ReadStamp(image).Contains($":{Tag(variant)[1..^1]}", StringComparison.Ordinal)) continue;
                var manifest = await registry.GetAsync($"kill/manifests/{Tag(variant)[1..^1]}");
                found[Tag(variant)] = manifest;
                // The registry itself says that it has the whole of it: it checks a digest before it takes a blob.
                foreach (var layer in JsonNode.Parse(manifest)!["layers"]!.AsArray()) Assert.AreEqual("200", await registry.StatusAsync($"kill/blobs/{layer!["digest"]}"));
            }
        }
        return found;
    }

    /// <summary>The entries of the manifest without the ids of runs. A build that is killed when it has just written its entry writes it again.</summary>
    private string Manifest()
    {
        var builds = JsonNode.Parse(project.Read("bin/images/manifest.json"))!["builds"]!.AsArray();
        foreach (var build in builds) build!.AsObject().Remove("packer_run_uuid");
        Assert.IsGreaterThan(OldEntries, builds.Count);
        return HashText(string.Join('\n', builds.Take(OldEntries).Select(build => build!.ToJsonString()))) + string.Join('\n', builds.Skip(OldEntries).Select(build => build!.ToJsonString()).Distinct(StringComparer.Ordinal));
    }

    private static string HashText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
