using Packer.Imaging;

namespace Packer.Tests.Imaging;

/// <summary>Archives that we make, read by us and by GNU tar.</summary>
[TestClass]
public sealed class TarImageTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public async Task A_tree_comes_back_as_it_was(int seed)
    {
        using var folder = new TemporaryFolder();
        var tree = Tree(seed);
        await WriteAsync(TarImage.Create(tree.Walk()), folder["tar"]);
        TreeAssert.AreEqual(tree, Read(folder["tar"]));
    }

    [TestMethod]
    public async Task What_no_header_has_room_for_comes_back_too()
    {
        using var folder = new TemporaryFolder();
        var tree = new FileTree(0);
        tree.AddFile("/old", "x", new NodeMetadata(Permissions.Octal(644), -5));
        tree.AddFile("/far", "y", new NodeMetadata(Permissions.Octal(4755), 4_000_000_000, 3_000_000, 1L << 34));
        tree.AddFile("/" + string.Join('/', Enumerable.Repeat(new string('n', 250), 8)), "z", default);
        tree.AddSymbolicLink("/link", new string('t', 4000), 0);
        tree.AddFile("/größe", "u", default).SetExtendedAttribute("security.capability", [1, 0, 10, 61]);
        await WriteAsync(TarImage.Create(tree.Walk()), folder["tar"]);
        TreeAssert.AreEqual(tree, Read(folder["tar"]));
        Assert.AreEqual(0, new FileInfo(folder["tar"]).Length % TarImage.RecordSize);
    }

    /// <summary>A file of 9 GiB, all of it a hole.</summary>
    [TestMethod]
    public void A_length_beyond_octal_digits_comes_back()
    {
        var tree = new FileTree(0);
        tree.AddFile("/large", new SparseImage(9L << 30), default);
        var entry = TarReader.Read(TarImage.Create(tree.Walk())).Single();
        Assert.AreEqual(9L << 30, entry.Length);
    }

    [TestMethod]
    public void Sockets_are_left_out()
    {
        var tree = new FileTree(0);
        tree.AddSocket("/socket", default);
        tree.AddFifo("/pipe", default);
        Assert.AreEqual("pipe", TarReader.Read(TarImage.Create(tree.Walk())).Single().Name);
    }

    /// <summary>It unpacks what we packed and packs that again, which we read.</summary>
    [TestMethod]
    [TestCategory("Rig")]
    public async Task GNU_tar_unpacks_the_same_tree()
    {
        Rig.Require("tar");
        using var folder = new TemporaryFolder();
        var tree = Tree(7);
        await WriteAsync(TarImage.Create(tree.Walk()), folder["tar"]);
        var root = Directory.CreateDirectory(folder["root"]).FullName;
        await Tool.RunAsync("tar", "--xattrs", "--xattrs-include=*", "--numeric-owner", "-xpf", folder["tar"], "-C", root);
        await Tool.RunAsync("tar", "--format=pax", "--xattrs", "--xattrs-include=*", "--numeric-owner", "-cf", folder["again"], "-C", root, ".");
        TreeAssert.AreEqual(tree, Read(folder["again"]));
        // Names that are not UTF-8 are beyond .NET.
        await Tool.RunAsync("rm", "-rf", root);
    }

    private static FileTree Tree(int seed)
    {
        var tree = RandomTree.Create(seed, 300);
        foreach (var path in tree.Walk().Where(entry => entry.Node.Type == NodeType.Socket).Select(entry => entry.Path).ToList()) tree.Remove(path);
        return tree;
    }

    private static async Task WriteAsync(SparseImage image, string path) => await DiskWriter.WriteAsync(image, new RawFormat(), path, new DiskWriteOptions(), CancellationToken.None);

    private static FileTree Read(string path)
    {
        var tree = new FileTree(0);
        TarTree.AddTo(tree, path);
        return tree;
    }
}
