using System.IO.Compression;
using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed class GoogleCloudTests
{
    [TestMethod]
    [TestCategory("Rig")]
    [DataRow("mixed 1")]
    [DataRow("noise")]
    [DataRow("zeros")]
    [DataRow("one sector")]
    [DataRow("over one table")]
    [DataRow("islands")]
    public async Task Tar_finds_one_sparse_file_of_whole_gibibytes(string disk)
    {
        Rig.Require("tar", "gzip", "qemu-img", "stat");
        using var folder = new TemporaryFolder();
        var image = disk == "islands" ? Islands() : SampleDisks.Create(disk);
        DiskOutput[] outputs = [new(new GoogleCloudFormat(SampleDisks.Identity), folder["web.tar.gz"]), new(new RawFormat(), folder["raw"])];
        await DiskWriter.WriteAsync(image, outputs, new DiskWriteOptions(), CancellationToken.None);

        await Tool.RunAsync("gzip", "-t", folder["web.tar.gz"]);
        Assert.AreEqual("disk.raw\n", await Tool.RunAsync("tar", "tzf", folder["web.tar.gz"]));
        await Tool.RunAsync("tar", "xzf", folder["web.tar.gz"], "-C", folder.Path);
        var length = new FileInfo(folder["disk.raw"]).Length;
        Assert.AreEqual(0, length % (1L << 30));
        Assert.IsTrue(length >= image.Length && length - image.Length < 1L << 30);
        StringAssert.Contains(await Tool.RunAsync("qemu-img", "compare", "-f", "raw", "-F", "raw", folder["raw"], folder["disk.raw"]), "Images are identical.");
        // Holes take no room.
        Assert.IsLessThan(200_000L + image.DataRanges().Sum(range => range.Length + DiskChunk.ClusterSize), new FileInfo(folder["web.tar.gz"]).Length);
    }

    [TestMethod]
    public async Task The_archive_is_one_gzip_member_of_whole_records()
    {
        using var folder = new TemporaryFolder();
        await DiskWriter.WriteAsync(SampleDisks.Mixed(3), new GoogleCloudFormat(SampleDisks.Identity), folder["web.tar.gz"], new DiskWriteOptions(), CancellationToken.None);
        var bytes = await File.ReadAllBytesAsync(folder["web.tar.gz"]);
        using var deflated = new MemoryStream(bytes, 10, bytes.Length - 18);
        using var tar = new MemoryStream();
        using (var deflate = new DeflateStream(deflated, CompressionMode.Decompress)) await deflate.CopyToAsync(tar);
        Assert.AreEqual(0, tar.Length % 10240);
        Assert.AreEqual((uint)tar.Length, BitConverter.ToUInt32(bytes, bytes.Length - 4));
        Assert.AreEqual(Crc32.Compute(tar.ToArray()), BitConverter.ToUInt32(bytes, bytes.Length - 8));
    }

    /// <summary>More stretches of data than the map in the header, and more than one block of the map beyond it, have room for.</summary>
    private static SparseImage Islands()
    {
        var image = new SparseImage(1L << 30);
        for (var island = 0; island < 60; island++) image.Add(island * (16L << 20), Samples.Bytes(700, island));
        return image;
    }
}
