using System.Text.Json.Nodes;
using Microsoft.Build.Framework;
using Packer.Tasks;
using Packer.Tests.Imaging;
using Packer.Tests.PostProcessors;
using TaskItem = Microsoft.Build.Utilities.TaskItem;

namespace Packer.Tests.Tasks;

[TestClass]
public sealed class FileTaskTests
{
    private readonly TemporaryFolder folder = new();

    [TestCleanup]
    public void RemoveFolder() => folder.Dispose();

    [TestMethod]
    [TestCategory("Rig")]
    public async Task TheToolsReadWhatTheTasksWrite()
    {
        Rig.Require("sha256sum", "sha512sum", "zstd", "tar");
        var files = Items(folder.Write("a", "first"), folder.Write("b", "second"));
        var compress = new CompressFiles { BuildEngine = Engine(), Files = files, OutputFile = new TaskItem(folder["out/all.tar.zst"]), CompressionLevel = 19 };
        Assert.IsTrue(compress.Execute());
        Assert.Contains("b\n", await Tool.RunAsync("tar", "--zstd", "-tf", folder["out/all.tar.zst"]));
        Assert.Contains(compress.CompressedFile!.GetMetadata("Sha256"), await Tool.RunAsync("sha256sum", folder["out/all.tar.zst"]));

        var checksum = new ChecksumFiles { BuildEngine = Engine(), Files = files, OutputFile = new TaskItem(folder["all.{{.ChecksumType}}"]), Types = "sha256;sha512" };
        Assert.IsTrue(checksum.Execute());
        CollectionAssert.AreEqual(new[] { folder["all.sha256"], folder["all.sha512"] }, checksum.WrittenFiles.Select(file => file.ItemSpec).ToArray());
        foreach (var type in new[] { "sha256", "sha512" })
            Assert.AreEqual("a: OK\nb: OK\n", await Tool.RunAsync("sh", "-c", $"cd '{folder.Path}' && {type}sum -c all.{type}"));
    }

    [TestMethod]
    [DataRow("PKR0520", "all.rar", 0)]
    [DataRow("PKR0011", "all.zip", 10)]
    [DataRow("PKR0521", "all.gz", 0)]
    public void AWrongCallOfCompressFilesIsAnError(string code, string name, int level)
    {
        var engine = Engine();
        var task = new CompressFiles { BuildEngine = engine, Files = Items(folder.Write("a", "first"), folder.Write("b", "second")), OutputFile = new TaskItem(folder[name]), CompressionLevel = level };
        Assert.IsFalse(task.Execute());
        Assert.StartsWith($"error {code} app.csproj", engine.Diagnostics.Single());
        Assert.IsFalse(File.Exists(folder[name]));
    }

    [TestMethod]
    [DataRow("PKR0011", "crc32", "all")]
    [DataRow("PKR0011", "md5;sha1", "all")]
    [DataRow("PKR0019", "md5", "all")]
    public void AWrongCallOfChecksumFilesIsAnError(string code, string types, string name)
    {
        var engine = Engine();
        var file = code == "PKR0019" ? folder["gone"] : folder.Write("a", "first");
        Assert.IsFalse(new ChecksumFiles { BuildEngine = engine, Files = Items(file), OutputFile = new TaskItem(folder[name]), Types = types }.Execute());
        Assert.StartsWith($"error {code} app.csproj", engine.Diagnostics.Single());
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task CurlFetchesWhatThePushTaskHasPushed()
    {
        await using var registry = await RegistryRig.StartAsync("auth: { htpasswd: { realm: test, path: USERS } }");
        var files = Items(folder.Write("a", "first"), folder.Write("b", "second"));
        var push = new PushOciArtifact
        {
            BuildEngine = Engine(), Files = files, Repository = registry.Host + "/notes", Tags = ["1.2", "latest"], Annotations = ["a=b=c"], Username = "ci",
            Password = "file:" + folder.Write("password", "secret"), PlainHttp = true,
        };
        Assert.IsTrue(push.Execute(), string.Join('\n', ((FakeBuildEngine)push.BuildEngine).Diagnostics));
        var text = await registry.GetAsync("notes/manifests/1.2", "-u", "ci:secret");
        Assert.AreEqual(text, await registry.GetAsync("notes/manifests/latest", "-u", "ci:secret"));
        Assert.AreEqual(text, await registry.GetAsync($"notes/manifests/{push.Digest}", "-u", "ci:secret"));
        var manifest = JsonNode.Parse(text)!;
        Assert.AreEqual("b=c", (string?)manifest["annotations"]!["a"]);
        var fetched = new List<string>();
        foreach (var layer in manifest["layers"]!.AsArray()) fetched.Add(await registry.GetAsync($"notes/blobs/{layer!["digest"]}", "-L", "-u", "ci:secret"));
        CollectionAssert.AreEqual(new[] { "first", "second" }, fetched);
    }

    [TestMethod]
    [DataRow("PKR0011", "Host/Notes", "latest", "", "")]
    [DataRow("PKR0011", "127.0.0.1:1/notes", "no tag", "", "")]
    [DataRow("PKR0011", "127.0.0.1:1/notes", "latest", "annotation", "")]
    [DataRow("PKR0012", "127.0.0.1:1/notes", "latest", "", "ci")]
    public void AWrongCallOfPushOciArtifactIsAnError(string code, string repository, string tag, string annotation, string user)
    {
        var engine = Engine();
        var task = new PushOciArtifact { BuildEngine = engine, Files = Items(folder.Write("a", "first")), Repository = repository, Tags = [tag], Annotations = annotation.Length > 0 ? [annotation] : [], Username = user, PlainHttp = true };
        Assert.IsFalse(task.Execute());
        Assert.StartsWith($"error {code} app.csproj", engine.Diagnostics.Single());
        Assert.AreEqual("", task.Digest);
    }

    private static ITaskItem[] Items(params string[] paths) => [.. paths.Select(path => new TaskItem(path))];

    private FakeBuildEngine Engine() => new(folder["app.csproj"], null);
}
