using System.Buffers.Binary;
using System.Text;
using Packer.Builders.Appliance.Systemd;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance.Systemd;

/// <summary>The indexes of a kernel's modules.</summary>
[TestClass]
public sealed class ModuleIndexTests
{
    /// <summary>The example of kmod's own description of the format.</summary>
    [TestMethod]
    public void Keys_lead_to_their_values()
    {
        var tree = new IndexTree();
        foreach (var key in (string[])["ask", "ate", "on", "once", "one"]) tree.Add(key, "value of " + key, 1);
        tree.Add("one", "first", 0);

        var bytes = tree.ToBytes();

        Assert.AreEqual("B007F45700020001", Convert.ToHexString(bytes.AsSpan(0, 8)));
        CollectionAssert.AreEqual((string[])["value of on"], Find(bytes, "on"));
        CollectionAssert.AreEqual((string[])["first", "value of one"], Find(bytes, "one"));
        CollectionAssert.AreEqual((string[])["value of ask"], Find(bytes, "ask"));
        foreach (var absent in (string[])["", "o", "as", "asks", "onc", "oncem", "z"]) Assert.IsEmpty(Find(bytes, absent), absent);
        Assert.HasCount(12, new IndexTree().ToBytes());
    }

    [TestMethod]
    public void Drivers_are_found_by_their_devices_with_all_that_they_need()
    {
        using var folder = new TemporaryFolder();
        var kernel = TestPackages.Complete(folder.Path).All.Single(package => package.Name == "linux-image-6.12.0-test");

        var index = ModuleIndex.Create(kernel.TarPath, CancellationToken.None);

        const string Folder = $"/usr/lib/modules/{TestPackages.KernelVersion}/";
        CollectionAssert.AreEqual((string[])["kernel/net/virtio_net.ko: kernel/net/net_failover.ko"], Find(index[Folder + "modules.dep.bin"], "virtio_net"));
        CollectionAssert.AreEqual((string[])["virtio_blk"], Find(index[Folder + "modules.alias.bin"], "virtio:d00000002v*"));
        CollectionAssert.AreEqual((string[])[""], Find(index[Folder + "modules.builtin.bin"], "nvme"));
        StringAssert.Contains(Encoding.UTF8.GetString(index[Folder + "modules.dep"]), "kernel/net/virtio_net.ko: kernel/net/net_failover.ko\n");
    }

    /// <summary>Reads the index as kmod does (libkmod-index.c, index_mm_search).</summary>
    private static string[] Find(byte[] bytes, string key)
    {
        var offset = Number(8);
        for (var at = 0; ;)
        {
            var position = (int)(offset & 0x0FFFFFFF);
            if ((offset & 0x80000000) != 0)
            {
                var prefix = Text(ref position);
                if (!key.AsSpan(at).StartsWith(prefix, StringComparison.Ordinal)) return [];
                at += prefix.Length;
            }
            var (low, high, children) = ('\0', '\0', position);
            if ((offset & 0x20000000) != 0)
            {
                (low, high, children) = ((char)bytes[position], (char)bytes[position + 1], position + 2);
                position += 2 + ((high - low + 1) * 4);
            }
            if (at == key.Length)
            {
                if ((offset & 0x40000000) == 0) return [];
                var values = new string[Number(position)];
                position += 4;
                for (var index = 0; index < values.Length; index++)
                {
                    position += 4;
                    values[index] = Text(ref position);
                }
                return values;
            }
            if ((offset & 0x20000000) == 0 || key[at] < low || key[at] > high) return [];
            offset = Number(children + ((key[at++] - low) * 4));
            if (offset == 0) return [];
        }

        uint Number(int place) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(place));

        string Text(ref int place)
        {
            var end = Array.IndexOf(bytes, (byte)0, place);
            var text = Encoding.UTF8.GetString(bytes, place, end - place);
            place = end + 1;
            return text;
        }
    }
}
