using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed class FloppyTests
{
    private static readonly FloppyOptions Options = new() { VolumeId = 0x1234ABCD, Label = "PACKER" };

    [TestMethod]
    [TestCategory("Rig")]
    public async Task Mtools_reads_back_what_went_in()
    {
        Rig.Require("fsck.vfat", "mcopy", "mdir");
        using var folder = new TemporaryFolder();
        var names = (string[])["/Autounattend.xml", "/ks.cfg", "/scripts/setup windows.ps1", "/scripts/deep/er/file.with.dots", "/x", "/" + new string('n', 200)];
        var tree = new FileTree(Samples.Time);
        for (var index = 0; index < names.Length; index++) tree.AddFile(names[index], Samples.Data(1 + (index * 50_000), index), Samples.File);
        tree.AddFile("/empty", BytesSource.Empty, Samples.File);
        var image = await CheckAsync(folder, FloppyWriter.Create(tree, Options));
        await Tool.RunAsync("mcopy", "-s", "-n", "-i", image, "::/", Directory.CreateDirectory(folder["copy"]).FullName);
        for (var index = 0; index < names.Length; index++) BytesAssert.AreEqual(Samples.Bytes(1 + (index * 50_000), index), await File.ReadAllBytesAsync(folder["copy" + names[index]]), names[index]);
        Assert.AreEqual(0, new FileInfo(folder["copy/empty"]).Length);
        var listing = await Tool.RunAsync("mdir", "-i", image, "::/");
        StringAssert.Contains(listing, "Volume in drive : is PACKER");
        StringAssert.Contains(listing, "1234-ABCD");
        StringAssert.Contains(listing, "Autounattend.xml");
    }

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public async Task Random_trees_are_read_back(int seed)
    {
        Rig.Require("fsck.vfat", "mcopy");
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var folders = new List<string> { "" };
        var files = new Dictionary<string, byte[]>(StringComparer.OrdinalIgnoreCase);
        var tree = new FileTree(Samples.Time);
        for (var index = 0; index < 120; index++)
        {
            var path = $"{folders[random.Next(folders.Count)]}/{(random.Next(2) == 0 ? "f" : "a long name ")}{index}.{(random.Next(2) == 0 ? "txt" : "Text")}";
            if (random.Next(6) == 0)
            {
                tree.AddDirectory(path, Samples.Folder);
                folders.Add(path);
                continue;
            }
            files[path] = Samples.Bytes(random.Next(0, 20_000), index);
            tree.AddFile(path, new BytesSource(files[path]), Samples.File);
        }
        var image = await CheckAsync(folder, FloppyWriter.Create(tree, Options with { Label = "" }));
        await Tool.RunAsync("mcopy", "-s", "-n", "-i", image, "::/", Directory.CreateDirectory(folder["copy"]).FullName);
        foreach (var (path, bytes) in files) BytesAssert.AreEqual(bytes, await File.ReadAllBytesAsync(folder["copy" + path]), path);
        Assert.HasCount(files.Count, Directory.GetFiles(folder["copy"], "*", SearchOption.AllDirectories));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task A_file_that_fills_it_fits_and_one_byte_more_does_not()
    {
        using var folder = new TemporaryFolder();
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/full", Samples.Data(FloppyWriter.Capacity), Samples.File);
        await CheckAsync(folder, FloppyWriter.Create(tree, Options));
        tree.AddFile("/more", "x", Samples.File);
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => FloppyWriter.Create(tree, Options)).Message, $"a floppy has {FloppyWriter.Capacity}. Leave some out");
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task The_root_folder_ends_where_its_room_does()
    {
        using var folder = new TemporaryFolder();
        var tree = new FileTree(Samples.Time);
        for (var index = 0; index < 223; index++) tree.AddFile($"/F{index}", "", Samples.File);
        await CheckAsync(folder, FloppyWriter.Create(tree, Options));
        tree.AddFile("/G", "", Samples.File);
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => FloppyWriter.Create(tree, Options)).Message, "224 entries");
    }

    private static async Task<string> CheckAsync(TemporaryFolder folder, SparseImage image)
    {
        Rig.Require("fsck.vfat");
        Assert.AreEqual(1_474_560, image.Length);
        var path = folder["image"];
        await Samples.WriteAsync(image, path);
        var output = await Tool.RunAsync("fsck.vfat", "-n", "-v", path);
        StringAssert.Contains(output, "2 FATs, 12 bit entries");
        Assert.IsFalse(output.Contains("Leaving file system unchanged", StringComparison.OrdinalIgnoreCase) || output.Contains("wrong", StringComparison.OrdinalIgnoreCase) || output.Contains("differ", StringComparison.OrdinalIgnoreCase), output);
        return path;
    }
}
