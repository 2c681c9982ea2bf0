using System.Text.Json;
using Packer.Imaging;

namespace Packer.Tests.Imaging;

/// <summary>Container images, read by the tools of others.</summary>
[TestClass]
public sealed class OciArchiveTests
{
    [TestMethod]
    [TestCategory("Rig")]
    public async Task Others_read_it_and_unpack_the_same_tree()
    {
        Rig.Require("skopeo", "umoci", "tar");
        using var folder = new TemporaryFolder();
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/etc/one", "first", Metadata(644));
        tree.AddFile("/usr/bin/tool", Samples.Data(1, 200_000), Metadata(4755));
        tree.AddSymbolicLink("/bin", "usr/bin", Samples.Time);
        var lower = tree.Walk().Select(entry => entry.Node).ToHashSet();
        tree.AddFile("/app/Web", Samples.Data(2, 3_000_000), new NodeMetadata(Permissions.Octal(755), 0, 0, Samples.Time));
        tree.AddDirectory("/var/lib/app", new NodeMetadata(Permissions.Octal(750), 1654, 1654, Samples.Time));
        var image = Image(
            new OciLayer("Debian", [.. tree.Walk().Where(entry => lower.Contains(entry.Node))]), new OciLayer("web", [.. tree.Walk().Where(entry => !lower.Contains(entry.Node))]));
        await OciArchive.WriteAsync(image, folder["web.oci.tar"], folder.Path, CancellationToken.None);

        // It checks the digest of every part.
        await Tool.RunAsync("skopeo", "--insecure-policy", "copy", $"oci-archive:{folder["web.oci.tar"]}:latest", $"oci:{folder["layout"]}:latest");
        await Tool.RunAsync("skopeo", "--insecure-policy", "copy", $"docker-archive:{folder["web.oci.tar"]}", $"dir:{folder["docker"]}");
        using var config = JsonDocument.Parse(await Tool.RunAsync("skopeo", "inspect", "--config", $"oci:{folder["layout"]}:latest"));
        var run = config.RootElement.GetProperty("config");
        Assert.AreEqual("1654:1654", run.GetProperty("User").GetString());
        Assert.AreEqual("/app/Web", run.GetProperty("Entrypoint")[0].GetString());
        Assert.AreEqual("--verbose", run.GetProperty("Cmd")[0].GetString());
        Assert.AreEqual("GREETING=\"hello\" <you>", run.GetProperty("Env")[0].GetString());
        Assert.IsTrue(run.GetProperty("ExposedPorts").TryGetProperty("8080/tcp", out _));
        await Tool.RunAsync("umoci", "unpack", "--image", $"{folder["layout"]}:latest", folder["bundle"]);
        await Tool.RunAsync("tar", "--format=pax", "--numeric-owner", "-cf", folder["again"], "-C", Path.Combine(folder["bundle"], "rootfs"), ".");
        var again = new FileTree(Samples.Time);
        TarTree.AddTo(again, folder["again"]);
        TreeAssert.AreEqual(tree, again);
    }

    [TestMethod]
    public async Task The_same_image_has_the_same_bytes_and_nothing_else_is_left()
    {
        using var folder = new TemporaryFolder();
        var tree = RandomTree.Create(3, 50);
        var image = Image(new OciLayer("all", [.. tree.Walk()]), new OciLayer("none", []));
        Directory.CreateDirectory(folder["work"]);
        var first = await OciArchive.WriteAsync(image, folder["first"], folder["work"], CancellationToken.None);
        var second = await OciArchive.WriteAsync(image, folder["second"], folder["work"], CancellationToken.None);
        Assert.AreEqual(first.Sha256, second.Sha256);
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(folder["work"]));
    }

    private static OciImage Image(params OciLayer[] layers) => new()
    {
        Name = "web",
        Architecture = "amd64",
        Created = Samples.Time,
        User = "1654:1654",
        WorkingDirectory = "/app",
        Entrypoint = ["/app/Web"],
        Arguments = ["--verbose"],
        Environment = new Dictionary<string, string> { ["GREETING"] = "\"hello\" <you>" },
        Ports = [8080],
        Layers = layers,
    };

    private static NodeMetadata Metadata(int mode) => new(Permissions.Octal(mode), Samples.Time);
}
