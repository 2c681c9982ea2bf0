namespace Packer.Imaging;

/// <summary>One member of a tar archive, long names and pax records applied.</summary>
internal sealed record TarEntry
{
    /// <summary>Name as the archive has it (see <see cref="FileNames"/> for its bytes).</summary>
    public required string Name { get; init; }

    public required TarEntryType Type { get; init; }

    public required NodeMetadata Metadata { get; init; }

    /// <summary>Target of a symbolic link, or the earlier member that a hard link means.</summary>
    public string LinkName { get; init; } = "";

    public DeviceNumber Device { get; init; }

    /// <summary>Where the content begins in the archive.</summary>
    public long DataOffset { get; init; }

    /// <summary>Length of the content; 0 for all but files.</summary>
    public long Length { get; init; }

    public IReadOnlyDictionary<string, byte[]> ExtendedAttributes { get; init; } = new Dictionary<string, byte[]>();
}
