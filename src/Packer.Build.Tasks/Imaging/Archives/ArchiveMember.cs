namespace Packer.Imaging;

/// <summary>A file of an archive.</summary>
/// <param name="Name">Its name in the archive, with slashes between folders.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record ArchiveMember(string Name, Source Content)
{
    /// <summary>The time that all members have, so that the same files make the same archive: 1980-01-01, the first one that zip knows.</summary>
    public const long Time = 315_532_800;
}
