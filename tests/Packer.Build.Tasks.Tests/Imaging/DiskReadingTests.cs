using Packer.Imaging;

namespace Packer.Tests.Imaging;

/// <summary>Disks are read from what QEMU writes, and from what is written here.</summary>
[TestClass]
public sealed class DiskReadingTests
{
    private static readonly (string Name, DiskFileKind Kind, string QemuName, string Options)[] Variants =
    [
        ("raw", DiskFileKind.Raw, "raw", ""),
        ("qcow2 v2", DiskFileKind.Qcow2, "qcow2", "-o compat=0.10"),
        ("qcow2 v2 zlib", DiskFileKind.Qcow2, "qcow2", "-c -o compat=0.10"),
        ("qcow2 v3", DiskFileKind.Qcow2, "qcow2", "-o compat=1.1"),
        ("qcow2 zlib", DiskFileKind.Qcow2, "qcow2", "-c"),
        ("qcow2 zstd", DiskFileKind.Qcow2, "qcow2", "-c -o compression_type=zstd"),
        ("qcow2 512", DiskFileKind.Qcow2, "qcow2", "-o cluster_size=512"),
        ("qcow2 2M", DiskFileKind.Qcow2, "qcow2", "-o cluster_size=2M"),
        ("qcow2 2M zlib", DiskFileKind.Qcow2, "qcow2", "-c -o cluster_size=2M"),
        ("qcow2 4K zstd", DiskFileKind.Qcow2, "qcow2", "-c -o cluster_size=4K,compression_type=zstd"),
        ("qcow2 preallocated", DiskFileKind.Qcow2, "qcow2", "-o preallocation=metadata"),
        ("vhd dynamic", DiskFileKind.Vhd, "vpc", "-o subformat=dynamic"),
        ("vhd dynamic exact", DiskFileKind.Vhd, "vpc", "-o subformat=dynamic,force_size=on"),
        ("vhd fixed", DiskFileKind.Vhd, "vpc", "-o subformat=fixed"),
        ("vhd fixed exact", DiskFileKind.Vhd, "vpc", "-o subformat=fixed,force_size=on"),
        ("vhdx", DiskFileKind.Vhdx, "vhdx", "-o subformat=dynamic"),
        ("vhdx 1M", DiskFileKind.Vhdx, "vhdx", "-o subformat=dynamic,block_size=1M"),
        ("vhdx fixed", DiskFileKind.Vhdx, "vhdx", "-o subformat=fixed"),
        ("vmdk sparse", DiskFileKind.Vmdk, "vmdk", "-o subformat=monolithicSparse"),
        ("vmdk sparse zeroed grains", DiskFileKind.Vmdk, "vmdk", "-o subformat=monolithicSparse,zeroed_grain=on"),
        ("vmdk stream", DiskFileKind.Vmdk, "vmdk", "-o subformat=streamOptimized"),
    ];

    private static readonly Dictionary<string, Func<IDiskFormat>> Written = new(StringComparer.Ordinal)
    {
        ["raw"] = () => new RawFormat(),
        ["qcow2 none"] = () => new Qcow2Format(Qcow2Compression.None),
        ["qcow2 zlib"] = () => new Qcow2Format(Qcow2Compression.Zlib),
        ["qcow2 zstd"] = () => new Qcow2Format(Qcow2Compression.Zstd),
        ["vmdk"] = () => new VmdkFormat(SampleDisks.Identity),
        ["vhd fixed"] = () => new VhdFormat(VhdType.Fixed, SampleDisks.Identity),
        ["vhd dynamic"] = () => new VhdFormat(VhdType.Dynamic, SampleDisks.Identity),
        ["vhdx"] = () => new VhdxFormat(SampleDisks.Identity),
        ["ova"] = () => new OvaFormat(SampleDisks.Identity, new OvaMachine()),
    };

    public static IEnumerable<object[]> VariantNames => Variants.Select(variant => new object[] { variant.Name });

    public static IEnumerable<object[]> FormatsAndDisks => Written.Keys.SelectMany(_ => SampleDisks.Names.Where(name => name != "terabytes"), (format, disk) => new object[] { format, disk });

