namespace Packer.Imaging;

/// <summary>Type GUIDs of partitions (UEFI specification 2.10, table 5.7; UAPI Discoverable Partitions Specification; GRUB manual, section 3.4).</summary>
internal static class PartitionTypes
{
    public static readonly Guid EfiSystem = new("C12A7328-F81F-11D2-BA4B-00A0C93EC93B");

    public static readonly Guid BiosBoot = new("21686148-6449-6E6F-744E-656564454649");

    /// <summary>Root file system of 64-bit x86, found by systemd without an entry in fstab.</summary>
    public static readonly Guid LinuxRootX64 = new("4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709");

    /// <summary>Root file system of 64-bit Arm, found by systemd without an entry in fstab.</summary>
    public static readonly Guid LinuxRootArm64 = new("B921B045-1DF0-41C3-AF44-4C6F280D3FAE");

    /// <summary>The tree of hashes of a root file system of 64-bit x86.</summary>
    public static readonly Guid LinuxRootVerityX64 = new("2C7357ED-EBD2-46D9-AEC1-23D437EC2BF5");

    /// <summary>The tree of hashes of a root file system of 64-bit Arm.</summary>
    public static readonly Guid LinuxRootVerityArm64 = new("DF3300CE-D69F-4C92-978C-9BFB0F38D820");

    public static readonly Guid LinuxData = new("0FC63DAF-8483-4772-8E79-3D69D8477DE4");
}
