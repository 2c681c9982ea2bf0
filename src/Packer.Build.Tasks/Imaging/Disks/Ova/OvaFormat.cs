namespace Packer.Imaging;

/// <summary>
/// An appliance in one file, for VMware and VirtualBox: an archive of an OVF descriptor, a manifest of hashes and a VMDK (DMTF DSP0243, "Open Virtualization
/// Format Specification", version 1.1.0, section 5.3).
/// </summary>
internal sealed class OvaFormat(DiskIdentity identity, OvaMachine machine) : IDiskFormat
{
    /// <inheritdoc/>
    public ChunkContents Needs => VmdkSink.Needs;

    /// <inheritdoc/>
    public bool IsSequential => false;

    /// <inheritdoc/>
    public IDiskSink Begin(SparseImage image, OutputFile file) => new OvaSink(image, file, identity, machine);
}
