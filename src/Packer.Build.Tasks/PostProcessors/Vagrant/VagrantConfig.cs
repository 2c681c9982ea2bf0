namespace Packer.PostProcessors.Vagrant;

/// <summary>Settings of the post-processor <c>vagrant</c>.</summary>
public sealed record VagrantConfig
{
    /// <summary>
    /// The box to write, in the output folder of the image; <c>{{.BuildName}}</c>, <c>{{.BuilderType}}</c>, <c>{{.Provider}}</c> and <c>{{.Architecture}}</c>
    /// are filled in. Default: <c>packer_{{.BuildName}}_{{.Provider}}_{{.Architecture}}.box</c>.
    /// </summary>
    [RenderLate("BuildName", "BuilderType", "Provider", "Architecture")]
    [ConfigAlias("output")]
    public string OutputFile { get; init; } = "packer_{{.BuildName}}_{{.Provider}}_{{.Architecture}}.box";

    /// <summary>How much the box is compressed: 0, not at all; 1, the fastest; to 9, the smallest. Default: 6.</summary>
    [ConfigRange(0, 9)]
    public int CompressionLevel { get; init; } = 6;

    /// <summary>Files to put into the box too, beside the disk, by their names. Default: none.</summary>
    [ConfigAlias("include")]
    [InputFiles]
    public IReadOnlyList<string> IncludeFiles { get; init; } = [];

    /// <summary>A Vagrantfile whose content follows what the box itself needs in the Vagrantfile of the box. Default: none.</summary>
    [InputFile]
    public string? VagrantfileTemplate { get; init; }

    /// <summary>
    /// As <see cref="VagrantfileTemplate"/>, for a Vagrantfile that is made only during the build: its path. It need not be there before, and a change of it makes
    /// no box out of date. Default: none.
    /// </summary>
    [ConfigPath]
    public string? VagrantfileTemplateGenerated { get; init; }

    /// <summary>
    /// The provider of Vagrant that the box is for, where the image is of a builder of which it is not known: <c>libvirt</c>. Default: <c>libvirt</c> for the
    /// builders <c>qemu</c> and <c>appliance</c>, and for what <c>convert</c> made.
    /// </summary>
    [ConfigChoice(VagrantPostProcessor.Libvirt)]
    public string? ProviderOverride { get; init; }

    /// <summary>
    /// The architecture of the machine, by the names that Vagrant has: <c>amd64</c>, <c>arm64</c>, <c>i386</c>. Default: that of the machine that builds.
    /// </summary>
    public string? Architecture { get; init; }

    /// <summary>
    /// Names or globs of the files that are disks of the box, where the image has others too, such as the firmware's variables. Default: all; of files with the
    /// same name but for the extension, which are one disk in several formats, the qcow2.
    /// </summary>
    public IReadOnlyList<string> Disks { get; init; } = [];
}
