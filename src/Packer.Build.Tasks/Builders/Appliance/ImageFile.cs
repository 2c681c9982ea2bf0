namespace Packer.Builders.Appliance;

/// <summary>A file or a folder of this machine that is put into an image: an entry of <see cref="ApplianceConfig.Files"/>.</summary>
public sealed record ImageFile
{
    /// <summary>A file, or a folder with all that is in it, relative to the project. It is an input of the image: when it changes, the image is out of date.</summary>
    [ConfigRequired]
    [InputPaths]
    public string Source { get; init; } = "";

    /// <summary>
    /// Full path in the image. A file gets exactly this path, or with a <c>/</c> at the end its own name in that folder; what is in a folder goes into the folder of
    /// this path, <c>/</c> among them.
    /// </summary>
    [ConfigRequired]
    public string Path { get; init; } = "";

    /// <summary>
    /// Permissions in octal digits, <c>0640</c>. In a folder they are those of the files, and the folders have with each right to read that to enter too.
    /// Default: <c>0755</c> for programs (ELF files, and scripts that begin with <c>#!</c>) and folders, <c>0644</c> for all else.
    /// </summary>
    public string? Mode { get; init; }

    /// <summary>
    /// User, or <c>user:group</c>, each by a name of the image or a number. Default: <c>root:root</c>.
    /// </summary>
    public string? Owner { get; init; }
}
