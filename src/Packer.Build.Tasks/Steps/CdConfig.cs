namespace Packer.Steps;

/// <summary>Settings of a CD that is made for the machine: ISO 9660 with Joliet and Rock Ridge. Without files and content there is none.</summary>
public sealed record CdConfig
{
    /// <summary>
    /// Files and folders for the CD; globs are allowed. A folder keeps its name (<c>config</c> becomes <c>/config</c>); its contents alone are written as
    /// <c>config/</c> or <c>config/*</c>. Symbolic links to files within the folder are followed, others are an error.
    /// </summary>
    [InputPaths]
    public IReadOnlyList<string> CdFiles { get; init; } = [];

    /// <summary>Texts for the CD by path (<c>user-data</c>, <c>/folder/file</c>). They override files of <see cref="CdFiles"/>.</summary>
    public IReadOnlyDictionary<string, string> CdContent { get; init; } = new Dictionary<string, string>();

    /// <summary>Label of the CD: 1 to 32 printable ASCII characters; <c>cidata</c> for cloud-init. Default: <c>packer</c>.</summary>
    public string CdLabel { get; init; } = "packer";
}
