namespace Packer.Imaging;

/// <summary>The forms of disk files that can be read.</summary>
internal enum DiskFileKind
{
    /// <summary>The bytes of the disk.</summary>
    Raw,

    /// <summary>QEMU's qcow2, versions 2 and 3.</summary>
    Qcow2,

    /// <summary>Microsoft's VHD, fixed or dynamic.</summary>
    Vhd,

    /// <summary>Microsoft's VHDX, fixed or dynamic.</summary>
    Vhdx,

    /// <summary>VMware's VMDK in one file: monolithicSparse or streamOptimized.</summary>
    Vmdk,

    /// <summary>An archive with an OVF descriptor and one VMDK.</summary>
    Ova,
}
