using System.Security.Cryptography;
using System.Text.Json;
using Packer.Imaging;

namespace Packer.Tests.Imaging;

/// <summary>What holds for every format that QEMU can read.</summary>
[TestClass]
public sealed class DiskFormatTests
{
    private static readonly Dictionary<string, (Func<IDiskFormat> Create, string QemuName, bool Checks)> Formats = new(StringComparer.Ordinal)
    {
        ["raw"] = (() => new RawFormat(), "raw", false),
        ["qcow2 none"] = (() => new Qcow2Format(Qcow2Compression.None), "qcow2", true),
        ["qcow2 zlib"] = (() => new Qcow2Format(Qcow2Compression.Zlib), "qcow2", true),
        ["qcow2 zstd"] = (() => new Qcow2Format(Qcow2Compression.Zstd), "qcow2", true),
        ["vmdk"] = (() => new VmdkFormat(SampleDisks.Identity), "vmdk", true),
        ["vhd fixed"] = (() => new VhdFormat(VhdType.Fixed, SampleDisks.Identity), "vpc", false),
        ["vhd dynamic"] = (() => new VhdFormat(VhdType.Dynamic, SampleDisks.Identity), "vpc", false),
        ["vhdx"] = (() => new VhdxFormat(SampleDisks.Identity), "vhdx", true),
    };

    public static IEnumerable<object[]> FormatNames => Formats.Keys.Select(name => new object[] { name });

    public static IEnumerable<object[]> FormatsAndDisks => Formats.Keys.SelectMany(_ => SampleDisks.Names, (format, disk) => new object[] { format, disk });

    [TestMethod]
    [TestCategory("Rig")]
    [DynamicData(nameof(FormatsAndDisks))]
    public async Task Qemu_finds_a_sound_file_with_the_bytes_of_the_disk(string format, string disk)
    {
        Rig.Require("qemu-img");
        using var folder = new TemporaryFolder();
        var (create, qemuName, checks) = Formats[format];
        var image = SampleDisks.Create(disk);
        await DiskWriter.WriteAsync(image, [new DiskOutput(new RawFormat(), folder["raw"]), new DiskOutput(create(), folder["disk"])], new DiskWriteOptions(), CancellationToken.None);
        if (checks)
        {
            var report = await Tool.RunAsync("qemu-img", "check", "-f", qemuName, folder["disk"]);
            StringAssert.Contains(report, "No errors were found on the image.");
        }
        // QEMU reads every zero of a VHDX: that takes an hour.
        if (format != "vhdx" || disk != "terabytes")
            StringAssert.Contains(await Tool.RunAsync("qemu-img", "compare", "-f", "raw", "-F", qemuName, folder["raw"], folder["disk"]), "Images are identical.");
        var information = JsonDocument.Parse(await Tool.RunAsync("qemu-img", "info", "--output=json", "-f", qemuName, folder["disk"])).RootElement;
        var size = information.GetProperty("virtual-size").GetInt64();
        Assert.IsTrue(size >= image.Length && size < image.Length + (1 << 20), $"{size} for {image.Length}");
    }

    [TestMethod]
    [DynamicData(nameof(FormatNames))]
    public async Task The_same_disk_gives_the_same_bytes_and_their_hash(string format)
    {
        using var folder = new TemporaryFolder();
        var image = SampleDisks.Mixed(17);
        string[] hashes = new string[2];
        for (var run = 0; run < hashes.Length; run++)
        {
            var written = await DiskWriter.WriteAsync(image, Formats[format].Create(), folder[$"{run}"], new DiskWriteOptions { ComputeSha256 = true }, CancellationToken.None);
            Assert.AreEqual(new FileInfo(folder[$"{run}"]).Length, written.Length);
            await using var stream = File.OpenRead(folder[$"{run}"]);
            Assert.AreEqual(Convert.ToHexStringLower(await SHA256.HashDataAsync(stream)), written.Sha256);
            hashes[run] = written.Sha256!;
        }
        Assert.AreEqual(hashes[0], hashes[1]);
    }

    [TestMethod]
    [DynamicData(nameof(FormatNames))]
    public async Task After_an_error_or_a_cancellation_there_is_no_file(string format)
    {
        using var folder = new TemporaryFolder();
        var image = SampleDisks.Mixed(18);
        using var cancellation = new CancellationTokenSource();
        var options = new DiskWriteOptions { ComputeSha256 = true, Progress = new Callback(cancellation.Cancel) };
        DiskOutput[] outputs = [new(Formats[format].Create(), folder["first"]), new(new RawFormat(), folder["second"])];
        await Assert.ThrowsAsync<OperationCanceledException>(() => DiskWriter.WriteAsync(image, outputs, options, cancellation.Token));
        Assert.IsEmpty(Directory.GetFiles(folder.Path));

        image = new SparseImage(40 << 20);
        image.Add(0, Samples.Data(1000));
        image.Add(30 << 20, new FileSource(folder["absent"], 0, 5));
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<ImagingException>(() => DiskWriter.WriteAsync(image, outputs, new DiskWriteOptions(), CancellationToken.None))).Message, folder["absent"]);
        Assert.IsEmpty(Directory.GetFiles(folder.Path));

        outputs[1] = new DiskOutput(new RawFormat(), folder["absent/disk"]);
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<ImagingException>(() => DiskWriter.WriteAsync(image, outputs, new DiskWriteOptions(), CancellationToken.None))).Message, folder["absent/disk"]);
        Assert.IsEmpty(Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public async Task Several_at_once_are_as_each_alone()
    {
        using var folder = new TemporaryFolder();
        var image = SampleDisks.Mixed(19);
        var options = new DiskWriteOptions { ComputeSha256 = true };
        var together = await DiskWriter.WriteAsync(image, [.. Formats.Select(format => new DiskOutput(format.Value.Create(), folder[format.Key]))], options, CancellationToken.None);
        foreach (var written in together)
        {
            var alone = await DiskWriter.WriteAsync(image, Formats[Path.GetFileName(written.Path)].Create(), folder["alone"], options, CancellationToken.None);
            Assert.AreEqual(alone.Sha256, written.Sha256, written.Path);
        }
    }

    private sealed class Callback(Action action) : IProgress<long>
    {
        public void Report(long value) => action();
    }
}
