using System.Globalization;
using System.Text.RegularExpressions;
using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed partial class Iso9660Tests
{
    private const string Label = "cidata";
    private static readonly Iso9660Options Options = new() { Label = Label, Timestamp = Samples.Time };

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public async Task Libarchive_reads_back_what_went_in(int seed)
    {
        Rig.Require("bsdtar");
        using var folder = new TemporaryFolder();
        // It loses the slash where one part of a target ends and the next begins, which here happens in long ones only.
        var tree = Readable(RandomTree.Create(seed, 600), longestTarget: 240);
        var image = await WriteAsync(folder, tree);
        await Tool.RunAsync("bsdtar", "--format=gnutar", "-cf", folder["copy.tar"], "@" + image);
        var actual = new FileTree(0);
        TarTree.AddTo(actual, folder["copy.tar"]);
        TreeAssert.AreEqual(tree, actual);
    }

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow(4)]
    [DataRow(5)]
    public async Task Xorriso_extracts_what_went_in(int seed)
    {
        Rig.Require("xorriso", "tar");
        using var folder = new TemporaryFolder();
        var tree = Readable(RandomTree.Create(seed, 400), longestTarget: 900);
        var image = await WriteAsync(folder, tree);
        var copy = folder["copy"];
        await Tool.RunAsync("xorriso", "-abort_on", "WARNING", "-indev", image, "-check_media", "--", "-osirrox", "device_files:auto_chmod_off", "-extract", "/", copy);
        await Tool.RunAsync("tar", "--format=gnu", "--numeric-owner", "--sort=name", "-cf", folder["copy.tar"], "-C", copy, ".");
        // .NET cannot name files whose names are not UTF-8.
        await Tool.RunAsync("chmod", "-R", "u+rwX", copy);
        await Tool.RunAsync("rm", "-r", copy);
        var actual = new FileTree(0);
        TarTree.AddTo(actual, folder["copy.tar"]);
        TreeAssert.AreEqual(WithoutLinkTimes(tree), WithoutLinkTimes(actual));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task Isoinfo_reads_all_three_kinds_of_names()
    {
        Rig.Require("isoinfo");
        using var folder = new TemporaryFolder();
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/user-data", "#cloud-config\n", Samples.File);
        tree.AddFile("/meta-data", "instance-id: 1\n", Samples.File);
        tree.AddFile("/A long folder name, with a comma/Größe 日本 😀.txt", "long\n", Samples.File with { Mode = Permissions.Octal(600) });
        tree.AddFile("/META_DATA", "in the way\n", Samples.File);
        tree.AddSymbolicLink("/link", "../a/./b", Samples.Time);
        var image = await WriteAsync(folder, tree);

        Assert.AreEqual("#cloud-config\n", await Tool.RunAsync("isoinfo", "-i", image, "-R", "-x", "/user-data"));
        Assert.AreEqual("#cloud-config\n", await Tool.RunAsync("isoinfo", "-i", image, "-J", "-x", "/user-data"));
        Assert.AreEqual("#cloud-config\n", await Tool.RunAsync("isoinfo", "-i", image, "-x", "/USER_DATA.;1"));
        Assert.AreEqual("in the way\n", await Tool.RunAsync("isoinfo", "-i", image, "-x", "/META_DATA.;1"));
        Assert.AreEqual("instance-id: 1\n", await Tool.RunAsync("isoinfo", "-i", image, "-x", "/META_DATA_1.;1"));
        var rockRidge = await Tool.RunAsync("isoinfo", "-i", image, "-R", "-l");
        StringAssert.Contains(rockRidge, "link -> ../a/./b");
        StringAssert.Contains(rockRidge, "Größe 日本 😀.txt");
        StringAssert.Matches(rockRidge, new Regex(@"-rw------- +1 +0 +0 +5 Nov 14 2023 .* Größe"));
        var joliet = await Tool.RunAsync("isoinfo", "-i", image, "-J", "-l");
        StringAssert.Contains(joliet, "A long folder name, with a comma");
        var descriptor = await Tool.RunAsync("isoinfo", "-i", image, "-d");
        StringAssert.Contains(descriptor, "Volume id: " + Label);
        StringAssert.Contains(descriptor, "Joliet with UCS level 3 found");
        StringAssert.Contains(descriptor, "Rock Ridge signatures version 1 found");
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task The_label_is_what_other_tools_read()
    {
        Rig.Require("blkid", "file");
        using var folder = new TemporaryFolder();
        var image = await WriteAsync(folder, new FileTree(Samples.Time));
        Assert.AreEqual(Label, (await Tool.RunAsync("blkid", "-p", "-o", "value", "-s", "LABEL", image)).Trim());
        Assert.AreEqual("iso9660", (await Tool.RunAsync("blkid", "-p", "-o", "value", "-s", "TYPE", image)).Trim());
        StringAssert.Contains(await Tool.RunAsync("file", "-b", image), $"ISO 9660 CD-ROM filesystem data '{Label}'");
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task Thousands_of_names_of_every_kind_stay_apart_in_each_hierarchy()
    {
        Rig.Require("isoinfo");
        using var folder = new TemporaryFolder();
        var tree = new FileTree(Samples.Time);
        for (var index = 0; index < 3000; index++) tree.AddFile($"/folder/{new string('n', 120)}{index}.text", $"{index}", Samples.File);
        for (var index = 0; index < 300; index++) tree.AddDirectory($"/folder/a folder {index} with a name that is long", Samples.Folder);
        foreach (var name in (string[])["x", "X", "x.", "X..", "*", "?", ":", "a;1", "a;b", "back\\slash", FileNames.Decode([0xFF, 0x80]), ".hidden", "..two"]) tree.AddFile("/folder/" + name, name, Samples.File);
        var image = await WriteAsync(folder, tree);
        foreach (var kind in (string[])["-R", "-J", "-l"])
        {
            var listing = await Tool.RunAsync("isoinfo", kind == "-l" ? ["-f", "-i", image] : [kind, "-f", "-i", image]);
            var paths = listing.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.HasCount(3000 + 300 + 13 + 1, paths, kind);
            CollectionAssert.AllItemsAreUnique(paths, kind);
        }
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task A_file_above_four_gigabytes_has_several_extents_and_costs_only_its_data()
    {
        Rig.Require("xorriso");
        using var folder = new TemporaryFolder();
        const long Length = (9L << 30) + 5;
        var data = new SparseImage(Length);
        byte[] mark = "mark"u8.ToArray();
        var places = (long[])[0, (4L << 30) - 2050, (4L << 30) + 123, (8L << 30) - 4096, Length - 4];
        foreach (var place in places) data.Add(place, mark);
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/big", data, Samples.File);
        tree.AddFile("/small", "small", Samples.File);
        var image = await WriteAsync(folder, tree);
        Assert.IsLessThan(4096, int.Parse((await Tool.RunAsync("du", "-k", image)).Split('\t')[0], CultureInfo.InvariantCulture));
        StringAssert.Contains(await Tool.RunAsync("xorriso", "-abort_on", "WARNING", "-indev", image, "-lsl", "/big"), $" {Length} ");

        // The extents as xorriso finds them, one after the other, hold the file.
        var report = await Tool.RunAsync("xorriso", "-abort_on", "WARNING", "-indev", image, "-find", "/big", "-exec", "report_sections");
        var extents = Extent().Matches(report).Select(match => (Block: Number(match.Groups[1]), Length: Number(match.Groups[2]))).ToList();
        Assert.HasCount(3, extents, report);
        Assert.AreEqual(Length, extents.Sum(extent => extent.Length), report);
        using var handle = File.OpenHandle(image);
        foreach (var place in places)
        {
            var (index, rest) = (0, place);
            for (; rest >= extents[index].Length; index++) rest -= extents[index].Length;
            var bytes = new byte[mark.Length];
            RandomAccess.Read(handle, bytes, (extents[index].Block * 2048) + rest);
            BytesAssert.AreEqual(mark, bytes, $"At {place}");
        }

        static long Number(Group group) => long.Parse(group.Value, CultureInfo.InvariantCulture);
    }

    [TestMethod]
    public void Joliet_keeps_what_it_can_say_and_tells_the_rest_apart()
    {
        var tree = new FileTree(0);
        var emoji = string.Concat(Enumerable.Repeat("😀", 60));
        var names = (string[])["Größe 日本 😀.txt", "a:b", "a;b", "a_b", new string('n', 102) + ".text", new string('n', 101) + "m.text", emoji, FileNames.Decode([0xFF])];
        foreach (var name in names) tree.AddFile("/" + name, "", Samples.File);
        tree.AddSymbolicLink("/link", "x", 0);
        var found = new JolietNaming().Assign(tree.Root.Children);
        CollectionAssert.AreEqual((string[])["Größe 日本 😀.txt", "a_b_1", "a_b_2", "a_b", new string('n', 96) + "_1.text", new string('n', 98) + ".text", emoji[..102], "_"], names.Select(name => found[name].ToString()).ToArray());
        Assert.IsFalse(found.ContainsKey("link"));
    }

    [TestMethod]
    public void Hard_links_share_their_data()
    {
        var tree = new FileTree(Samples.Time);
        var alone = Iso9660Writer.Create(tree, Options).Length;
        tree.Add("/second", tree.AddFile("/first", new SparseImage(100 << 20), Samples.File));
        Assert.AreEqual(alone + (100 << 20), Iso9660Writer.Create(tree, Options).Length);
    }

    [TestMethod]
    public void The_same_tree_gives_the_same_bytes()
    {
        var first = Iso9660Writer.Create(RandomTree.Create(7, 100), Options).ReadAll();
        BytesAssert.AreEqual(first, Iso9660Writer.Create(RandomTree.Create(7, 100), Options).ReadAll());
    }

    [TestMethod]
    public void What_a_cd_cannot_hold_is_an_error()
    {
        StringAssert.Contains(Error(new FileTree(0), "").Message, "printable ASCII");
        StringAssert.Contains(Error(new FileTree(0), new string('x', 33)).Message, "printable ASCII");
        StringAssert.Contains(Error(new FileTree(0), "Größe").Message, "printable ASCII");
        var tree = new FileTree(0);
        for (var index = 0; index < 66_000; index++) tree.AddDirectory($"/{index}", Samples.Folder);
        StringAssert.Contains(Error(tree, Label).Message, "65535 folders");
        tree = new FileTree(0);
        tree.AddFile("/huge", new SparseImage(9L << 40), Samples.File);
        StringAssert.Contains(Error(tree, Label).Message, "Leave some out");

        static ImagingException Error(FileTree tree, string label) => Assert.ThrowsExactly<ImagingException>(() => Iso9660Writer.Create(tree, Options with { Label = label }));
    }

    [TestMethod]
    public void Times_are_kept_within_what_a_record_can_say()
    {
        CollectionAssert.AreEqual(new byte[] { 123, 11, 14, 22, 13, 20, 0 }, Short(Samples.Time));
        CollectionAssert.AreEqual(new byte[] { 0, 1, 1, 0, 0, 0, 0 }, Short(long.MinValue));
        CollectionAssert.AreEqual(new byte[] { 255, 12, 31, 23, 59, 59, 0 }, Short(long.MaxValue));

        static byte[] Short(long seconds)
        {
            var bytes = new byte[Iso9660Time.ShortLength];
            Iso9660Time.PutShort(bytes, seconds);
            return bytes;
        }
    }

    [GeneratedRegex(@"File data lba: +\d+ , +(\d+) , +\d+ , +(\d+) ,")]
    private static partial Regex Extent();

    /// <summary>A tree without what ISO 9660 drops: hard links as such, attributes, and double or last slashes in the targets of links.</summary>
    private static FileTree Readable(FileTree tree, int longestTarget = FileNames.MaximumPathLength)
    {
        var result = new FileTree(tree.Root.Metadata);
        foreach (var (path, node) in tree.Walk())
        {
            // GNU tar and extraction know no time before 1970 well, and readers do not agree on devices with great numbers.
            var metadata = node.Metadata with { ModificationTime = Math.Abs(node.Metadata.ModificationTime), Mode = node.Metadata.Mode & ~Permissions.Octal(6000) };
            switch (node.Type)
            {
                case NodeType.Directory: result.AddDirectory(path, metadata); break;
                case NodeType.File: result.AddFile(path, node.Data, metadata); break;
                case NodeType.SymbolicLink: result.AddSymbolicLink(path, Target(node.Target, longestTarget), metadata); break;
                case NodeType.Fifo: result.AddFifo(path, metadata); break;
                case NodeType.CharacterDevice: result.AddCharacterDevice(path, Small(node.Device), metadata); break;
                case NodeType.BlockDevice: result.AddBlockDevice(path, Small(node.Device), metadata); break;
            }
        }
        return result;
    }

    private static DeviceNumber Small(DeviceNumber device) => new(1 + (device.Major & 0xFF), device.Minor & 0xFF);

    /// <summary>Xorriso gives symbolic links the time of their extraction.</summary>
    private static FileTree WithoutLinkTimes(FileTree tree)
    {
        foreach (var node in tree.Walk().Select(entry => entry.Node).Where(node => node.Type == NodeType.SymbolicLink)) node.Metadata = node.Metadata with { ModificationTime = 0 };
        return tree;
    }

    private static string Target(string target, int longest)
    {
        var parts = target.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var normal = (target.StartsWith('/') ? "/" : "") + string.Join('/', parts);
        if (normal.Length == 0) return "x";
        return FileNames.Encode(normal) is { } bytes && bytes.Length > longest ? FileNames.Decode(bytes.AsSpan(0, longest)).TrimEnd('/') : normal;
    }

    private static async Task<string> WriteAsync(TemporaryFolder folder, FileTree tree)
    {
        var path = folder["image.iso"];
        await Samples.WriteAsync(Iso9660Writer.Create(tree, Options), path);
        return path;
    }
}
