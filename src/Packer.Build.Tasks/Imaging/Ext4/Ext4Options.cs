namespace Packer.Imaging;

/// <summary>How an ext4 file system is to be.</summary>
internal sealed record Ext4Options
{
    /// <summary>UUID of the file system; also the seed of all its checksums.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>When the file system was made, seconds since 1970-01-01T00:00:00Z.</summary>
    public required long Timestamp { get; init; }

    /// <summary>Name of the volume, at most 16 bytes in UTF-8.</summary>
    public string Label { get; init; } = "";

    /// <summary>Size of the journal in bytes: 0 for none, else at least 4 MiB, a multiple of 4096. Default: 16 MiB.</summary>
    public long JournalSize { get; init; } = 16 << 20;

    /// <summary>Percentage of the blocks that only root may fill, 0 to 50. Default: 1.</summary>
    public int ReservedPercentage { get; init; } = 1;

    /// <summary>Beside the inodes of the tree one is made for so many bytes that stay free, for files to come. Default: 16384.</summary>
    public int BytesPerInode { get; init; } = 16384;
}
