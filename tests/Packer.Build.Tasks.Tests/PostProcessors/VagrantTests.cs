using System.IO.Compression;
using System.Text.Json.Nodes;
using Packer.Imaging;
using Packer.Tasks;
using Packer.Tests.Imaging;
using Packer.Tests.Tasks;
using TaskItem = Microsoft.Build.Utilities.TaskItem;

namespace Packer.Tests.PostProcessors;

[TestClass]
public sealed class VagrantTests
{
    private const string Image = """<PackerImage Include="web" Builder="file" Source="disk.qcow2" TargetFile="web.qcow2" />""";

    [TestMethod]
    public async Task A_box_holds_the_disk_metadata_and_Vagrantfile()
    {
        using var project = await CreateAsync(Image, """ProviderOverride="libvirt" Architecture="amd64" IncludeFiles="notes.txt" VagrantfileTemplate="more.rb" """);
        var disk = await File.ReadAllBytesAsync(Path.Combine(project.Folder, "disk.qcow2"));
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        var box = Path.Combine(project.OutputDirectory, "web", "packer_web_libvirt_amd64.box");
        Assert.HasCount(1, Directory.GetFiles(Path.GetDirectoryName(box)!));

        var members = Members(box, compressed: true);
        CollectionAssert.AreEqual((string[])["metadata.json", "Vagrantfile", "box.img", "notes.txt"], members.Select(member => member.Name).ToArray());
        var metadata = JsonNode.Parse(members[0].Content)!;
        Assert.AreEqual("""{"provider":"libvirt","architecture":"amd64","format":"qcow2","virtual_size":1}""", metadata.ToJsonString());
        var vagrantfile = System.Text.Encoding.UTF8.GetString(members[1].Content);
        StringAssert.Contains(vagrantfile, "libvirt.driver = \"kvm\"");
        StringAssert.EndsWith(vagrantfile, "# more\n");
        BytesAssert.AreEqual(disk, members[2].Content);
        Assert.AreEqual("notes", System.Text.Encoding.UTF8.GetString(members[3].Content));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(9)]
    public async Task Several_disks_of_any_format_are_qcow2_in_the_box(int level)
    {
        using var folder = new TemporaryFolder();
        DiskOutput[] disks = [new(new VhdxFormat(SampleDisks.Identity), folder["one.vhdx"]), new(new Qcow2Format(Qcow2Compression.Zstd), folder["two"])];
        await DiskWriter.WriteAsync(Disk(), disks, new DiskWriteOptions(), CancellationToken.None);
        var engine = new FakeBuildEngine(folder["app.proj"]);
        var task = new PackVagrantBox
        {
            BuildEngine = engine,
            Disks = [new TaskItem(folder["one.vhdx"]), new TaskItem(folder["two"])],
            Destination = new TaskItem(folder["new/base.box"]),
            CompressionLevel = level,
        };
        Assert.IsTrue(task.Execute(), string.Join('\n', engine.Diagnostics));
        Assert.HasCount(1, Directory.GetFiles(folder["new"]));
        var members = Members(folder["new/base.box"], level > 0);
        CollectionAssert.AreEqual((string[])["metadata.json", "Vagrantfile", "box_0.img", "box_1.img"], members.Select(member => member.Name).ToArray());
        Assert.AreEqual("""[{"path":"box_0.img","format":"qcow2"},{"path":"box_1.img","format":"qcow2"}]""", JsonNode.Parse(members[0].Content)!["disks"]!.ToJsonString());
        var image = Disk();
        var expected = new byte[image.Length];
        image.Read(0, expected);
        foreach (var member in members.Skip(2))
        {
            using var read = DiskImage.Open(folder.Write(member.Name, member.Content));
            Assert.AreEqual(DiskFileKind.Qcow2, read.Kind);
            var actual = new byte[expected.Length];
            read.Disk.Read(0, actual);
            BytesAssert.AreEqual(expected, actual);
        }
    }

    [TestMethod]
    [DataRow("", "PKR0512", "ProviderOverride")]
    [DataRow("""ProviderOverride="libvirt" VagrantfileTemplateGenerated="absent.rb" """, "PKR0512", "absent.rb")]
    [DataRow("""ProviderOverride="libvirt" OutputFile="web.qcow2" """, "PKR0512", "OutputFile")]
    [DataRow("""ProviderOverride="libvirt" Disks="*.vhd" """, "PKR0511", "*.vhd")]
    [DataRow("""ProviderOverride="libvirt" IncludeFiles="notes.txt;other/notes.txt" """, "PKR0512", "notes.txt")]
    public async Task What_cannot_be_boxed_is_an_error_and_the_image_kept(string keys, string code, string reason)
    {
        using var project = await CreateAsync(Image, keys);
        Assert.IsFalse(project.Build());
        var error = project.Engine.Diagnostics.Single();
        StringAssert.Contains(error, code);
        StringAssert.Contains(error, reason);
        Assert.AreEqual("web.qcow2", string.Join(' ', Directory.GetFiles(Path.Combine(project.OutputDirectory, "web")).Select(Path.GetFileName)));
    }