    [TestMethod]
    [TestCategory("Rig")]
    [DynamicData(nameof(VariantNames))]
    public async Task What_QEMU_has_written_is_read_as_QEMU_reads_it(string name)
    {
        Rig.Require("qemu-img", "qemu-io");
        using var folder = new TemporaryFolder();
        var (_, kind, qemuName, options) = Variants.Single(variant => variant.Name == name);
        await DiskWriter.WriteAsync(SampleDisks.Mixed(5, mebibytes: 19), new RawFormat(), folder["origin"], new DiskWriteOptions(), CancellationToken.None);
        await Tool.RunAsync("qemu-img", ["convert", "-f", "raw", "-O", qemuName, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), folder["origin"], folder["disk"]]);
        await AssertReadAsync(folder, kind, qemuName);
        if (name == "vmdk stream") return;

        // Some places are written again, and some made zero.
        var random = new Random(name.Length);
        var commands = Enumerable.Range(0, 12).SelectMany(number => (string[])["-c", $"write {(number % 4 == 3 ? "-z" : $"-P {number + 1}")} {random.Next(17 << 11) * 512} {random.Next(1, 400) * 512}"]).ToArray();
        await Tool.RunAsync("qemu-io", ["-f", qemuName, .. commands, folder["disk"]]);
        await AssertReadAsync(folder, kind, qemuName);
    }

    [TestMethod]
    [DynamicData(nameof(FormatsAndDisks))]
    public async Task What_was_written_is_read_with_its_holes(string format, string disk)
    {
        using var folder = new TemporaryFolder();
        var image = SampleDisks.Create(disk);
        await DiskWriter.WriteAsync(image, Written[format](), folder["disk"], new DiskWriteOptions(), CancellationToken.None);
        // A raw disk of one sector may hold anything.
        using var read = DiskImage.Open(folder["disk"], format == "raw" ? DiskFileKind.Raw : null);
        Assert.IsTrue(read.Disk.Length >= image.Length && read.Disk.Length - image.Length <= 1 << 20, $"{read.Disk.Length} for {image.Length}");
        AssertSame(image, read.Disk);
        // Less than a block of the host's file system is no hole.
        if (image.Length < 4096) return;
        foreach (var range in read.Disk.DataRanges())
        {
            var start = Alignment.RoundDown(range.Offset, DiskChunk.Size);
            Assert.IsLessThan(range.End, image.NextData(Math.Min(start, image.Length)), $"a hole is data at {range.Offset}");
        }
    }

    [TestMethod]
    public async Task A_disk_is_read_at_any_place_by_several_threads()
    {
        using var folder = new TemporaryFolder();
        var image = SampleDisks.Mixed(6, mebibytes: 9);
        var expected = new byte[image.Length];
        image.Read(0, expected);
        foreach (var (name, format) in Written)
        {
            await DiskWriter.WriteAsync(image, format(), folder["disk"], new DiskWriteOptions(), CancellationToken.None);
            using var read = DiskImage.Open(folder["disk"]);
            Parallel.For(0, 60, number =>
            {
                var random = new Random(number);
                var part = new byte[random.Next(1, 300_000)];
                var offset = random.NextInt64(image.Length - part.Length);
                read.Disk.Read(offset, part);
                Assert.IsTrue(part.AsSpan().SequenceEqual(expected.AsSpan((int)offset, part.Length)), $"{name} at {offset}");
            });
        }
    }

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow("-f qcow2 -b origin.qcow2 -F qcow2", "backing file")]
    [DataRow("-f qcow2 -o data_file=data.raw", "data is in another file")]
    [DataRow("-f qcow2 -o extended_l2=on", "extended L2 entries")]
    [DataRow("-f qcow2 --object secret,id=key,data=abc -o encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10", "encrypted")]
    [DataRow("-f vmdk -o subformat=twoGbMaxExtentSparse", "in other files")]
    [DataRow("-f vmdk -o subformat=monolithicFlat", "in other files")]
    [DataRow("-f qed", "QED")]
    public async Task What_is_not_read_is_refused_with_what_to_do(string options, string reason)
    {
        Rig.Require("qemu-img", "sh");
        using var folder = new TemporaryFolder();
        await Tool.RunAsync("sh", "-c", $"cd {folder.Path} && qemu-img create -q -f qcow2 origin.qcow2 8M && qemu-img create -q {options} disk 8M");
        var error = Assert.ThrowsExactly<ImagingException>(() => DiskImage.Open(folder["disk"]));
        StringAssert.Contains(error.Message, reason);
        StringAssert.Contains(error.Message, folder["disk"]);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("a line of a checksum file\n")]
    [DataRow("\x1f\x8b\x08")]
    public void What_is_no_disk_is_refused(string start)
    {
        using var folder = new TemporaryFolder();
        var content = new byte[start.Length == 0 ? 0 : 1024];
        if (start.Length > 5) content.AsSpan().Fill((byte)'x');
        for (var index = 0; index < start.Length; index++) content[index] = (byte)start[index];
        folder.Write("disk", content);
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => DiskImage.Open(folder["disk"])).Message, folder["disk"]);
    }

    [TestMethod]
    public async Task A_VHDX_that_was_not_closed_is_refused()
    {
        using var folder = new TemporaryFolder();
        await DiskWriter.WriteAsync(SampleDisks.Mixed(7, mebibytes: 2), new VhdxFormat(SampleDisks.Identity), folder["disk"], new DiskWriteOptions(), CancellationToken.None);
        var bytes = await File.ReadAllBytesAsync(folder["disk"]);
        foreach (var start in (int[])[1 << 16, 2 << 16])
        {
            var header = bytes.AsSpan(start, 4096);
            header[48] = 1;
            header.Slice(4, sizeof(uint)).Clear();
            VhdxHeaders.SetChecksum(header, 4);
        }
        await File.WriteAllBytesAsync(folder["disk"], bytes);
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => DiskImage.Open(folder["disk"])).Message, "qemu-img check -r all");
    }

    [TestMethod]
    [DataRow("qcow2 none")]
    [DataRow("vhd dynamic")]
    [DataRow("vhdx")]
    [DataRow("vmdk")]
    [DataRow("ova")]
    public async Task A_file_that_is_cut_short_is_told_as_such(string format)
    {
        using var folder = new TemporaryFolder();
        await DiskWriter.WriteAsync(SampleDisks.Create("noise"), Written[format](), folder["disk"], new DiskWriteOptions(), CancellationToken.None);
        await using (var file = File.OpenWrite(folder["disk"])) file.SetLength(file.Length / 2);
        var error = await Assert.ThrowsExactlyAsync<ImagingException>(async () =>
        {
            using var read = DiskImage.Open(folder["disk"]);
            await DiskWriter.WriteAsync(read.Disk, new RawFormat(), folder["copy"], new DiskWriteOptions(), CancellationToken.None);
        });
        StringAssert.Contains(error.Message, "cut short");
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void A_file_that_is_not_there_is_an_error()
    {
        using var folder = new TemporaryFolder();
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => DiskImage.Open(folder["absent"])).Message, folder["absent"]);
    }

    private static async Task AssertReadAsync(TemporaryFolder folder, DiskFileKind kind, string qemuName)
    {
        await Tool.RunAsync("qemu-img", "convert", "-f", qemuName, "-O", "raw", folder["disk"], folder["expected"]);
        // The sample begins with text, which is taken for no disk.
        using var read = DiskImage.Open(folder["disk"], kind == DiskFileKind.Raw ? kind : null);
        Assert.AreEqual(kind, read.Kind);
        await DiskWriter.WriteAsync(read.Disk, new RawFormat(), folder["read"], new DiskWriteOptions(), CancellationToken.None);
        BytesAssert.AreEqual(await File.ReadAllBytesAsync(folder["expected"]), await File.ReadAllBytesAsync(folder["read"]), "disk");
    }

    private static void AssertSame(SparseImage expected, SparseImage actual)
    {
        byte[] one = new byte[DiskChunk.Size], other = new byte[DiskChunk.Size];
        foreach (var offset in DiskChunk.Offsets(expected).Concat(DiskChunk.Offsets(actual)).Distinct())
        {
            if (offset < expected.Length) expected.Read(offset, one.AsSpan(0, (int)Math.Min(one.Length, expected.Length - offset)));
            actual.Read(offset, other.AsSpan(0, (int)Math.Min(other.Length, actual.Length - offset)));
            BytesAssert.AreEqual(one, other, $"chunk {offset}");
            Array.Clear(one);
            Array.Clear(other);
        }
    }
}
