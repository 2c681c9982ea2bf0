using Packer.Imaging;

namespace Packer.PostProcessors.Convert;

/// <summary>Settings of the post-processor <c>convert</c>.</summary>
public sealed record ConvertConfig
{
    /// <summary>
    /// The disk formats to write, one file each, all from one pass over the disk: <c>raw</c>, the bytes of the disk, with holes where it is empty;
    /// <c>qcow2</c> for QEMU, Proxmox and OpenStack; <c>vhd</c> for Azure; <c>vhdx</c> for Hyper-V; <c>vmdk</c> (streamOptimized) for vSphere and AWS;
    /// <c>ova</c>, a whole machine for VMware and VirtualBox; <c>gcp</c>, the <c>.tar.gz</c> that Google Cloud imports.
    /// </summary>
    [ConfigRequired]
    [ConfigAlias("format")]
    [ConfigChoice(DiskFormats.Raw, DiskFormats.Qcow2, DiskFormats.Vhd, DiskFormats.Vhdx, DiskFormats.Vmdk, DiskFormats.Ova, DiskFormats.GoogleCloud)]
    public IReadOnlyList<string> Formats { get; init; } = [];

    /// <summary>
    /// The file to write, in the output folder of the image; <c>{{.BuildName}}</c>, <c>{{.BuilderType}}</c>, <c>{{.SourceName}}</c> (name of the disk that is
    /// converted, without the extension of a disk format), <c>{{.Format}}</c> and <c>{{.Extension}}</c> (the format, but <c>tar.gz</c> for <c>gcp</c>) are
    /// filled in. Default: <c>{{.SourceName}}.{{.Extension}}</c>.
    /// </summary>
    [RenderLate("BuildName", "BuilderType", "SourceName", "Format", "Extension")]
    [ConfigAlias("output")]
    public string OutputFile { get; init; } = "{{.SourceName}}.{{.Extension}}";

    /// <summary>
    /// How a qcow2 file is compressed: <c>none</c>, the fastest to write and the largest; <c>zlib</c>, which every reader knows; <c>zstd</c>, about as small
    /// and faster to read, for QEMU 5.1 and later. Default: <c>zlib</c>.
    /// </summary>
    [ConfigChoice(DiskFormats.NoCompression, DiskFormats.Zlib, DiskFormats.Zstd)]
    public string Qcow2Compression { get; init; } = DiskFormats.Zlib;

    /// <summary>
    /// Kind of a VHD file: <c>fixed</c>, as long as the disk, with holes, which Azure demands; <c>dynamic</c>, which holds only blocks that have data.
    /// Default: <c>fixed</c>.
    /// </summary>
    [ConfigChoice(DiskFormats.FixedVhd, DiskFormats.DynamicVhd)]
    public string VhdType { get; init; } = DiskFormats.FixedVhd;

    /// <summary>
    /// Format of the files that are converted: <c>raw</c>, <c>qcow2</c>, <c>vhd</c>, <c>vhdx</c>, <c>vmdk</c> or <c>ova</c>. Default: what each file itself
    /// says; one without the mark of a format is a raw disk, unless it is a text, an archive, or no whole number of sectors long.
    /// </summary>
    [ConfigChoice(DiskFormats.Raw, DiskFormats.Qcow2, DiskFormats.Vhd, DiskFormats.Vhdx, DiskFormats.Vmdk, DiskFormats.Ova)]
    public string? InputFormat { get; init; }

    /// <summary>
    /// Names or globs of the files to convert, where the image has others too, such as the firmware's variables. Default: all; a file among them that is no
    /// disk is an error.
    /// </summary>
    public IReadOnlyList<string> Disks { get; init; } = [];
}
