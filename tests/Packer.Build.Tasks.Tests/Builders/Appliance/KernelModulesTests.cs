using Packer.Builders.Appliance;
using Packer.Imaging;
using Packer.Tests.Debian;

namespace Packer.Tests.Builders.Appliance;

[TestClass]
public sealed class KernelModulesTests
{
    private const string Folder = "/usr/lib/modules/6.1/kernel";

    [TestMethod]
    public void The_closure_follows_the_dependencies_whatever_their_spelling()
    {
        var kernel = Kernel(("net/virtio-net.ko", ["depends=net_failover"]), ("net/net-failover.ko", ["depends=failover"]), ("core/failover.ko", ["depends="]), ("other.ko", ["depends="]));

        var modules = KernelModules.Read(kernel, ["virtio_net"]);

        CollectionAssert.AreEqual((string[])["failover", "net_failover", "virtio_net"], modules.Modules.Select(module => module.Name).ToArray());
        Assert.AreEqual("6.1", modules.Version);
    }

    [TestMethod]
    public void The_index_names_what_to_load_first_last()
    {
        var kernel = Kernel(("a.ko", ["depends=b,c"]), ("b.ko", ["depends=d"]), ("c.ko", ["depends=d"]), ("d.ko", ["depends="]));

        var lines = KernelModules.Read(kernel, ["a"]).DependencyIndex().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.HasCount(4, lines);
        StringAssert.StartsWith(lines[0], "kernel/a.ko: kernel/");
        StringAssert.EndsWith(lines[0], " kernel/d.ko");
        Assert.AreEqual("kernel/b.ko: kernel/d.ko", lines[1]);
        Assert.AreEqual("kernel/d.ko:", lines[3]);
    }

    [TestMethod]
    public void Modules_that_depend_on_each_other_end()
    {
        var modules = KernelModules.Read(Kernel(("a.ko", ["depends=b"]), ("b.ko", ["depends=a"])), ["a"]);

        Assert.AreEqual("kernel/a.ko: kernel/b.ko\nkernel/b.ko: kernel/a.ko\n", modules.DependencyIndex());
    }

    [TestMethod]
    public void Aliases_name_the_module_by_its_underscores()
    {
        var modules = KernelModules.Read(Kernel(("xen-blkfront.ko", ["license=GPL", "alias=xen:vbd", "alias=xenblk", "depends="])), ["xen_blkfront"]);

        Assert.AreEqual("alias xen:vbd xen_blkfront\nalias xenblk xen_blkfront\n", modules.AliasIndex());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(".xz")]
    [DataRow(".zst")]
    [DataRow(".gz")]
    public void Packed_modules_are_expanded(string extension)
    {
        var module = ElfBuilder.Module("depends=");
        var kernel = new FileTree(0);
        kernel.AddFile($"{Folder}/drivers/virtio_blk.ko{extension}", new BytesSource(PackageBuilder.Pack(module, extension)), default);

        var tree = new FileTree(0);
        KernelModules.Read(kernel, ["virtio_blk"]).AddTo(tree, "", default);

        CollectionAssert.AreEqual(module, tree.Get("/lib/modules/6.1/kernel/drivers/virtio_blk.ko").Data.ReadAll());
        Assert.IsNotNull(tree.Find("/lib/modules/6.1/modules.dep"));
        Assert.IsNotNull(tree.Find("/lib/modules/6.1/modules.alias"));
    }

    [TestMethod]
    public void What_is_built_in_needs_no_module()
    {
        var kernel = Kernel(("a.ko", ["depends=nvme"]));
        kernel.AddFile("/usr/lib/modules/6.1/modules.builtin", "kernel/fs/ext4/ext4.ko\nkernel/nvme.ko\n", default);

        Assert.HasCount(1, KernelModules.Read(kernel, ["a", "ext4"]).Modules);
    }

    [TestMethod]
    public void A_missing_module_is_an_error_with_its_name()
    {
        var error = Assert.ThrowsExactly<PackerException>(() => KernelModules.Read(Kernel(("a.ko", ["depends=missing"])), ["a"]));

        StringAssert.Contains(error.Message, "'missing'");
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(63)]
    [DataRow(70)]
    [DataRow(150)]
    public void A_module_that_is_cut_short_is_an_error(int length)
    {
        Assert.ThrowsExactly<ImagingException>(() => KernelModule.Read("a", "a.ko", ElfBuilder.Module("depends=")[..length]));
    }

    [TestMethod]
    public void Every_byte_of_a_module_may_be_wrong()
    {
        var module = ElfBuilder.Module("depends=b", "alias=c");
        for (var index = 0; index < module.Length; index++)
        {
            foreach (var value in (byte[])[0, 0x7F, 0x80, 0xFF])
            {
                var damaged = (byte[])module.Clone();
                damaged[index] = value;
                try
                {
                    KernelModule.Read("a", "a.ko", damaged);
                }
                catch (ImagingException)
                {
                    // What it is for: no other exception may come.
                }
            }
        }
    }

    private static FileTree Kernel(params (string Path, string[] Information)[] modules)
    {
        var tree = new FileTree(0);
        foreach (var (path, information) in modules) tree.AddFile($"{Folder}/{path}", new BytesSource(ElfBuilder.Module(information)), default);
        return tree;
    }
}
