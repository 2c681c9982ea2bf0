namespace Packer.Imaging;

/// <summary>A tar archive as a source: nothing is copied until it is read.</summary>
internal static class TarArchive
{
    /// <summary>Archives are multiples of 20 blocks (GNU tar manual, "Basic Tar Format"), the end of at least two among them.</summary>
    private const int RecordSize = 20 * TarHeader.Size;

    /// <summary>The archive of members, in their order.</summary>
    /// <exception cref="ImagingException">A member cannot be in it.</exception>
    public static Source Create(IEnumerable<ArchiveMember> members)
    {
        var parts = new List<Source>();
        long length = 0;
        foreach (var member in members)
        {
            Add(new BytesSource(TarHeaderWriter.FileOfAnyName(member.Name, member.Content.Length, ArchiveMember.Time)));
            Add(member.Content);
            Add(Zeros(Alignment.RoundUp(length, TarHeader.Size) - length));
        }
        Add(Zeros(Alignment.RoundUp(length + (2 * TarHeader.Size), RecordSize) - length));
        return new ConcatSource(parts);

        void Add(Source part)
        {
            parts.Add(part);
            length += part.Length;
        }
    }

    private static BytesSource Zeros(long count) => new(new byte[count]);
}
