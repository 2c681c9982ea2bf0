using System.Security.Cryptography;
using Packer.Engine;
using Packer.Steps;
using Packer.Tests.Engine;

namespace Packer.Tests.Steps;

[TestClass]
public sealed class DownloadIsoStepTests
{
    private static readonly byte[] Content = Packer.Tests.Imaging.Samples.Bytes(300_000);
    private static readonly string Sum = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Content));

    public required TestContext TestContext { get; init; }

    private CancellationToken Token => TestContext.CancellationTokenSource.Token;

    [TestMethod]
    public async Task A_local_file_is_used_in_place()
    {
        await using var folder = new StepFolder();
        await File.WriteAllBytesAsync(folder["my #1 100%.iso"], Content, Token);
        using var cache = new FileCache(folder["cache"]);
        var step = new DownloadIsoStep(StepSettings.Of(folder.Project, ("IsoUrl", "my #1 100%.iso"), ("IsoChecksum", Sum), ("IsoTargetPath", "unused.iso")).Iso, folder.Context(cache));
        await step.RunAsync(Token);
        Assert.AreEqual(folder["my #1 100%.iso"], step.IsoPath);
        Assert.AreEqual(step.IsoPath, step.SourceImageUrl);
        Assert.IsFalse(File.Exists(folder["unused.iso"]));
    }

    [TestMethod]
    public async Task Addresses_are_tried_in_order_and_the_file_is_placed()
    {
        await using var folder = new StepFolder();
        await using var server = new TestServer(request => request.Path == "/good.img.gz" ? request.ServeAsync(Content) : request.HeadAsync("404 Not Found", "Content-Length: 0"));
        using var cache = new FileCache(folder["cache"], new FileCacheOptions());
        var settings = StepSettings.Of(folder.Project, ("IsoUrls", $"{server.Address("bad")};{server.Address("good.img.gz")}"), ("IsoChecksum", Sum), ("IsoTargetPath", "isos"), ("IsoTargetExtension", "IMG"));
        for (var round = 0; round < 2; round++)
        {
            var step = new DownloadIsoStep(settings.Iso, folder.Context(cache));
            await step.RunAsync(Token);
            Assert.AreEqual(folder["isos"], Path.GetDirectoryName(step.IsoPath));
            StringAssert.EndsWith(step.IsoPath, ".img");
            CollectionAssert.AreEqual(Content, await File.ReadAllBytesAsync(step.IsoPath!, Token));
            await step.CleanupAsync(StepOutcome.Succeeded, Token);
            Assert.IsTrue(File.Exists(step.IsoPath));
        }
        CollectionAssert.AreEqual((string[])["/bad", "/good.img.gz"], server.Requests.Select(request => request.Path).Distinct().ToArray());
        StringAssert.Contains(folder.Ui.Text, "Retrieving ISO");
    }

    [TestMethod]
    [DataRow("PKR0012", "IsoChecksum", "none")]
    [DataRow("PKR0012", "IsoUrl", "x.iso")]
    [DataRow("PKR0014", "IsoUrl", "x.iso", "IsoUrls", "y.iso", "IsoChecksum", "none")]
    [DataRow("PKR0203", "IsoUrl", "x.iso", "IsoChecksum", "sha256:12")]
    [DataRow("PKR0011", "IsoUrl", "ftp://host/x.iso", "IsoChecksum", "none")]
    [DataRow("PKR1343", "IsoUrl", "x.iso", "IsoChecksum", "none")]
    public async Task Wrong_settings_are_found_before_the_build(string code, params string[] entries)
    {
        await using var folder = new StepFolder();
        StringAssert.Contains(StepSettings.Faults(folder.Project, [.. entries.Chunk(2).Select(pair => (pair[0], pair[1]))]), code);
    }

    [TestMethod]
    public async Task A_target_that_cannot_be_written_is_an_error()
    {
        await using var folder = new StepFolder();
        folder.Add("file", "in the way");
        await using var server = new TestServer(request => request.ServeAsync(Content));
        using var cache = new FileCache(folder["cache"]);
        var step = new DownloadIsoStep(StepSettings.Of(folder.Project, ("IsoUrl", $"{server.Address("x.iso")}"), ("IsoChecksum", Sum), ("IsoTargetPath", "file/x.iso")).Iso, folder.Context(cache));
        Assert.AreEqual(DiagnosticCodes.IsoTargetNotWritable, (await Assert.ThrowsExactlyAsync<PackerException>(() => step.RunAsync(Token))).Code);
    }
}
