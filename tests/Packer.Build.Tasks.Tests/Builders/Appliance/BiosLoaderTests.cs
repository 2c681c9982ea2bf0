using System.Buffers.Binary;
using System.Text;
using Packer.Builders.Appliance;
using Packer.Imaging;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

[TestClass]
public sealed class BiosLoaderTests
{
    [TestMethod]
    public void The_loader_is_told_where_the_files_lie()
    {
        var loader = BiosLoader.Create((1 << 20, 12_345_678), (20L << 20, 999), "root=PARTUUID=x quiet");

        Assert.HasCount(4096, loader);
        Assert.AreEqual("PKRBIOS1", Encoding.ASCII.GetString(loader, 8, 8));
        Assert.AreEqual(2048, BinaryPrimitives.ReadInt64LittleEndian(loader.AsSpan(16)));
        Assert.AreEqual(12_345_678u, BinaryPrimitives.ReadUInt32LittleEndian(loader.AsSpan(24)));
        Assert.AreEqual(999u, BinaryPrimitives.ReadUInt32LittleEndian(loader.AsSpan(28)));
        Assert.AreEqual(40960, BinaryPrimitives.ReadInt64LittleEndian(loader.AsSpan(32)));
        Assert.AreEqual("root=PARTUUID=x quiet\0", Encoding.ASCII.GetString(loader, 64, 22));
    }

    [TestMethod]
    public void Parameters_that_do_not_fit_are_refused()
    {
        BiosLoader.Create((0, 1), (0, 1), new string('a', BiosLoader.MaximumCommandLine));
        var error = Assert.ThrowsExactly<ImagingException>(() => BiosLoader.Create((0, 1), (0, 1), new string('a', BiosLoader.MaximumCommandLine + 1)));
        Assert.Contains("KernelArguments", error.Message);
    }

    [TestMethod]
    public void The_boot_sector_leaves_the_partition_records_alone() => Assert.IsLessThanOrEqualTo(GuidPartitionTable.MaximumBootCodeLength, BiosLoader.BootSector.Length);

    [TestMethod]
    [TestCategory("Rig")]
    public async Task The_committed_bytes_are_those_of_the_source()
    {
        Rig.Require("as", "ld");
        var source = RepositoryFiles.FullPath("src", "Packer.Build.Tasks", "Builders", "Appliance", "Bios");
        using var folder = new TemporaryFolder();
        await Tool.RunAsync("sh", Path.Combine(source, "build.sh"), folder.Path);
        foreach (var name in new[] { "boot-sector.bin", "loader.bin" })
            CollectionAssert.AreEqual(await File.ReadAllBytesAsync(Path.Combine(source, name)), await File.ReadAllBytesAsync(folder[name]), name);
    }
}
