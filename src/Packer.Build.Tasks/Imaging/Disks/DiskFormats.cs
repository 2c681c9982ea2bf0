namespace Packer.Imaging;

/// <summary>The forms of disk files by the names that settings have for them.</summary>
internal static class DiskFormats
{
    public const string Raw = "raw";
    public const string Qcow2 = "qcow2";
    public const string Vhd = "vhd";
    public const string Vhdx = "vhdx";
    public const string Vmdk = "vmdk";
    public const string Ova = "ova";
    public const string GoogleCloud = "gcp";

    public const string NoCompression = "none";
    public const string Zlib = "zlib";
    public const string Zstd = "zstd";

    public const string FixedVhd = "fixed";
    public const string DynamicVhd = "dynamic";

    /// <summary>What writes a format.</summary>
    /// <param name="format">Its name.</param>
    /// <param name="qcow2Compression">How a qcow2 file is compressed, by name.</param>
    /// <param name="vhdType">Kind of a VHD file, by name.</param>
    /// <param name="identity">What the file says besides the bytes.</param>
    public static IDiskFormat Create(string format, string qcow2Compression, string vhdType, DiskIdentity identity) => format switch
    {
        Qcow2 => new Qcow2Format(qcow2Compression switch
        {
            NoCompression => Qcow2Compression.None,
            Zstd => Qcow2Compression.Zstd,
            _ => Qcow2Compression.Zlib,
        }),
        Vhd => new VhdFormat(vhdType == DynamicVhd ? VhdType.Dynamic : VhdType.Fixed, identity),
        Vhdx => new VhdxFormat(identity),
        Vmdk => new VmdkFormat(identity),
        Ova => new OvaFormat(identity, new OvaMachine()),
        GoogleCloud => new GoogleCloudFormat(identity),
        _ => new RawFormat(),
    };

    /// <summary>The end of the name of a file, without the dot before it.</summary>
    public static string Extension(string format) => format == GoogleCloud ? "tar.gz" : format;

    /// <summary>What a reader takes a file for, by name.</summary>
    public static DiskFileKind? Kind(string? format) => format switch
    {
        Raw => DiskFileKind.Raw,
        Qcow2 => DiskFileKind.Qcow2,
        Vhd => DiskFileKind.Vhd,
        Vhdx => DiskFileKind.Vhdx,
        Vmdk => DiskFileKind.Vmdk,
        Ova => DiskFileKind.Ova,
        _ => null,
    };
}
