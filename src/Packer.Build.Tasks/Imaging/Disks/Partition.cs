namespace Packer.Imaging;

/// <summary>One entry of a <see cref="GuidPartitionTable"/>.</summary>
/// <param name="Type">What the partition is for; see <see cref="PartitionTypes"/>.</param>
/// <param name="Id">The partition's own GUID, unique on the disk.</param>
/// <param name="Name">At most 36 UTF-16 units.</param>
/// <param name="Offset">Where it begins, in bytes, a multiple of 512.</param>
/// <param name="Length">Length in bytes, a multiple of 512.</param>
/// <param name="Attributes">Attribute bits (UEFI specification 2.10, table 5.8); 0 for most.</param>
internal sealed record Partition(Guid Type, Guid Id, string Name, long Offset, long Length, ulong Attributes = 0)
{
    public long End => Offset + Length;
}
