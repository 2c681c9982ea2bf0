using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed class Fat32Tests
{
    private const long MiB = 1 << 20;

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow(34 * MiB)]
    [DataRow((48 * MiB) + 512 + 7)]
    [DataRow(300 * MiB)]
    [DataRow(1027 * MiB)]
    [DataRow(20L << 30)]
    public async Task Mtools_reads_back_what_went_in(long size)
    {
        Rig.Require("fsck.vfat", "mcopy", "mdir");
        using var folder = new TemporaryFolder();
        var names = (string[])["/EFI/BOOT/BOOTX64.EFI", "/EFI/BOOT/grubx64.efi", "/loader/entries/packer.conf", "/packer/vmlinuz", "/packer/a rather long name with spaces.and.dots",
            "/packer/a rather long name, the second", "/packer/thirteenchars", "/packer/x.y.z", "/packer/.hidden", "/packer/+plus", "/packer/Größe.txt", "/packer/日本語.txt", "/packer/" + new string('n', 250)];
        var tree = new FileTree(Samples.Time);
        for (var index = 0; index < names.Length; index++) tree.AddFile(names[index], Samples.Data(1 + (index * 10_000), index), Samples.File);
        tree.AddFile("/empty", BytesSource.Empty, Samples.File);
        tree.AddDirectory("/folder", Samples.Folder);
        var volume = Fat32Writer.Create(tree, size, Samples.Fat32);
        var image = await CheckAsync(folder, volume.Image);

        await Tool.RunAsync("mcopy", "-s", "-n", "-i", image, "::/", Directory.CreateDirectory(folder["copy"]).FullName);
        foreach (var (name, index) in names.Select((name, index) => (name, index)))
        {
            var expected = Samples.Bytes(1 + (index * 10_000), index);
            // In the locale of the test mtools replaces other characters.
            if (name.All(char.IsAscii)) BytesAssert.AreEqual(expected, await File.ReadAllBytesAsync(folder["copy" + name]), name);
            var bytes = new byte[expected.Length];
            volume.Image.Read(volume.FileOffsets[name], bytes);
            BytesAssert.AreEqual(expected, bytes, name);
        }
        Assert.AreEqual(0, new FileInfo(folder["copy/empty"]).Length);
        Assert.IsTrue(Directory.Exists(folder["copy/folder"]));
        var listing = await Tool.RunAsync("mdir", "-i", image, "::/packer");
        StringAssert.Contains(listing, "Volume in drive : is ESP");
        StringAssert.Contains(listing, "1234-ABCD");
        StringAssert.Matches(listing, new System.Text.RegularExpressions.Regex(@"VMLINUZ\s+30001 2023-11-14\s+22:13\s+vmlinuz"));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task Thousands_of_similar_names_get_different_aliases()
    {
        using var folder = new TemporaryFolder();
        var tree = new FileTree(Samples.Time);
        for (var index = 0; index < 3000; index++) tree.AddFile($"/folder/a long name {index}.text", Samples.Data(index % 700, index), Samples.File);
        tree.AddFile("/folder/ALONGN~7.TEX", "an alias by itself", Samples.File);
        tree.AddFile("/folder/alongn~8.tex", "and one in lower case", Samples.File);
        await CheckAsync(folder, Fat32Writer.Create(tree, 40 * MiB, Samples.Fat32).Image);
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task A_hard_link_becomes_two_files()
    {
        using var folder = new TemporaryFolder();
        var tree = new FileTree(Samples.Time);
        tree.Add("/second", tree.AddFile("/first", Samples.Data(5000), Samples.File));
        var volume = Fat32Writer.Create(tree, 40 * MiB, Samples.Fat32);
        await CheckAsync(folder, volume.Image);
        Assert.AreNotEqual(volume.FileOffsets["/first"], volume.FileOffsets["/second"]);
    }

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow(0)]
    [DataRow(30_000_000)]
    [DataRow(200_000_000)]
    public async Task The_minimum_size_is_enough_and_one_cluster_less_is_not(int length)
    {
        using var folder = new TemporaryFolder();
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/file", new SparseImage(length), Samples.File);
        var minimum = Fat32Writer.MinimumSize(tree, Samples.Fat32);
        await CheckAsync(folder, Fat32Writer.Create(tree, minimum, Samples.Fat32).Image);
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => Fat32Writer.Create(tree, minimum - 4096, Samples.Fat32)).Message, "Make it at least");
        Assert.IsTrue(Fat32Writer.MinimumSize(tree, Samples.Fat32, 50 * MiB) >= length + (50 * MiB));
    }

    [TestMethod]
    [DataRow("con:", "control character")]
    [DataRow("what?", "control character")]
    [DataRow("dot.", "ends with")]
    [DataRow("space ", "ends with")]
    [DataRow("tab\t", "control character")]
    [DataRow(" space", "begins with")]
    public void A_name_that_fat_cannot_hold_is_an_error(string name, string reason)
    {
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/folder/" + name, "x", Samples.File);
        var error = Assert.ThrowsExactly<ImagingException>(() => Fat32Writer.Create(tree, 40 * MiB, Samples.Fat32));
        StringAssert.Contains(error.Message, reason);
        StringAssert.Contains(error.Message, "/folder/");
    }

    [TestMethod]
    public void A_name_of_other_bytes_than_utf8_is_an_error()
    {
        var tree = new FileTree(Samples.Time);
        tree.AddFile(FileNames.Decode([(byte)'a', 0x80]), "x", Samples.File);
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => Fat32Writer.Create(tree, 40 * MiB, Samples.Fat32)).Message, "not UTF-8");
    }

    [TestMethod]
    public void Names_that_differ_in_case_links_and_huge_files_are_errors()
    {
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/Readme", "x", Samples.File);
        tree.AddFile("/README", "x", Samples.File);
        StringAssert.Contains(Error(tree).Message, "case only");
        tree = new FileTree(Samples.Time);
        tree.AddSymbolicLink("/link", "x", Samples.Time);
        StringAssert.Contains(Error(tree).Message, "'/link' is neither a file nor a folder");
        tree = new FileTree(Samples.Time);
        tree.AddFile("/huge", new SparseImage(1L << 32), Samples.File);
        StringAssert.Contains(Error(tree).Message, "Split it");
        Assert.ThrowsExactly<ImagingException>(() => Fat32Writer.Create(new FileTree(0), 40 * MiB, Samples.Fat32 with { Label = "lower" }));
        Assert.ThrowsExactly<ImagingException>(() => Fat32Writer.Create(new FileTree(0), 30 * MiB, Samples.Fat32));

        static ImagingException Error(FileTree tree) => Assert.ThrowsExactly<ImagingException>(() => Fat32Writer.Create(tree, 40 * MiB, Samples.Fat32));
    }

    [TestMethod]
    public void Times_are_kept_within_what_fat_can_say()
    {
        Assert.AreEqual(new FatTime(0x0021, 0), FatTime.FromUnix(0));
        Assert.AreEqual(new FatTime((43 << 9) | (11 << 5) | 14, (22 << 11) | (13 << 5) | 10), FatTime.FromUnix(Samples.Time));
        Assert.AreEqual(new FatTime(0xFF9F, 0xBF7D), FatTime.FromUnix(long.MaxValue));
    }

    private static async Task<string> CheckAsync(TemporaryFolder folder, SparseImage image)
    {
        Rig.Require("fsck.vfat");
        var path = folder["image"];
        await Samples.WriteAsync(image, path);
        var output = await Tool.RunAsync("fsck.vfat", "-n", "-v", path);
        Assert.IsFalse(output.Contains("Leaving file system unchanged", StringComparison.OrdinalIgnoreCase) || output.Contains("wrong", StringComparison.OrdinalIgnoreCase) || output.Contains("differ", StringComparison.OrdinalIgnoreCase), output);
        return path;
    }
}
