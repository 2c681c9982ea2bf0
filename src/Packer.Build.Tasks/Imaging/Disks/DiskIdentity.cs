namespace Packer.Imaging;

/// <summary>What formats store besides the bytes of a disk.</summary>
/// <param name="Name">The name of the machine or the disk: a name of a file without its extension.</param>
/// <param name="Id">Tells the disk from others.</param>
/// <param name="Timestamp">The time of the disk, in seconds since 1970-01-01T00:00:00Z.</param>
internal sealed record DiskIdentity(string Name, Guid Id, long Timestamp);
