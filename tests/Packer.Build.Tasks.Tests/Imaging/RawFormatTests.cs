using System.Security.Cryptography;
using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed class RawFormatTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(4095)]
    [DataRow((5 << 20) + 17)]
    [DataRow(30 << 20)]
    public async Task The_file_and_its_hash_are_those_of_the_image(int length)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(length);
        var image = new SparseImage(length);
        for (long offset = random.Next(5000); offset < length; offset += random.Next(3_000_000))
        {
            var bytes = Samples.Bytes((int)Math.Min(random.Next(1, 1_500_000), length - offset), random.Next());
            if (random.Next(3) == 0) bytes.AsSpan(bytes.Length / 2).Clear();
            image.Add(offset, bytes);
            offset += bytes.Length;
        }
        var expected = image.ReadAll();
        var progress = new Recorder();
        var written = await DiskWriter.WriteAsync(image, new RawFormat(), folder["disk"], new DiskWriteOptions { ComputeSha256 = true, Progress = progress }, CancellationToken.None);
        BytesAssert.AreEqual(expected, await File.ReadAllBytesAsync(folder["disk"]));
        Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(expected)), written.Sha256);
        Assert.AreEqual(length, written.Length);
        if (length > 0) Assert.AreEqual(length, progress.Last);
        Assert.IsNull((await DiskWriter.WriteAsync(image, new RawFormat(), folder["disk"], new DiskWriteOptions(), CancellationToken.None)).Sha256);
        BytesAssert.AreEqual(expected, await File.ReadAllBytesAsync(folder["disk"]));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task Holes_and_blocks_of_zeros_take_no_room()
    {
        Rig.Require("stat");
        using var folder = new TemporaryFolder();
        var image = new SparseImage(10L << 30);
        image.Add(0, new byte[1 << 20]);
        image.Add(5L << 30, new byte[] { 1 });
        image.Add((10L << 30) - 1, new byte[] { 2 });
        var written = await DiskWriter.WriteAsync(image, new RawFormat(), folder["disk"], new DiskWriteOptions(), CancellationToken.None);
        Assert.AreEqual(2 * 4096, written.DataLength);
        var blocks = long.Parse(await Tool.RunAsync("stat", "-c", "%b", folder["disk"]), System.Globalization.CultureInfo.InvariantCulture);
        Assert.IsTrue(blocks * 512 < 64 * 1024, $"{blocks} sectors are allocated.");
    }

    [TestMethod]
    public async Task A_cancelled_or_failed_write_leaves_no_file()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        var image = new SparseImage(100L << 30);
        image.Add(0, Samples.Data(100));
        var options = new DiskWriteOptions { ComputeSha256 = true, Progress = new Callback(cancellation.Cancel) };
        await Assert.ThrowsAsync<OperationCanceledException>(() => DiskWriter.WriteAsync(image, new RawFormat(), folder["disk"], options, cancellation.Token));
        Assert.IsFalse(File.Exists(folder["disk"]));
        image.Add(200, new FileSource(folder["absent"], 0, 5));
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<ImagingException>(() => Samples.WriteAsync(image, folder["disk"]))).Message, folder["absent"]);
        Assert.IsFalse(File.Exists(folder["disk"]));
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<ImagingException>(() => Samples.WriteAsync(image, folder["absent/disk"]))).Message, folder["absent/disk"]);
    }

    [TestMethod]
    public async Task Several_writers_read_one_image_at_once()
    {
        using var folder = new TemporaryFolder();
        var image = Ext4Writer.Create(RandomTree.Create(4, 100), 32 << 20, Samples.Ext4);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(index => Samples.WriteAsync(image, folder[$"{index}"])));
        var first = await File.ReadAllBytesAsync(folder["0"]);
        for (var index = 1; index < 4; index++) BytesAssert.AreEqual(first, await File.ReadAllBytesAsync(folder[$"{index}"]));
    }

    private sealed class Recorder : IProgress<long>
    {
        public long Last { get; private set; }

        public void Report(long value)
        {
            Assert.IsTrue(value >= Last);
            Last = value;
        }
    }

    private sealed class Callback(Action action) : IProgress<long>
    {
        public void Report(long value) => action();
    }
}
