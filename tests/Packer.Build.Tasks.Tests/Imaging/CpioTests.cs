using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed class CpioTests
{
    [TestMethod]
    [TestCategory("Rig")]
    public async Task Cpio_unpacks_what_went_in()
    {
        Rig.Require("cpio", "sh", "tar");
        using var folder = new TemporaryFolder();
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/init", "#!/bin/sh\n", new NodeMetadata(Permissions.Octal(755), 3, 4, Samples.Time));
        tree.AddFile("/odd/length", Samples.Data(1001), Samples.File);
        tree.AddFile("/odd/empty", BytesSource.Empty, Samples.File);
        tree.AddSymbolicLink("/odd/link", "../init", Samples.Time);
        tree.AddCharacterDevice("/dev/null", new DeviceNumber(1, 3), new NodeMetadata(Permissions.Octal(666), Samples.Time));
        tree.AddFile("/" + FileNames.Decode([0xFF, 0xC3]), "bytes", Samples.File);
        var shared = tree.AddFile("/linked/b", Samples.Data(70_000), Samples.File);
        tree.Add("/linked/a", shared);
        tree.Add("/odd/z", shared);
        await WriteAsync(CpioArchive.Create(tree), folder["archive"]);
        Directory.CreateDirectory(folder["out"]);
        // .NET cannot remove a file whose name is not UTF-8, so the shell does.
        await Tool.RunAsync("sh", "-c", "cd \"$1\" && cpio -idm --quiet < ../archive && tar --format=gnu --numeric-owner -cf ../out.tar . && rm -rf ../out", "sh", folder["out"]);
        var unpacked = new FileTree(0);
        TarTree.AddTo(unpacked, folder["out.tar"]);
        // cpio gives a link that it makes the time of unpacking.
        tree.ClampModificationTimes(0);
        unpacked.ClampModificationTimes(0);
        if (Environment.UserName != "root") Assert.Inconclusive("Skipped: only root unpacks devices and owners.");
        TreeAssert.AreEqual(tree, unpacked);
    }

    [TestMethod]
    public void The_archive_has_a_fixed_form()
    {
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/a", "12345", new NodeMetadata(Permissions.Octal(644), 1, 2, 3));
        var text = System.Text.Encoding.ASCII.GetString(CpioArchive.Create(tree).ReadAll());
        Assert.AreEqual(512, text.Length);
        StringAssert.StartsWith(text, "070701" + "00000001" + "000081a4" + "00000001" + "00000002" + "00000001" + "00000003" + "00000005" + "00000000" + "00000000" + "00000000" + "00000000" + "00000002" + "00000000" + "a\0" + "12345\0\0\0" + "070701");
        StringAssert.Contains(text, "TRAILER!!!\0");
    }

    [TestMethod]
    public void A_file_of_four_gibibytes_is_an_error()
    {
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/huge", new SparseImage(1L << 32), Samples.File);
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => CpioArchive.Create(tree)).Message, "'/huge'");
    }

    private static async Task WriteAsync(Source source, string path)
    {
        await using var file = File.Create(path);
        await file.WriteAsync(source.ReadAll());
    }
}
