using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Packer.Imaging;

/// <summary>The text that describes a disk, within its own file (VMware, "Virtual Disk Format 5.0", "The Descriptor File").</summary>
internal static class VmdkDescriptor
{
    private const int Heads = 255;
    private const int SectorsPerTrack = 63;
    private const long MaximumCylinders = 65535;

    /// <param name="capacity">Sectors of the disk.</param>
    /// <param name="identity">Its name and its id, of which the content id is made.</param>
    public static byte[] ToBytes(long capacity, DiskIdentity identity)
    {
        // The two highest are "no parent" and its neighbour.
        var contentId = BinaryPrimitives.ReadUInt32BigEndian(identity.Id.ToByteArray(bigEndian: true)) & 0x7FFFFFFF;
        var cylinders = Math.Min(capacity / (Heads * SectorsPerTrack), MaximumCylinders);
        var text = string.Create(CultureInfo.InvariantCulture, $"""
            # Disk DescriptorFile
            version=1
            CID={contentId:x8}
            parentCID=ffffffff
            createType="streamOptimized"

            # Extent description
            RDONLY {capacity} SPARSE "{identity.Name}.vmdk"

            # The Disk Data Base
            #DDB

            ddb.virtualHWVersion = "14"
            ddb.geometry.cylinders = "{cylinders}"
            ddb.geometry.heads = "{Heads}"
            ddb.geometry.sectors = "{SectorsPerTrack}"
            ddb.adapterType = "lsilogic"

            """).ReplaceLineEndings("\n");
        var bytes = Encoding.UTF8.GetBytes(text);
        Array.Resize(ref bytes, VmdkHeader.DescriptorSectors * VmdkHeader.SectorSize);
        return bytes;
    }
}
