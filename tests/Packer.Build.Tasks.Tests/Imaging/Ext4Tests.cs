using System.Text;
using System.Text.RegularExpressions;
using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed partial class Ext4Tests
{
    private const long MiB = 1 << 20;

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow(64 * MiB, 4 * MiB)]
    [DataRow(1 * MiB, 0L)]
    [DataRow((129 * MiB) + 4096, 4 * MiB)]
    [DataRow((256 * MiB) + (63 * 4096) + 77, 16 * MiB)]
    [DataRow(3000 * MiB, 64 * MiB)]
    [DataRow(9L << 30, 128 * MiB)]
    [DataRow(100L << 30, 0L)]
    public async Task An_empty_tree_gives_a_clean_file_system(long size, long journalSize)
    {
        using var folder = new TemporaryFolder();
        await CheckAsync(folder, Ext4Writer.Create(new FileTree(Samples.Time), size, Samples.Ext4 with { JournalSize = journalSize }));
    }

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public async Task The_kernel_reads_back_what_went_in(int seed)
    {
        Rig.Require("mount", "tar");
        using var folder = new TemporaryFolder();
        var tree = RandomTree.Create(seed, 1500);
        var size = Ext4Writer.MinimumSize(tree, Samples.Ext4) + (seed * 1237);
        var image = await CheckAsync(folder, Ext4Writer.Create(tree, size, Samples.Ext4));
        TreeAssert.AreEqual(tree, await Mount.ReadBackAsync(folder, image), "/lost+found");
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task Debugfs_shows_owner_mode_times_and_target()
    {
        Rig.Require("debugfs");
        using var folder = new TemporaryFolder();
        var tree = new FileTree(Samples.Time);
        var content = Samples.Bytes(100_000);
        tree.AddFile("/etc/secret", new BytesSource(content), new NodeMetadata(Permissions.Octal(4640), 70_000, 80_000, Samples.Time));
        tree.AddSymbolicLink("/etc/short", "secret", Samples.Time);
        tree.AddSymbolicLink("/etc/long", new string('x', 4095), Samples.Time);
        tree.AddFile("/far", "future", Samples.File with { ModificationTime = 0x3_0000_0000 });
        tree.AddFile("/old", "past", Samples.File with { ModificationTime = -1 });
        tree.AddCharacterDevice("/null", new DeviceNumber(1, 3), new NodeMetadata(Permissions.Octal(666), Samples.Time));
        var image = await CheckAsync(folder, Ext4Writer.Create(tree, 32 * MiB, Samples.Ext4));

        var stat = await Tool.RunAsync("debugfs", "-R", "stat /etc/secret", image);
        StringAssert.Contains(stat, "Mode:  04640");
        StringAssert.Matches(stat, new Regex(@"User: 70000\s+Group: 80000"));
        StringAssert.Contains(stat, "Tue Nov 14 22:13:20 2023");
        StringAssert.Contains(await Tool.RunAsync("debugfs", "-R", "stat /etc/short", image), "Fast link dest: \"secret\"");
        StringAssert.Contains(await Tool.RunAsync("debugfs", "-R", "stat /far", image), "mtime: 0x00000000:00000003");
        StringAssert.Contains(await Tool.RunAsync("debugfs", "-R", "stat /old", image), "mtime: 0xffffffff:00000000");
        StringAssert.Contains(await Tool.RunAsync("debugfs", "-R", "stat /null", image), "01:03");
        await Tool.RunAsync("debugfs", "-R", $"dump /etc/secret {folder["dumped"]}", image);
        BytesAssert.AreEqual(content, await File.ReadAllBytesAsync(folder["dumped"]));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task Extended_attributes_lie_in_the_inode_and_in_a_block()
    {
        Rig.Require("mount", "getfattr");
        using var folder = new TemporaryFolder();
        var tree = new FileTree(Samples.Time);
        var program = tree.AddFile("/program", "x", Samples.File);
        byte[] capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        program.SetExtendedAttribute("security.capability", capability);
        program.SetExtendedAttribute("user.small", "v"u8.ToArray());
        var large = Samples.Bytes(1001);
        program.SetExtendedAttribute("user.large", large);
        program.SetExtendedAttribute("user.larger", Samples.Bytes(2000));
        program.SetExtendedAttribute("trusted.empty", []);
        tree.AddSymbolicLink("/link", "program", Samples.Time).SetExtendedAttribute("trusted.long", Samples.Bytes(500));
        tree.AddDirectory("/folder", Samples.Folder).SetExtendedAttribute("user.note", Samples.Bytes(60));
        var image = await CheckAsync(folder, Ext4Writer.Create(tree, 32 * MiB, Samples.Ext4));
        await Mount.WithAsync(folder, image, async point =>
        {
            var dump = await Tool.RunAsync("getfattr", "--absolute-names", "-h", "-d", "-m", "-", "-e", "hex", Path.Combine(point, "program"));
            StringAssert.Contains(dump, "security.capability=0x" + Convert.ToHexStringLower(capability));
            StringAssert.Contains(dump, "user.small=0x76");
            StringAssert.Contains(dump, "user.large=0x" + Convert.ToHexStringLower(large));
            StringAssert.Contains(dump, "user.larger=0x" + Convert.ToHexStringLower(Samples.Bytes(2000)));
            StringAssert.Contains(dump, "trusted.empty");
            StringAssert.Contains(await Tool.RunAsync("getfattr", "--absolute-names", "-h", "-d", "-m", "-", "-e", "hex", Path.Combine(point, "link")), "trusted.long=0x" + Convert.ToHexStringLower(Samples.Bytes(500)));
            StringAssert.Contains(await Tool.RunAsync("getfattr", "--absolute-names", "-d", "-e", "hex", Path.Combine(point, "folder")), "user.note=0x");
        });
    }

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow(5)]
    [DataRow(341)]
    [DataRow(1361)]
    [DataRow(4000)]
    public async Task A_file_of_many_pieces_gets_an_extent_tree(int pieces)
    {
        Rig.Require("debugfs");
        using var folder = new TemporaryFolder();
        var sparse = new SparseImage((pieces * 12_288L) + 5);
        for (var index = 0; index < pieces; index++) sparse.Add((index * 12_288L) + 100, Samples.Bytes(100, index));
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/sparse", sparse, Samples.File);
        var image = await CheckAsync(folder, Ext4Writer.Create(tree, Ext4Writer.MinimumSize(tree, Samples.Ext4), Samples.Ext4));
        await Tool.RunAsync("debugfs", "-R", $"dump /sparse {folder["dumped"]}", image);
        BytesAssert.AreEqual(sparse.ReadAll(), await File.ReadAllBytesAsync(folder["dumped"]));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task A_folder_may_hold_more_folders_than_its_link_count()
    {
        using var folder = new TemporaryFolder();
        var tree = new FileTree(Samples.Time);
        for (var index = 0; index < 65_100; index++) tree.AddDirectory($"/many/{index}", Samples.Folder);
        await CheckAsync(folder, Ext4Writer.Create(tree, Ext4Writer.MinimumSize(tree, Samples.Ext4), Samples.Ext4));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task The_minimum_size_is_enough_and_one_block_less_is_not()
    {
        using var folder = new TemporaryFolder();
        foreach (var bytes in (int[])[0, 1, 4096, 5_000_000, 140_000_000])
        {
            var tree = new FileTree(Samples.Time);
            var content = new SparseImage(bytes);
            if (bytes > 0) content.Add(0, Samples.Data(Math.Min(bytes, 4096)));
            if (bytes > 4096) content.Add(4096, new ConcatSource(Enumerable.Repeat<Source>(Samples.Data(bytes - 4096), 1)));
            tree.AddFile("/file", content, Samples.File);
            var minimum = Ext4Writer.MinimumSize(tree, Samples.Ext4);
            await CheckAsync(folder, Ext4Writer.Create(tree, minimum, Samples.Ext4));
            var error = Assert.ThrowsExactly<ImagingException>(() => Ext4Writer.Create(tree, minimum - 4096, Samples.Ext4));
            StringAssert.Contains(error.Message, $"Make it at least {minimum} bytes");
        }
    }

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow(0L)]
    [DataRow(10 * MiB)]
    [DataRow(1000 * MiB)]
    public async Task The_free_space_asked_for_is_there(long freeSpace)
    {
        Rig.Require("mount");
        using var folder = new TemporaryFolder();
        var tree = RandomTree.Create(9, 100);
        var image = await CheckAsync(folder, Ext4Writer.Create(tree, Ext4Writer.MinimumSize(tree, Samples.Ext4, freeSpace), Samples.Ext4));
        await Mount.WithAsync(folder, image, async point =>
        {
            var available = (await Tool.RunAsync("stat", "-f", "-c", "%a %S", point)).Split(' ').Select(long.Parse).Aggregate((left, right) => left * right);
            // The kernel keeps up to 4096 clusters for itself.
            Assert.IsTrue(available + (4096 * 4096) >= freeSpace, $"{available} of {freeSpace}");
        });
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task The_kernel_writes_to_it_and_it_grows()
    {
        Rig.Require("mount", "resize2fs", "sh");
        using var folder = new TemporaryFolder();
        var tree = RandomTree.Create(8, 300);
        for (var index = 0; index < 500; index++) tree.AddFile($"/linear/{index}", Samples.Data(10), Samples.File);
        var image = await CheckAsync(folder, Ext4Writer.Create(tree, Ext4Writer.MinimumSize(tree, Samples.Ext4, 40 * MiB), Samples.Ext4));
        await Mount.WithAsync(folder, image, point => Tool.RunAsync("sh", "-ec", "cd \"$1\"; cp -a lengths new; rm -r lengths; for i in $(seq 2000); do echo $i > linear/more-$i; done; head -c 9000000 /dev/zero > zeros", "sh", point), writable: true);
        await CheckAsync(image);
        using (var file = File.OpenWrite(image)) file.SetLength(2000 * MiB);
        // A file system that was written to is only resized after a check that is noted in it.
        await Tool.RunAsync("e2fsck", "-fp", image);
        await Tool.RunAsync("resize2fs", image);
        await CheckAsync(image);
        await Mount.WithAsync(folder, image, async point =>
        {
            Assert.AreEqual("2500", (await Tool.RunAsync("sh", "-c", "ls \"$1\"/linear | wc -l", "sh", point)).Trim());
            Assert.AreEqual("2000", (await File.ReadAllTextAsync(Path.Combine(point, "linear/more-2000"))).Trim());
        });
    }

    [TestMethod]
    public void The_result_depends_on_the_arguments_only()
    {
        var first = Ext4Writer.Create(RandomTree.Create(5, 300), 64 * MiB, Samples.Ext4).ReadAll();
        BytesAssert.AreEqual(first, Ext4Writer.Create(RandomTree.Create(5, 300), 64 * MiB, Samples.Ext4).ReadAll());
        Assert.IsFalse(first.AsSpan().SequenceEqual(Ext4Writer.Create(RandomTree.Create(6, 300), 64 * MiB, Samples.Ext4).ReadAll()));
    }

    [TestMethod]
    public void The_tree_is_not_changed()
    {
        var tree = new FileTree(Samples.Time);
        Ext4Writer.Create(tree, 16 * MiB, Samples.Ext4);
        Assert.IsEmpty(tree.Walk());
    }

    [TestMethod]
    public void What_ext4_cannot_hold_is_an_error()
    {
        var tree = new FileTree(Samples.Time);
        var node = tree.AddFile("/file", "x", Samples.File);
        node.SetExtendedAttribute("system.other", [1]);
        StringAssert.Contains(Error(tree).Message, "'system.other'");
        node = tree.AddFile("/file", "x", Samples.File);
        node.SetExtendedAttribute("user.huge", new byte[5000]);
        StringAssert.Contains(Error(tree).Message, "'/file' has more extended attributes");
        tree.AddFile("/file", new SparseImage(1L << 45), Samples.File);
        StringAssert.Contains(Error(tree).Message, "Split it");
        tree.Remove("/file");
        tree.AddFile("/lost+found", "x", Samples.File);
        StringAssert.Contains(Error(tree).Message, "lost+found");
        Assert.ThrowsExactly<ImagingException>(() => Ext4Writer.Create(new FileTree(0), 64 * MiB, Samples.Ext4 with { JournalSize = 4096 }));
        Assert.ThrowsExactly<ImagingException>(() => Ext4Writer.Create(new FileTree(0), 64 * MiB, Samples.Ext4 with { Label = new string('x', 17) }));
        Assert.ThrowsExactly<ImagingException>(() => Ext4Writer.Create(new FileTree(0), 1L << 45, Samples.Ext4));

        static ImagingException Error(FileTree tree) => Assert.ThrowsExactly<ImagingException>(() => Ext4Writer.Create(tree, 64 * MiB, Samples.Ext4));
    }

    [TestMethod]
    public void More_names_of_a_file_than_ext4_allows_are_an_error()
    {
        var tree = new FileTree(Samples.Time);
        var node = tree.AddFile("/0", "x", Samples.File);
        for (var index = 1; index < 65_000; index++) tree.Add($"/{index}", node);
        Ext4Writer.Create(tree, 64 * MiB, Samples.Ext4);
        tree.Add("/last", node);
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => Ext4Writer.Create(tree, 64 * MiB, Samples.Ext4)).Message, "hard links");
    }

    [TestMethod]
    [TestCategory("Rig")]
    [TestCategory("Soak")]
    public async Task A_hundred_thousand_small_files()
    {
        Rig.Require("mount", "tar");
        using var folder = new TemporaryFolder();
        var tree = new FileTree(Samples.Time);
        for (var index = 0; index < 100_000; index++) tree.AddFile($"/{index % 100}/{index}", Samples.Data(index % 9000, index), Samples.File);
        var image = await CheckAsync(folder, Ext4Writer.Create(tree, Ext4Writer.MinimumSize(tree, Samples.Ext4), Samples.Ext4));
        TreeAssert.AreEqual(tree, await Mount.ReadBackAsync(folder, image), "/lost+found");
    }

    [TestMethod]
    [TestCategory("Rig")]
    [TestCategory("Soak")]
    public async Task A_file_of_five_gibibytes()
    {
        Rig.Require("mount", "tar");
        using var folder = new TemporaryFolder();
        var piece = Samples.Data(1 << 20);
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/large", new ConcatSource(Enumerable.Repeat(piece, 5 * 1024)), Samples.File);
        var image = await CheckAsync(folder, Ext4Writer.Create(tree, Ext4Writer.MinimumSize(tree, Samples.Ext4), Samples.Ext4));
        TreeAssert.AreEqual(tree, await Mount.ReadBackAsync(folder, image), "/lost+found");
    }

    [TestMethod]
    [TestCategory("Rig")]
    [TestCategory("Soak")]
    public async Task Many_random_trees()
    {
        Rig.Require("mount", "tar");
        for (var seed = 100; seed < 130; seed++)
        {
            using var folder = new TemporaryFolder();
            var tree = RandomTree.Create(seed, seed * 10);
            var options = Samples.Ext4 with { JournalSize = seed % 3 == 0 ? 0 : 4 * MiB, BytesPerInode = 4096 << (seed % 4) };
            var image = await CheckAsync(folder, Ext4Writer.Create(tree, Ext4Writer.MinimumSize(tree, options, seed * 1_000_003L), options));
            TreeAssert.AreEqual(tree, await Mount.ReadBackAsync(folder, image), "/lost+found");
        }
    }

    private static async Task<string> CheckAsync(TemporaryFolder folder, SparseImage image)
    {
        Rig.Require("e2fsck");
        var path = folder["image"];
        await Samples.WriteAsync(image, path);
        await CheckAsync(path);
        return path;
    }

    private static async Task CheckAsync(string path)
    {
        var (exitCode, output) = await Tool.TryRunAsync("e2fsck", "-fn", path);
        var complaints = output.Split('\n').Where(line => line.Length > 0 && !Harmless().IsMatch(line)).ToList();
        Assert.IsTrue(exitCode == 0 && complaints.Count == 0, output.Length > 3000 ? output[..3000] : output);
    }

    [GeneratedRegex(@"^(e2fsck 1\.|Pass \d|.*: \d+/\d+ files \()")]
    private static partial Regex Harmless();
}
