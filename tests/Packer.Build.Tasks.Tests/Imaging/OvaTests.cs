using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed class OvaTests
{
    private static readonly XNamespace Ovf = "http://schemas.dmtf.org/ovf/envelope/1";
    private static readonly XNamespace Rasd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData";

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow("mixed 1")]
    [DataRow("one sector of zeros")]
    [DataRow("over one table")]
    public async Task Descriptor_manifest_and_disk_stand_in_this_order_and_agree(string disk)
    {
        Rig.Require("tar", "qemu-img");
        using var folder = new TemporaryFolder();
        var image = SampleDisks.Create(disk);
        DiskOutput[] outputs =
        [
            new(new OvaFormat(SampleDisks.Identity, new OvaMachine { Processors = 2, MemoryMebibytes = 512 }), folder["web.ova"]), new(new RawFormat(), folder["raw"]),
        ];
        await DiskWriter.WriteAsync(image, outputs, new DiskWriteOptions(), CancellationToken.None);
        Assert.AreEqual("web.ovf\nweb.mf\nweb-disk1.vmdk\n", await Tool.RunAsync("tar", "tf", folder["web.ova"]));
        await Tool.RunAsync("tar", "xf", folder["web.ova"], "-C", folder.Path);
        foreach (var line in await File.ReadAllLinesAsync(folder["web.mf"]))
        {
            await using var stream = File.OpenRead(folder[line[7..line.IndexOf(')', StringComparison.Ordinal)]]);
            Assert.AreEqual(Convert.ToHexStringLower(await SHA256.HashDataAsync(stream)), line[(line.IndexOf("= ", StringComparison.Ordinal) + 2)..]);
        }
        await Tool.RunAsync("qemu-img", "check", "-f", "vmdk", folder["web-disk1.vmdk"]);
        await Tool.RunAsync("qemu-img", "compare", "-f", "raw", "-F", "vmdk", folder["raw"], folder["web-disk1.vmdk"]);

        var envelope = XDocument.Load(folder["web.ovf"]).Root!;
        var file = envelope.Element(Ovf + "References")!.Element(Ovf + "File")!;
        Assert.AreEqual("web-disk1.vmdk", file.Attribute(Ovf + "href")?.Value);
        Assert.AreEqual(new FileInfo(folder["web-disk1.vmdk"]).Length.ToString(CultureInfo.InvariantCulture), file.Attribute(Ovf + "size")?.Value);
        Assert.AreEqual(image.Length.ToString(CultureInfo.InvariantCulture), envelope.Element(Ovf + "DiskSection")!.Element(Ovf + "Disk")!.Attribute(Ovf + "capacity")?.Value);
    }

    [TestMethod]
    public void The_descriptor_has_the_order_that_its_schema_demands()
    {
        var envelope = XDocument.Parse(System.Text.Encoding.UTF8.GetString(new OvfDescriptor("web", "web.vmdk", 1 << 30, new OvaMachine()).ToBytes(123))).Root!;
        CollectionAssert.AreEqual((string[])["References", "DiskSection", "NetworkSection", "VirtualSystem"], envelope.Elements().Select(element => element.Name.LocalName).ToArray());
        foreach (var section in envelope.Descendants().Where(element => element.Name.Namespace == Ovf && element.Name.LocalName.EndsWith("Section", StringComparison.Ordinal)))
        {
            Assert.AreEqual("Info", section.Elements().First().Name.LocalName);
        }
        var items = envelope.Descendants(Ovf + "Item").ToList();
        foreach (var item in items)
        {
            var names = item.Elements().Select(element => element.Name.LocalName).ToList();
            CollectionAssert.AreEqual(names.Order(StringComparer.Ordinal).ToList(), names);
            foreach (var required in (string[])["ElementName", "InstanceID", "ResourceType"]) CollectionAssert.Contains(names, required);
            if (item.Element(Rasd + "Parent") is { } parent) Assert.ContainsSingle(items.Where(other => other.Element(Rasd + "InstanceID")!.Value == parent.Value));
        }
        Assert.HasCount(items.Count, items.Select(item => item.Element(Rasd + "InstanceID")!.Value).Distinct().ToList());
        var networks = envelope.Descendants(Ovf + "Network").Select(network => network.Attribute(Ovf + "name")!.Value).ToList();
        foreach (var connection in items.Elements(Rasd + "Connection")) CollectionAssert.Contains(networks, connection.Value);
    }
}
