using System.Text;
using Packer.Builders.Appliance;
using Packer.Imaging;
using Packer.Tests.Engine;

namespace Packer.Tests.Builders.Appliance;

/// <summary>A root file system as archives of an initial RAM disk.</summary>
[TestClass]
public sealed class RamRootTests
{
    private static readonly NodeMetadata Metadata = new(Permissions.Octal(644), 1);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Large_content_is_split_after_its_folders_and_the_names_of_a_file_stay_together()
    {
        var tree = new FileTree(1);
        tree.AddDirectory("/z", Metadata);
        var first = tree.AddFile("/a", new FilledSource(20 << 20), Metadata);
        tree.AddFile("/b", new FilledSource(1), Metadata);
        tree.Add("/z/again", first);
        tree.AddSymbolicLink("/z/link", "/a", 1);

        var parts = RamRoot.Split([.. tree.Walk()]).Select(part => part.Select(entry => entry.Path).ToList()).ToList();

        Assert.HasCount(2, parts);
        CollectionAssert.AreEqual((string[])["/z", "/a", "/z/again"], parts[0]);
        CollectionAssert.AreEqual((string[])["/b", "/z/link"], parts[1]);
    }

    [TestMethod]
    public void There_is_no_archive_without_content()
    {
        Assert.IsEmpty(RamRoot.Split([]));
        var tree = new FileTree(1);
        tree.AddFile("/a", new FilledSource(16 << 20), Metadata);
        Assert.HasCount(1, RamRoot.Split([.. tree.Walk()]).ToList());
    }

    /// <summary>Each archive is a frame of its own with an end of its own; what has not changed is not packed again.</summary>
    [TestMethod]
    public async Task Each_layer_is_packed_by_itself_and_taken_from_the_cache_again()
    {
        using var folder = new TemporaryFolder();
        using var cache = new Packer.Engine.FileCache(folder["cache"]);
        using var fetcher = new CacheDebianFetcher(cache, new TestUi());
        var tree = new FileTree(1);
        tree.AddFile("/system", "Debian", Metadata);
        tree.AddFile("/app", "first", Metadata);
        var layers = tree.Walk().Select(entry => new OciLayer(entry.Path, [entry])).ToList();

        var packed = await RamRoot.CreateAsync(fetcher, layers, TestContext.CancellationToken);

        using var expander = new ZstdSharp.Decompressor();
        var bytes = packed.ReadAll();
        using var stream = new ZstdSharp.DecompressionStream(new MemoryStream(bytes));
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, TestContext.CancellationToken);
        CollectionAssert.AreEqual(layers.SelectMany(layer => CpioArchive.Create(layer.Entries).ReadAll()).ToArray(), all.ToArray());
        Assert.AreEqual(2, Encoding.Latin1.GetString(bytes).Split("\u0028\u00b5\u002f\u00fd").Length - 1);
        Assert.HasCount(2, Files());

        tree.Remove("/app");
        tree.AddFile("/app", "second", Metadata);
        await RamRoot.CreateAsync(fetcher, [.. tree.Walk().Select(entry => new OciLayer(entry.Path, [entry]))], TestContext.CancellationToken);
        Assert.HasCount(3, Files());

        string[] Files() => [.. Directory.GetFiles(folder["cache"], "*", SearchOption.AllDirectories).Where(path => path.Contains("appliance-ram-root", StringComparison.Ordinal) && new FileInfo(path).Length > 0 && Path.GetExtension(path).Length == 0)];
    }

    /// <summary>A file of one letter, of any length.</summary>
    private sealed class FilledSource(long length) : Source
    {
        public override long Length => length;

        public override void Read(long offset, Span<byte> destination) => destination.Fill((byte)'x');
    }
}
