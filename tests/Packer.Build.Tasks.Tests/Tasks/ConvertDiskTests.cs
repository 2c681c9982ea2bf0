using Packer.Imaging;
using Packer.Tasks;
using Packer.Tests.Imaging;
using TaskItem = Microsoft.Build.Utilities.TaskItem;

namespace Packer.Tests.Tasks;

/// <summary>The task that a target of a project calls.</summary>
[TestClass]
public sealed class ConvertDiskTests
{
    private static readonly string[] Forms = ["raw", "qcow2 none", "qcow2 zlib", "qcow2 zstd", "vhd fixed", "vhd dynamic", "vhdx", "vmdk", "ova"];

    public static IEnumerable<object[]> FormNames => Forms.Select(form => new object[] { form });

    [TestMethod]
    [TestCategory("Rig")]
    [DynamicData(nameof(FormNames))]
    public async Task From_one_format_to_each(string from)
    {
        Rig.Require("qemu-img", "tar");
        using var folder = new TemporaryFolder();
        DiskOutput[] sources = [new(new RawFormat(), folder["origin"]), new(Create(from), folder["source"])];
        await DiskWriter.WriteAsync(SampleDisks.Mixed(21, mebibytes: 9), sources, new DiskWriteOptions(), CancellationToken.None);
        foreach (var to in Forms)
        {
            var path = folder[$"{to.Replace(' ', '-')}.disk"];
            var task = Make(folder["source"], path, out var engine);
            var (format, variant) = Split(to);
            task.Format = format;
            if (format == "qcow2") task.Qcow2Compression = variant;
            if (format == "vhd") task.VhdType = variant;
            if (from == "raw") task.SourceFormat = "raw";
            Assert.IsTrue(task.Execute(), string.Join('\n', engine.Diagnostics));
            await AssertSameAsync(folder, path, format);
        }
    }

    [TestMethod]
    public async Task The_extension_says_the_format_and_what_was_there_is_replaced()
    {
        using var folder = new TemporaryFolder();
        await DiskWriter.WriteAsync(SampleDisks.Mixed(22, mebibytes: 3), new Qcow2Format(Qcow2Compression.None), folder["source"], new DiskWriteOptions(), CancellationToken.None);
        folder.Write("new/disk.vhdx", "old");
        // What a conversion left that was killed.
        folder.Write("new/disk.vhdx.0123.tmp", "half");
        Assert.IsTrue(Make(folder["source"], folder["new/disk.vhdx"], out var engine).Execute(), string.Join('\n', engine.Diagnostics));
        using var image = DiskImage.Open(folder["new/disk.vhdx"]);
        Assert.AreEqual(DiskFileKind.Vhdx, image.Kind);
        Assert.HasCount(1, Directory.GetFiles(folder["new"]));
    }

    [TestMethod]
    [DataRow("disk", "", "", "PKR0011")]
    [DataRow("disk.qcow2", "qcow3", "", "PKR0011")]
    [DataRow("disk.qcow2", "", "lz4", "PKR0011")]
    [DataRow("source", "raw", "", "PKR0011")]
    public void A_wrong_parameter_is_an_error(string destination, string format, string compression, string code)
    {
        using var folder = new TemporaryFolder();
        folder.Write("source", new byte[1024]);
        var task = Make(folder["source"], folder[destination], out var engine);
        task.Format = format;
        if (compression.Length > 0) task.Qcow2Compression = compression;
        Assert.IsFalse(task.Execute());
        StringAssert.Contains(engine.Diagnostics.Single(), code);
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void A_source_that_cannot_be_read_leaves_what_was_there()
    {
        using var folder = new TemporaryFolder();
        folder.Write("disk.vhdx", "old");
        Assert.IsFalse(Make(folder["absent"], folder["disk.vhdx"], out var engine).Execute());
        StringAssert.Contains(engine.Diagnostics.Single(), "PKR0510");
        Assert.AreEqual("old", File.ReadAllText(folder["disk.vhdx"]));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public async Task A_conversion_that_is_cancelled_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        await DiskWriter.WriteAsync(SampleDisks.Mixed(23, mebibytes: 700), new RawFormat(), folder["source.raw"], new DiskWriteOptions(), CancellationToken.None);
        Directory.CreateDirectory(folder["new"]);
        var task = Make(folder["source.raw"], folder["new/disk.qcow2"], out _);
        task.SourceFormat = "raw";
        var work = Task.Run(task.Execute);
        SpinWait.SpinUntil(() => work.IsCompleted || Directory.EnumerateFiles(folder["new"]).Any(file => new FileInfo(file).Length > 0), TimeSpan.FromSeconds(60));
        task.Cancel();
        Assert.IsFalse(await work);
        Assert.IsEmpty(Directory.GetFiles(folder["new"]));
    }

    private static ConvertDisk Make(string source, string destination, out FakeBuildEngine engine)
    {
        engine = new FakeBuildEngine(Path.Combine(Path.GetDirectoryName(source)!, "app.proj"));
        return new ConvertDisk { BuildEngine = engine, Source = new TaskItem(source), Destination = new TaskItem(destination) };
    }

    private static async Task AssertSameAsync(TemporaryFolder folder, string path, string format)
    {
        var (disk, qemuName) = (path, format == "vhd" ? "vpc" : format);
        if (format == "ova")
        {
            var unpacked = Directory.CreateDirectory(folder["unpacked"]).FullName;
            await Tool.RunAsync("tar", "xf", path, "-C", unpacked);
            (disk, qemuName) = (Directory.GetFiles(unpacked, "*.vmdk").Single(), "vmdk");
        }
        if (qemuName is "qcow2" or "vmdk" or "vhdx") StringAssert.Contains(await Tool.RunAsync("qemu-img", "check", "-f", qemuName, disk), "No errors were found on the image.");
        StringAssert.Contains(await Tool.RunAsync("qemu-img", "compare", "-f", "raw", "-F", qemuName, folder["origin"], disk), "Images are identical.");
    }

    private static IDiskFormat Create(string form)
    {
        var (format, variant) = Split(form);
        return DiskFormats.Create(format, variant, variant, SampleDisks.Identity);
    }

    private static (string Format, string Variant) Split(string form) => form.Split(' ') is [var format, var variant] ? (format, variant) : (form, "");
}
