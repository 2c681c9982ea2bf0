namespace Packer.Imaging;

/// <summary>A tar archive of plain files as a source: nothing is copied until it is read.</summary>
internal static class TarArchive
{
    private static readonly UnixFileMode FileMode = Permissions.Octal(644);

    /// <summary>The archive of members, in their order.</summary>
    /// <exception cref="ImagingException">A member cannot be in it.</exception>
    public static Source Create(IEnumerable<ArchiveMember> members) =>
        TarImage.Create(members.Select(member => new TreeEntry("/" + member.Name, Node.CreateFile(member.Content, new NodeMetadata(FileMode, ArchiveMember.Time)))));
}
