namespace Packer.Imaging;

/// <summary>Permissions, owner and age of a node.</summary>
/// <param name="Mode">The twelve permission bits; the type of the node is not among them.</param>
/// <param name="UserId">Number of the owner.</param>
/// <param name="GroupId">Number of the group.</param>
/// <param name="ModificationTime">Seconds since 1970-01-01T00:00:00Z; a format that cannot hold it takes the nearest time it can.</param>
internal readonly record struct NodeMetadata(UnixFileMode Mode, uint UserId, uint GroupId, long ModificationTime)
{
    /// <summary>Metadata of something that belongs to root.</summary>
    public NodeMetadata(UnixFileMode mode, long modificationTime) : this(mode, 0, 0, modificationTime)
    {
    }
}
