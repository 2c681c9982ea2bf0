namespace Packer.Steps;

/// <summary>Settings of a floppy that is made for the machine: 1.44 MB, FAT12. Without files, folders and content there is none.</summary>
public sealed record FloppyConfig
{
    /// <summary>Files for the root folder of the floppy; globs are allowed. Of a folder all files below it are taken, without their folders.</summary>
    [InputPaths]
    public IReadOnlyList<string> FloppyFiles { get; init; } = [];

    /// <summary>
    /// Folders for the floppy with all that is in them; globs are allowed. A folder keeps its name; its contents alone are written as <c>folder/</c>.
    /// Symbolic links to files within the folder are followed, others are an error.
    /// </summary>
    [InputPaths]
    public IReadOnlyList<string> FloppyDirs { get; init; } = [];

    /// <summary>Texts for the floppy by path. They override files of <see cref="FloppyFiles"/> and <see cref="FloppyDirs"/>.</summary>
    public IReadOnlyDictionary<string, string> FloppyContent { get; init; } = new Dictionary<string, string>();

    /// <summary>Label of the floppy: at most 11 letters, digits, spaces and <c>!#$%&amp;'()-@^_`{}~</c>; it is written in upper case. Default: <c>packer</c>.</summary>
    public string FloppyLabel { get; init; } = "packer";
}
