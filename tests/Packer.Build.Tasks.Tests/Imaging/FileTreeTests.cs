using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed class FileTreeTests
{
    [TestMethod]
    public void Links_to_folders_are_followed_within_the_tree()
    {
        var tree = new FileTree(Samples.Time);
        tree.AddDirectory("/usr/bin", Samples.Folder);
        tree.AddSymbolicLink("/bin", "usr/bin", Samples.Time);
        tree.AddSymbolicLink("/usr/local", "../../../../usr/./bin", Samples.Time);
        tree.AddSymbolicLink("/abs", "/usr/local", Samples.Time);
        var shell = tree.AddFile("bin/sh", "x", Samples.File);
        Assert.AreSame(shell, tree.Get("/usr/bin/sh"));
        Assert.AreSame(shell, tree.Get("/usr/local/sh"));
        Assert.AreSame(shell, tree.Get("//abs/./sh"));
        Assert.AreEqual(NodeType.SymbolicLink, tree.Get("/bin").Type);
        Assert.AreSame(tree.Get("/usr/bin"), tree.AddDirectory("/bin", Samples.Folder));
        Assert.AreEqual(NodeType.SymbolicLink, tree.Get("/bin").Type);
        CollectionAssert.AreEqual(new[] { "/abs", "/bin", "/usr", "/usr/bin", "/usr/bin/sh", "/usr/local" }, tree.Walk().Select(entry => entry.Path).ToArray());
    }

    [TestMethod]
    public void A_loop_of_links_is_an_error()
    {
        var tree = new FileTree(Samples.Time);
        tree.AddSymbolicLink("/a", "b", Samples.Time);
        tree.AddSymbolicLink("/b", "/a/c", Samples.Time);
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => tree.Find("/a/x")).Message, "loop");
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => tree.AddFile("/b/x", "", Samples.File)).Message, "loop");
    }

    [TestMethod]
    [DataRow("/../etc")]
    [DataRow("a/../b")]
    [DataRow("..")]
    public void A_path_that_leads_up_is_an_error(string path)
    {
        var tree = new FileTree(Samples.Time);
        Assert.ThrowsExactly<ImagingException>(() => tree.AddFile(path, "x", Samples.File));
        Assert.ThrowsExactly<ImagingException>(() => tree.Find(path));
    }

    [TestMethod]
    public void Names_that_no_file_can_have_are_errors()
    {
        var tree = new FileTree(Samples.Time);
        Assert.ThrowsExactly<ImagingException>(() => tree.AddFile("/" + new string('é', 128), "x", Samples.File));
        Assert.ThrowsExactly<ImagingException>(() => tree.AddFile("/a\0b", "x", Samples.File));
        Assert.ThrowsExactly<ImagingException>(() => tree.AddFile("/\uD800", "x", Samples.File));
        Assert.ThrowsExactly<ImagingException>(() => tree.AddFile("/", "x", Samples.File));
        Assert.ThrowsExactly<ImagingException>(() => tree.AddSymbolicLink("/a", "", Samples.Time));
        Assert.ThrowsExactly<ImagingException>(() => tree.AddSymbolicLink("/a", new string('x', 4096), Samples.Time));
        Assert.ThrowsExactly<ImagingException>(() => tree.AddCharacterDevice("/a", new DeviceNumber(4096, 0), Samples.File));
        Assert.IsEmpty(tree.Walk());
    }

    [TestMethod]
    public void A_folder_and_something_else_never_replace_each_other()
    {
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/folder/file", "x", Samples.File);
        Assert.ThrowsExactly<ImagingException>(() => tree.AddFile("/folder", "x", Samples.File));
        Assert.ThrowsExactly<ImagingException>(() => tree.AddDirectory("/folder/file", Samples.Folder));
        Assert.ThrowsExactly<ImagingException>(() => tree.AddFile("/folder/file/below", "x", Samples.File));
        Assert.ThrowsExactly<ImagingException>(() => tree.Add("/again", tree.Get("/folder")));
        tree.AddFile("/folder/file", "newer", Samples.File);
        Assert.AreEqual(5, tree.Get("/folder/file").Data.Length);
        Assert.IsTrue(tree.Remove("/folder"));
        Assert.IsFalse(tree.Remove("/folder"));
        Assert.IsNull(tree.Find("/folder/file"));
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => tree.Get("/folder")).Message, "'/folder'");
    }

    [TestMethod]
    public void Any_bytes_survive_as_a_string()
    {
        var random = new Random(7);
        for (var round = 0; round < 5000; round++)
        {
            var bytes = new byte[random.Next(1, 40)];
            random.NextBytes(bytes);
            BytesAssert.AreEqual(bytes, FileNames.Encode(FileNames.Decode(bytes)));
        }
        Assert.AreEqual("Größe 日本 😀", FileNames.Decode("Größe 日本 😀"u8));
        CollectionAssert.AreEqual("Größe 日本 😀"u8.ToArray(), FileNames.Encode("Größe 日本 😀"));
        // A surrogate in UTF-8 is no UTF-8.
        CollectionAssert.AreEqual(new byte[] { 0xED, 0xB2, 0x80 }, FileNames.Encode(FileNames.Decode([0xED, 0xB2, 0x80])));
    }

    [TestMethod]
    public void Two_strings_for_the_same_bytes_are_one_name()
    {
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/\uDCC3\uDCA9", "x", Samples.File);
        Assert.IsNotNull(tree.Find("/é"));
    }

    [TestMethod]
    public void A_tree_may_be_deep_but_not_endless()
    {
        var tree = new FileTree(Samples.Time);
        var path = string.Concat(Enumerable.Repeat("/d", FileTree.MaximumDepth - 1));
        tree.AddDirectory(path, Samples.Folder);
        tree.AddSymbolicLink("/l", path, Samples.Time);
        Assert.ThrowsExactly<ImagingException>(() => tree.AddDirectory("/l/d", Samples.Folder));
        Assert.AreEqual(FileTree.MaximumDepth, tree.Walk().Count());
        Assert.ThrowsExactly<ImagingException>(() => tree.AddDirectory(string.Concat(Enumerable.Repeat("/d", 3000)), Samples.Folder));
    }

    [TestMethod]
    public void Times_can_be_clamped()
    {
        var tree = new FileTree(100);
        tree.AddFile("/a/b", "x", Samples.File with { ModificationTime = 200 });
        tree.ClampModificationTimes(150);
        Assert.AreEqual(100, tree.Root.Metadata.ModificationTime);
        Assert.AreEqual(150, tree.Get("/a").Metadata.ModificationTime);
        Assert.AreEqual(150, tree.Get("/a/b").Metadata.ModificationTime);
    }

    [TestMethod]
    public void Permissions_are_written_as_people_do()
    {
        Assert.AreEqual((UnixFileMode)0b100_111_101_000, Permissions.Octal(4750));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Permissions.Octal(800));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Permissions.Octal(8));
    }

    [TestMethod]
    public void A_folder_of_the_host_enters_by_rule()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["b/inner"]);
        File.WriteAllText(folder["b/inner/file"], "content");
        File.WriteAllText(folder["a"], "");
        File.WriteAllText(folder["B"], "upper");
        File.CreateSymbolicLink(folder["link"], "b/inner");
        var seen = new List<HostEntry>();
        var tree = new FileTree(1);
        HostTree.AddTo(tree, folder.Path, "/app", entry =>
        {
            seen.Add(entry);
            return new NodeMetadata(Permissions.Octal(entry.Type == NodeType.Directory ? 750 : 640), 5, 6, 7);
        });
        CollectionAssert.AreEqual(new[] { "/app", "/app/B", "/app/a", "/app/b", "/app/b/inner", "/app/b/inner/file", "/app/link" }, tree.Walk().Select(entry => entry.Path).ToArray());
        Assert.AreEqual("b/inner", tree.Get("/app/link").Target);
        Assert.AreEqual(new NodeMetadata(Permissions.Octal(640), 5, 6, 7), tree.Get("/app/b/inner/file").Metadata);
        CollectionAssert.AreEqual("content"u8.ToArray(), tree.Get("/app/b/inner/file").Data.ReadAll());
        Assert.AreEqual(folder["b/inner/file"], seen.Single(entry => entry.Path == "/app/b/inner/file").HostPath);
        HostTree.AddTo(tree, folder["b"], "/", _ => Samples.Folder);
        Assert.IsNotNull(tree.Find("/inner/file"));
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => HostTree.AddTo(tree, folder["absent"], "/", _ => default)).Message, folder["absent"]);
        Assert.ThrowsExactly<ArgumentException>(() => HostTree.AddTo(tree, "relative", "/", _ => default));
    }
}
