using Packer.Imaging;
using Packer.Tests.Imaging;
using Packer.Tests.Tasks;

namespace Packer.Tests.PostProcessors;

/// <summary>The post-processor within a build.</summary>
[TestClass]
public sealed class ConvertTests
{
    private const string Image = """<PackerImage Include="web" Builder="file" Source="disk.qcow2" TargetFile="web.qcow2" />""";

    [TestMethod]
    public async Task A_disk_becomes_all_formats_and_goes_when_they_are_whole()
    {
        using var project = await CreateAsync($"{Image}\n<PackerPostProcessor Include=\"convert\" Formats=\"vhdx;vmdk;raw\" />");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("web.raw web.vhdx web.vmdk", Files(project));
        AssertHoldsDisk(Output(project, "web.raw"));
        AssertHoldsDisk(Output(project, "web.vhdx"));
        AssertHoldsDisk(Output(project, "web.vmdk"));
    }

    [TestMethod]
    public async Task The_name_is_filled_in_and_the_disk_kept_where_asked_for()
    {
        using var project = await CreateAsync($"{Image}\n<PackerPostProcessor Include=\"convert\" Format=\"qcow2\" Qcow2Compression=\"zstd\" OutputFile=\"small/{{{{.BuildName}}}}-{{{{.SourceName}}}}-{{{{.Format}}}}.{{{{.Extension}}}}\" KeepInputArtifact=\"true\" />");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("small/web-web-qcow2.qcow2 web.qcow2", Files(project));
        AssertHoldsDisk(Output(project, "small/web-web-qcow2.qcow2"));
    }

    [TestMethod]
    public async Task A_disk_is_never_written_over_itself()
    {
        using var project = await CreateAsync($"{Image}\n<PackerPostProcessor Include=\"convert\" Formats=\"qcow2\" />");
        await AssertKeptAsync(project, "PKR0510", "OutputFile");
    }

    [TestMethod]
    public async Task A_file_that_is_no_disk_is_named_and_the_image_kept()
    {
        using var project = await CreateAsync("""<PackerImage Include="web" Builder="file" Content="hello" TargetFile="web.qcow2" />""" + "\n<PackerPostProcessor Include=\"convert\" Formats=\"raw\" />");
        await AssertKeptAsync(project, "PKR0511", "'web.qcow2'");
    }

    [TestMethod]
    public async Task A_damaged_disk_leaves_the_image_and_no_half_of_a_file()
    {
        using var project = await CreateAsync($"{Image}\n<PackerPostProcessor Include=\"convert\" Formats=\"raw;vhdx\" />");
        var path = Path.Combine(project.Folder, "disk.qcow2");
        var bytes = await File.ReadAllBytesAsync(path);
        bytes.AsSpan(1 << 16, 1 << 18).Fill(0xFF);
        await File.WriteAllBytesAsync(path, bytes);
        await AssertKeptAsync(project, "PKR0510", "expanded");
    }

    [TestMethod]
    public async Task The_image_is_kept_where_it_has_files_that_are_not_converted()
    {
        using var project = await CreateAsync($"{Image}\n<PackerPostProcessor Include=\"checksum\" />\n<PackerPostProcessor Include=\"convert\" Formats=\"raw\" Disks=\"*.qcow2\" />");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("packer_web_file_md5.checksum web.qcow2 web.raw", Files(project));
    }

    [TestMethod]
    public async Task A_setting_of_the_conversion_makes_no_image_anew()
    {
        using var project = await CreateAsync($"{Image}\n<PackerPostProcessor Include=\"convert\" Formats=\"raw\" KeepInputArtifact=\"true\" />");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.IsEmpty(PlanStale(project));
        File.Delete(Output(project, "web.raw"));
        Assert.AreEqual("web", PlanStale(project));
        var built = File.GetLastWriteTimeUtc(Output(project, "web.qcow2"));
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("web.qcow2 web.raw", Files(project));
        Assert.AreEqual(built, File.GetLastWriteTimeUtc(Output(project, "web.qcow2")));
    }

    [TestMethod]
    public async Task One_name_for_several_formats_is_refused_before_anything_runs()
    {
        using var project = await CreateAsync($"{Image}\n<PackerPostProcessor Include=\"convert\" Formats=\"raw;vhdx\" OutputFile=\"disk\" />");
        Assert.IsFalse(project.Build());
        StringAssert.Contains(project.Engine.Diagnostics.Single(), "Extension");
        Assert.IsFalse(Directory.Exists(project.OutputDirectory));
    }

    private static async Task<TaskProject> CreateAsync(string body)
    {
        var project = new TaskProject(body);
        await DiskWriter.WriteAsync(Disk(), new Qcow2Format(Qcow2Compression.Zlib), Path.Combine(project.Folder, "disk.qcow2"), new DiskWriteOptions(), CancellationToken.None);
        return project;
    }

    private static SparseImage Disk() => SampleDisks.Mixed(11, mebibytes: 5);

    private static string Output(TaskProject project, string name) => Path.Combine(project.OutputDirectory, "web", name);

    private static string Files(TaskProject project) => string.Join(' ', Directory.EnumerateFiles(Output(project, ""), "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Output(project, ""), file).Replace('\\', '/')).Order(StringComparer.Ordinal));

    private static string PlanStale(TaskProject project)
    {
        var plan = project.Plan();
        Assert.IsTrue(plan.Execute());
        return string.Join(' ', plan.StaleImages.Select(image => image.ItemSpec));
    }

    private static async Task AssertKeptAsync(TaskProject project, string code, string reason)
    {
        Assert.IsFalse(project.Build());
        var error = project.Engine.Diagnostics.Single();
        StringAssert.Contains(error, code);
        StringAssert.Contains(error, reason);
        Assert.AreEqual("web.qcow2", Files(project));
        var source = Path.Combine(project.Folder, "disk.qcow2");
        if (!error.Contains("PKR0511", StringComparison.Ordinal)) BytesAssert.AreEqual(await File.ReadAllBytesAsync(source), await File.ReadAllBytesAsync(Output(project, "web.qcow2")));
    }

    private static void AssertHoldsDisk(string path)
    {
        var disk = Disk();
        // The sample begins with text, which is taken for no disk.
        using var read = DiskImage.Open(path, path.EndsWith(".raw", StringComparison.Ordinal) ? DiskFileKind.Raw : null);
        byte[] expected = new byte[disk.Length], actual = new byte[disk.Length];
        disk.Read(0, expected);
        read.Disk.Read(0, actual);
        BytesAssert.AreEqual(expected, actual, path);
    }
}