    [TestMethod]
    [DataRow("""VagrantfileTemplateGenerated="true" """)]
    [DataRow("""VagrantfileTemplate="more.rb" VagrantfileTemplateGenerated="made.rb" """)]
    [DataRow("""CompressionLevel="10" """)]
    [DataRow("""ProviderOverride="virtualbox" """)]
    public async Task A_wrong_key_is_told_before_anything_runs(string keys)
    {
        using var project = await CreateAsync(Image, keys);
        Assert.IsFalse(project.Build());
        StringAssert.Contains(project.Engine.Diagnostics.Single(), "PKR0011");
        Assert.IsFalse(Directory.Exists(project.OutputDirectory));
    }

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow(6, 1)]
    [DataRow(0, 2)]
    public async Task Vagrant_adds_the_box(int level, int count)
    {
        Rig.Require("vagrant", "qemu-img");
        using var folder = new TemporaryFolder();
        var disks = Enumerable.Range(0, count).Select(number => folder[$"disk{number}.raw"]).ToArray();
        foreach (var disk in disks) await DiskWriter.WriteAsync(Boot(), new RawFormat(), disk, new DiskWriteOptions(), CancellationToken.None);
        var engine = new FakeBuildEngine(folder["app.proj"]);
        var task = new PackVagrantBox { BuildEngine = engine, Disks = [.. disks.Select(disk => new TaskItem(disk))], Destination = new TaskItem(folder["web.box"]), CompressionLevel = level };
        Assert.IsTrue(task.Execute(), string.Join('\n', engine.Diagnostics));

        var home = Directory.CreateDirectory(folder["home"]).FullName;
        var output = await Tool.RunAsync("env", $"VAGRANT_HOME={home}", "VAGRANT_CHECKPOINT_DISABLE=1", "vagrant", "box", "add", "--name", "x", folder["web.box"]);
        StringAssert.Contains(output, "Successfully added box 'x'");
        StringAssert.Contains(await Tool.RunAsync("env", $"VAGRANT_HOME={home}", "VAGRANT_CHECKPOINT_DISABLE=1", "vagrant", "box", "list"), "libvirt");
        foreach (var image in Directory.GetFiles(home, "box*.img", SearchOption.AllDirectories))
        {
            await Tool.RunAsync("qemu-img", "check", "-f", "qcow2", image);
            await Tool.RunAsync("qemu-img", "compare", "-f", "raw", "-F", "qcow2", disks[0], image);
        }
        Assert.HasCount(count, Directory.GetFiles(home, "box*.img", SearchOption.AllDirectories));
    }

    private static async Task<TaskProject> CreateAsync(string image, string keys)
    {
        var project = new TaskProject($"{image}\n<PackerPostProcessor Include=\"vagrant\" {keys} />");
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "notes.txt"), "notes");
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "more.rb"), "# more\n");
        Directory.CreateDirectory(Path.Combine(project.Folder, "other"));
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "other", "notes.txt"), "others");
        await DiskWriter.WriteAsync(Disk(), new Qcow2Format(Qcow2Compression.None), Path.Combine(project.Folder, "disk.qcow2"), new DiskWriteOptions(), CancellationToken.None);
        return project;
    }

    private static SparseImage Disk() => SampleDisks.Mixed(31, mebibytes: 4);

    /// <summary>A disk whose first sector is no text.</summary>
    private static SparseImage Boot()
    {
        var disk = new SparseImage(5 << 20);
        disk.Add(0, new byte[] { 0xEB, 0x63, 0x90 });
        disk.Add(1 << 20, Samples.Bytes(1 << 20));
        return disk;
    }

    private static List<(string Name, byte[] Content)> Members(string box, bool compressed)
    {
        using var file = File.OpenRead(box);
        using Stream stream = compressed ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new System.Formats.Tar.TarReader(stream);
        var members = new List<(string, byte[])>();
        while (reader.GetNextEntry() is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            members.Add((entry.Name, content.ToArray()));
        }
        return members;
    }
}
