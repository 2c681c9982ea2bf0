namespace Packer.Imaging;

/// <summary>What the header of a member of a tar archive says.</summary>
internal readonly record struct TarFields
{
    public TarFields()
    {
    }

    /// <summary>Its name, that of a folder with a slash at its end.</summary>
    public required byte[] Name { get; init; }

    public required TarEntryType Type { get; init; }

    /// <summary>Target of a symbolic link, or the earlier member that a hard link means.</summary>
    public byte[] LinkName { get; init; } = [];

    /// <summary>Length of the content that follows, in bytes.</summary>
    public long Length { get; init; }

    public NodeMetadata Metadata { get; init; }

    public DeviceNumber Device { get; init; }
}
