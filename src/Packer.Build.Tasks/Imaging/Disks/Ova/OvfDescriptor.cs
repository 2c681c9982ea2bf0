using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Packer.Imaging;

/// <summary>
/// The descriptor of a machine with one disk (DMTF DSP0243 1.1.0; schema DSP8023). The elements of an item stand in alphabetical order, as the schema has them.
/// The disk is attached by AHCI, the one controller that VMware and VirtualBox both have and Debian's cloud kernel drives.
/// </summary>
/// <param name="name">Name of the machine.</param>
/// <param name="diskFile">Name of the disk's file.</param>
/// <param name="capacity">Length of the disk in bytes.</param>
/// <param name="machine">The machine to propose.</param>
internal sealed class OvfDescriptor(string name, string diskFile, long capacity, OvaMachine machine)
{
    // CIM_ResourceAllocationSettingData.ResourceType.
    private const int Processor = 3;
    private const int Memory = 4;
    private const int EthernetAdapter = 10;
    private const int DiskDrive = 17;
    private const int OtherStorageDevice = 20;

    /// <summary>Debian, 64-bit (CIM_OperatingSystem.OSType).</summary>
    private const int OperatingSystem = 96;

    private const string Network = "VM Network";
    private const int ControllerId = 3;

    private static readonly XNamespace Ovf = "http://schemas.dmtf.org/ovf/envelope/1";
    private static readonly XNamespace Rasd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData";
    private static readonly XNamespace Vssd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData";
    private static readonly XNamespace Vmware = "http://www.vmware.com/schema/ovf";

    /// <param name="fileLength">Length of the disk's file in bytes.</param>
    public byte[] ToBytes(long fileLength)
    {
        using var bytes = new MemoryStream();
        var settings = new XmlWriterSettings { Indent = true, IndentChars = "  ", NewLineChars = "\n", Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) };
        using (var writer = XmlWriter.Create(bytes, settings)) Envelope(fileLength).Save(writer);
        return [.. bytes.ToArray(), (byte)'\n'];
    }

    private XDocument Envelope(long fileLength) => new(
        new XElement(Ovf + "Envelope",
            // The default is that of elements; attributes need the prefix.
            new XAttribute("xmlns", Ovf.NamespaceName), new XAttribute(XNamespace.Xmlns + "ovf", Ovf.NamespaceName), new XAttribute(XNamespace.Xmlns + "rasd", Rasd.NamespaceName),
            new XAttribute(XNamespace.Xmlns + "vssd", Vssd.NamespaceName), new XAttribute(XNamespace.Xmlns + "vmw", Vmware.NamespaceName),
            new XElement(Ovf + "References",
                new XElement(Ovf + "File", new XAttribute(Ovf + "href", diskFile), new XAttribute(Ovf + "id", "file1"), new XAttribute(Ovf + "size", fileLength))),
            new XElement(Ovf + "DiskSection", Info("The disks of the machine"),
                new XElement(Ovf + "Disk", new XAttribute(Ovf + "capacity", capacity), new XAttribute(Ovf + "capacityAllocationUnits", "byte"), new XAttribute(Ovf + "diskId", "vmdisk1"),
                    new XAttribute(Ovf + "fileRef", "file1"), new XAttribute(Ovf + "format", "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"))),
            new XElement(Ovf + "NetworkSection", Info("The networks of the machine"),
                new XElement(Ovf + "Network", new XAttribute(Ovf + "name", Network), new XElement(Ovf + "Description", "The network of the machine, with DHCP"))),
            VirtualSystem()));

    private XElement VirtualSystem() =>
        new(Ovf + "VirtualSystem", new XAttribute(Ovf + "id", name), Info("A machine"), new XElement(Ovf + "Name", name),
            new XElement(Ovf + "OperatingSystemSection", new XAttribute(Ovf + "id", OperatingSystem), new XAttribute(Vmware + "osType", "debian10_64Guest"),
                Info("The operating system"), new XElement(Ovf + "Description", "Debian GNU/Linux (64-bit)")),
            new XElement(Ovf + "VirtualHardwareSection", Info("The hardware of the machine"),
                new XElement(Ovf + "System",
                    new XElement(Vssd + "ElementName", "Virtual hardware family"), new XElement(Vssd + "InstanceID", 0),
                    new XElement(Vssd + "VirtualSystemIdentifier", name), new XElement(Vssd + "VirtualSystemType", "vmx-14")),
                Item(1, Processor, Text("AllocationUnits", "hertz * 10^6"), Text("ElementName", Number($"{machine.Processors} processors")), Text("VirtualQuantity", machine.Processors)),
                Item(2, Memory, Text("AllocationUnits", "byte * 2^20"), Text("ElementName", Number($"{machine.MemoryMebibytes} MiB of memory")), Text("VirtualQuantity", machine.MemoryMebibytes)),
                Item(ControllerId, OtherStorageDevice, Text("Address", 0), Text("ElementName", "SATA controller 0"), Text("ResourceSubType", "vmware.sata.ahci")),
                Item(4, DiskDrive, Text("AddressOnParent", 0), Text("ElementName", "Disk 1"), Text("HostResource", "ovf:/disk/vmdisk1"), Text("Parent", ControllerId)),
                Item(5, EthernetAdapter, Text("AddressOnParent", 0), Text("AutomaticAllocation", "true"), Text("Connection", Network), Text("ElementName", "Network adapter 1"),
                    Text("ResourceSubType", "VmxNet3")),
                // VirtualBox does not know it: there the firmware is set after the import.
                new XElement(Vmware + "Config", new XAttribute(Ovf + "required", "false"), new XAttribute(Vmware + "key", "firmware"), new XAttribute(Vmware + "value", "efi"))));

    private static XElement Item(int instance, int type, params XElement[] others) =>
        new(Ovf + "Item", others.Concat([Text("InstanceID", instance), Text("ResourceType", type)]).OrderBy(element => element.Name.LocalName, StringComparer.Ordinal));

    private static XElement Text(string element, object value) => new(Rasd + element, value);

    private static XElement Info(string text) => new(Ovf + "Info", text);

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
