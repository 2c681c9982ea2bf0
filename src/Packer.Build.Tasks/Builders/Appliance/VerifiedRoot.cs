using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>A root file system that is checked as it is read, and what checks it. The ids of both partitions are made of the root hash (UAPI Discoverable Partitions Specification).</summary>
/// <param name="FileSystem">The file system, as small as can be: whole MiB.</param>
/// <param name="Hashes">The tree of its hashes.</param>
internal sealed record VerifiedRoot(SparseImage FileSystem, VerityTree Hashes)
{
    /// <summary>The first half of the root hash.</summary>
    public Guid Partition => Guid.ParseExact(Hashes.RootHash[..32], "N");

    /// <summary>The second half.</summary>
    public Guid HashPartition => Guid.ParseExact(Hashes.RootHash[32..], "N");

    /// <summary>Makes the file system of a tree, and its hashes.</summary>
    /// <param name="identity">Gives the ids.</param>
    /// <param name="root">The content.</param>
    /// <param name="timestamp">When the file system was made.</param>
    /// <param name="token">Ends the work.</param>
    /// <exception cref="ImagingException">A file cannot be read, or something cannot be part of a file system.</exception>
    public static VerifiedRoot Create(ImageIdentity identity, FileTree root, long timestamp, CancellationToken token)
    {
        var options = DiskComposer.RootOptions(identity, timestamp);
        var length = Alignment.RoundUp(Ext4Writer.MinimumSize(root, options, 0), GuidPartitionTable.PreferredAlignment);
        var fileSystem = Ext4Writer.Create(root, length, options);
        return new VerifiedRoot(fileSystem, VerityTree.Create(fileSystem, identity.VerityTree, identity.VeritySalt, token));
    }
}
