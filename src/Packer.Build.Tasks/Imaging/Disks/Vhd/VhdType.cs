namespace Packer.Imaging;

/// <summary>The kinds of VHD files, by the numbers of their footers.</summary>
internal enum VhdType
{
    /// <summary>The bytes of the disk, then the footer. Azure takes no other.</summary>
    Fixed = 2,

    /// <summary>Only blocks that have data.</summary>
    Dynamic = 3,
}
