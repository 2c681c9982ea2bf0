using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed class PartitionTableTests
{
    private const long MiB = 1 << 20;

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow(64 * MiB)]
    [DataRow((80 * MiB) + 512)]
    [DataRow(3L << 40)]
    public async Task Sgdisk_verifies_the_table(long size)
    {
        Rig.Require("sgdisk");
        using var folder = new TemporaryFolder();
        var disk = new SparseImage(size);
        GuidPartitionTable.AddTo(disk, DeterministicGuid.Create("disk"), Partitions(), new byte[440]);
        await Samples.WriteAsync(disk, folder["disk"]);
        var output = await Tool.RunAsync("sgdisk", "-v", folder["disk"]);
        StringAssert.Contains(output, "No problems found");
        var info = await Tool.RunAsync("sgdisk", "-i", "2", folder["disk"]);
        StringAssert.Contains(info, "C12A7328-F81F-11D2-BA4B-00A0C93EC93B (EFI system partition)");
        StringAssert.Contains(info, DeterministicGuid.Create("esp").ToString().ToUpperInvariant());
        StringAssert.Contains(info, "First sector: 2048");
        StringAssert.Contains(info, "Last sector: 77823");
        StringAssert.Contains(info, "Partition name: 'esp'");
        StringAssert.Contains(await Tool.RunAsync("sgdisk", "-p", folder["disk"]), DeterministicGuid.Create("disk").ToString().ToUpperInvariant());
    }

    [TestMethod]
    public void Misplaced_partitions_are_errors()
    {
        var esp = Partitions()[1];
        Check([esp with { Offset = 513 }], "multiples of 512");
        Check([esp with { Length = 0 }], "length not 0");
        Check([esp with { Offset = 0 }], "can be used");
        Check([esp with { Length = 63 * MiB }], "can be used");
        Check([esp with { Name = new string('x', 37) }], "36 is the most");
        Check([esp with { Id = Guid.Empty }], "empty type or id");
        Check([esp, esp with { Offset = 40 * MiB, Length = MiB }], "the same id");
        Check([esp with { Id = Guid.NewGuid(), Offset = 37 * MiB, Length = MiB, Name = "late" }, esp], "'esp' ends at");
        Assert.ThrowsExactly<ImagingException>(() => GuidPartitionTable.AddTo(new SparseImage(MiB), Guid.NewGuid(), [], new byte[441]));
        Assert.ThrowsExactly<ImagingException>(() => GuidPartitionTable.AddTo(new SparseImage(MiB + 1), Guid.NewGuid(), []));

        static void Check(Partition[] partitions, string message) =>
            StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => GuidPartitionTable.AddTo(new SparseImage(64 * MiB), Guid.NewGuid(), partitions)).Message, message);
    }

    [TestMethod]
    public void Boot_code_stays_beside_the_protective_record()
    {
        var disk = new SparseImage(64 * MiB);
        var code = Samples.Bytes(440);
        GuidPartitionTable.AddTo(disk, Guid.NewGuid(), [], code);
        var sector = new byte[512];
        disk.Read(0, sector);
        CollectionAssert.AreEqual(code, sector[..440]);
        Assert.AreEqual(0xEE, sector[450]);
        Assert.AreEqual(0x55, sector[510]);
    }

    [TestMethod]
    public void A_deterministic_guid_is_a_version_8_guid()
    {
        var guid = DeterministicGuid.Create("name");
        Assert.AreEqual(guid, DeterministicGuid.Create("name"));
        Assert.AreNotEqual(guid, DeterministicGuid.Create("other"));
        Assert.AreEqual(8, guid.Version);
        Assert.AreEqual(2, guid.Variant >> 2);
    }

    private static Partition[] Partitions() =>
    [
        new(PartitionTypes.BiosBoot, DeterministicGuid.Create("bios"), "bios", GuidPartitionTable.FirstUsableOffset, MiB - GuidPartitionTable.FirstUsableOffset),
        new(PartitionTypes.EfiSystem, DeterministicGuid.Create("esp"), "esp", MiB, 37 * MiB),
        new(PartitionTypes.LinuxRootX64, DeterministicGuid.Create("root"), "root", 40 * MiB, 20 * MiB, 1UL << 59),
    ];
}
