using System.Diagnostics;
using System.Text;
using Packer.Imaging;
using Packer.PostProcessors.Compress;
using Packer.Tests.Imaging;

namespace Packer.Tests.PostProcessors;

[TestClass]
public sealed class CompressTests
{
    private readonly TemporaryFolder folder = new();

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    [TestCleanup]
    public void RemoveFolder() => folder.Dispose();

    [TestMethod]
    [DataRow("web.tar", "Tar", "")]
    [DataRow("web.zip", "Zip", "")]
    [DataRow("web.qcow2.gz", "None", "gz")]
    [DataRow("web.TAR.XZ", "Tar", "xz")]
    [DataRow("web.tgz", "Tar", "gz")]
    [DataRow("web.tzst", "Tar", "zst")]
    [DataRow("tar.lz4", "Tar", "lz4")]
    [DataRow(".tar.bz2", "Tar", "bz2")]
    [DataRow("bgzf", "None", "bgzf")]
    [DataRow("web.zstd", "None", "zst")]
    public void TheEndingTellsTheFormat(string name, string archive, string compression)
    {
        Assert.AreEqual(new CompressFormat(Enum.Parse<ArchiveKind>(archive), compression), CompressFormat.TryParse(name));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("web")]
    [DataRow("web.rar")]
    [DataRow("web.gz.old")]
    [DataRow("web.")]
    public void AnEndingThatIsNotKnownIsNoFormat(string name) => Assert.IsNull(CompressFormat.TryParse(name));

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow("gz", "gzip", 1)]
    [DataRow("gz", "gzip", 0)]
    [DataRow("gz", "gzip", 9)]
    [DataRow("bgzf", "gzip", 0)]
    [DataRow("xz", "xz", 1)]
    [DataRow("xz", "xz", 0)]
    [DataRow("xz", "xz", 9)]
    [DataRow("zst", "zstd", 0)]
    [DataRow("zst", "zstd", 19)]
    [DataRow("lz4", "lz4", 0)]
    [DataRow("lz4", "lz4", 9)]
    [DataRow("bz2", "bzip2", 0)]
    public async Task TheToolsUnpackWhatWasCompressed(string compression, string tool, int level)
    {
        Rig.Require(tool);
        foreach (var (name, content) in Contents())
        {
            var input = folder.Write(name, content);
            var output = folder[$"{name}.{compression}"];
            await CompressAsync([input], output, level);
            CollectionAssert.AreEqual(content, await UnpackAsync(tool, output), $"{name} at level {level}");
            if (tool == "xz") Assert.Contains("CRC32", await Tool.RunAsync("xz", "--robot", "--list", output));
        }
    }

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow("tar", "-v", "tar")]
    [DataRow("tar.gz", "-z", "gzip")]
    [DataRow("tar.xz", "-J", "xz")]
    [DataRow("tar.zst", "--zstd", "zstd")]
    [DataRow("tar.lz4", "-Ilz4", "lz4")]
    [DataRow("tar.bz2", "-j", "bzip2")]
    public async Task TarUnpacksArchives(string format, string option, string tool)
    {
        Rig.Require("tar", tool);
        var files = ArchiveFiles();
        var output = folder[$"all.{format}"];
        await CompressAsync(files, output);
        var unpacked = Directory.CreateDirectory(folder["unpacked"]).FullName;

        await Tool.RunAsync("tar", option, "-xf", output, "-C", unpacked);
        await AssertUnpackedAsync(files, unpacked);
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task UnzipUnpacksArchives()
    {
        Rig.Require("unzip");
        var files = ArchiveFiles();
        var output = folder["all.zip"];
        await CompressAsync(files, output);
        Assert.Contains("No errors detected", await Tool.RunAsync("unzip", "-t", output));
        var unpacked = Directory.CreateDirectory(folder["unpacked"]).FullName;
        await Tool.RunAsync("unzip", "-q", output, "-d", unpacked);
        await AssertUnpackedAsync(files, unpacked);
    }

    [TestMethod]
    [TestCategory("Rig")]
    [TestCategory("Soak")]
    [Timeout(600_000, CooperativeCancellation = true)]
    public async Task FilesBeyondFourGibibytesHaveRoomInArchives()
    {
        Rig.Require("unzip", "tar");
        var big = folder["big"];
        await using (var stream = File.Create(big))
        {
            stream.SetLength((5L << 30) + 3);
            stream.Position = 5L << 30;
            stream.Write("end"u8);
        }
        var small = folder.Write("small", "after the big one");
        await CompressAsync([big, small], folder["all.zip"], level: 1);
        Assert.Contains("No errors detected", await Tool.RunAsync("unzip", "-t", folder["all.zip"]));
        await CompressAsync([big, small], folder["all.tar.zst"], level: 1);
        Assert.Contains(" 5368709123 ", await Tool.RunAsync("tar", "--zstd", "-tvf", folder["all.tar.zst"]));
    }

    [TestMethod]
    [DataRow("gz")]
    [DataRow("xz")]
    [DataRow("zst")]
    [DataRow("lz4")]
    public async Task TheNumberOfCoresDoesNotShow(string compression)
    {
        var source = new BytesSource(Contents().Single(content => content.Name == "mixed").Content);
        var written = new List<byte[]>();
        foreach (var cores in new[] { 1, 2, 7 })
        {
            var path = folder[$"cores{cores}"];
            using (var file = OutputFile.Create(path, Token))
            {
                await ParallelCompression.WriteAsync(source, CompressFormat.TryParse(compression)!.CreateStream(0, source.Length), file, cores, progress: null, Token);
                file.Complete();
            }
            written.Add(await File.ReadAllBytesAsync(path, Token));
        }
        CollectionAssert.AreEqual(written[0], written[1]);
        CollectionAssert.AreEqual(written[0], written[2]);
    }

    [TestMethod]
    public async Task TheHashIsThatOfTheFileAndItReplacesTheOldOne()
    {
        var input = folder.Write("note", "hello");
        var output = folder.Write("sub/note.gz", "old");
        // What a build left that was killed.
        var leftover = folder.Write("sub/note.gz.0123.tmp", "half");
        var sha256 = await CompressAsync([input], output);
        Assert.AreEqual(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(output, Token))), sha256);
        Assert.IsFalse(File.Exists(leftover));
    }

    [TestMethod]
    public async Task ACancelledCompressionLeavesTheOldFile()
    {
        var input = folder.Write("data", new byte[32 << 20]);
        var output = folder.Write("out/data.gz", "old");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => new FileCompressor(_ => { }).CompressAsync([input], output, CompressFormat.TryParse(output)!, 0, cancelled.Token));
        Assert.AreEqual("old", await File.ReadAllTextAsync(output, Token));
        Assert.HasCount(1, Directory.GetFiles(folder["out"]));
    }

    [TestMethod]
    [DataRow("all.gz", "can hold one file only")]
    [DataRow("note", "into itself")]
    [DataRow("gone.tar", "There is no file")]
    [DataRow("none.tar", "There are no files")]
    public async Task FilesThatDoNotFitAreToldApart(string name, string message)
    {
        var note = folder.Write("note", "hello");
        IReadOnlyList<string> files = name switch
        {
            "all.gz" => [note, folder.Write("other", "hello")],
            "gone.tar" => [folder["gone"]],
            "none.tar" => [],
            _ => [note],
        };
        var error = await Assert.ThrowsAsync<PackerException>(() => new FileCompressor(_ => { }).CompressAsync(files, folder[name], CompressFormat.TryParse(name == "note" ? "tar" : name)!, 0, Token));
        Assert.AreEqual(DiagnosticCodes.CompressionInputs, error.Code);
        Assert.Contains(message, error.Message);
        Assert.AreEqual("hello", await File.ReadAllTextAsync(note, Token));
    }

    private static IEnumerable<(string Name, byte[] Content)> Contents()
    {
        yield return ("empty", []);
        yield return ("one", [42]);
        yield return ("text", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 3000).Select(number => $"line {number * 7919 % 1000} of a log that goes on\n"))));
        // Pieces of every kind, over the borders of all formats' blocks: zeros, noise, code, and noise that comes again.
        var random = new Random(1);
        var noise = new byte[2_000_001];
        random.NextBytes(noise);
        var code = File.ReadAllBytes(typeof(object).Assembly.Location);
        yield return ("mixed", [.. noise, .. new byte[9 << 20], .. code.AsSpan(0, 1_700_000), .. noise.AsSpan(0, 1_200_000), .. new byte[100], .. noise.AsSpan(0, 777)]);
    }

    private string[] ArchiveFiles() =>
    [
        folder.Write("image/web.raw", [.. new byte[3 << 20], 1, 2, 3]),
        folder.Write("image/sub/notes with ümlauts.txt", "notes"),
        folder.Write("image/sub/empty", ""),
        folder.Write($"image/{new string('n', 120)}", "a name that has no room in a header"),
    ];

    private async Task AssertUnpackedAsync(string[] files, string unpacked)
    {
        Assert.HasCount(files.Length, Directory.GetFiles(unpacked, "*", SearchOption.AllDirectories));
        foreach (var file in files)
        {
            var found = Path.Combine(unpacked, Path.GetRelativePath(folder["image"], file));
            CollectionAssert.AreEqual(await File.ReadAllBytesAsync(file, Token), await File.ReadAllBytesAsync(found, Token), found);
        }
    }

    private Task<string> CompressAsync(IReadOnlyList<string> files, string output, int level = 0) =>
        new FileCompressor(_ => { }).CompressAsync(files, output, CompressFormat.TryParse(output)!, level, Token);

    private async Task<byte[]> UnpackAsync(string tool, string path)
    {
        // From a pipe: what a name says does not count.
        var start = new ProcessStartInfo("sh", ["-c", $"{tool} -d -c < '{path}'"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Token);
        using var unpacked = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(unpacked, Token);
        await process.WaitForExitAsync(Token);
        Assert.AreEqual(0, process.ExitCode, await error);
        return unpacked.ToArray();
    }
}
