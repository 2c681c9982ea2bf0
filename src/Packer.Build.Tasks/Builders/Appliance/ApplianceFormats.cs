using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>The files that an image is written to, by the names of <see cref="ApplianceConfig.Formats"/>.</summary>
internal static class ApplianceFormats
{
    public const string Raw = "raw";
    public const string Qcow2 = "qcow2";
    public const string Vhd = "vhd";
    public const string Vhdx = "vhdx";
    public const string Vmdk = "vmdk";
    public const string Ova = "ova";
    public const string GoogleCloud = "gcp";

    public const string Tar = "tar";
    public const string Oci = "oci";

    public const string NoCompression = "none";
    public const string Zlib = "zlib";
    public const string Zstd = "zstd";

    public const string FixedVhd = "fixed";
    public const string DynamicVhd = "dynamic";

    /// <summary>Whether a format is that of a disk.</summary>
    public static bool NeedDisk(ApplianceConfig config) => config.Formats.Any(IsDisk);

    /// <summary>The path of a format's file, named after the image.</summary>
    public static string PathOf(string format, string image, string directory) => Path.Combine(directory, image + Extension(format));

    /// <summary>One file for each format of a disk, in the order of the setting.</summary>
    public static IReadOnlyList<DiskOutput> Disks(ApplianceConfig config, string image, string directory)
    {
        var identity = new DiskIdentity(image, new ImageIdentity(image, config.DebianSuite).Disk, config.SourceDateEpoch ?? ApplianceConfig.DefaultSourceDateEpoch);
        return [.. config.Formats.Where(IsDisk).Distinct(StringComparer.Ordinal).Select(format => new DiskOutput(Create(format, config, identity), PathOf(format, image, directory)))];
    }

    private static IDiskFormat Create(string format, ApplianceConfig config, DiskIdentity identity) => format switch
    {
        Qcow2 => new Qcow2Format(config.Qcow2Compression switch
        {
            NoCompression => Qcow2Compression.None,
            Zstd => Qcow2Compression.Zstd,
            _ => Qcow2Compression.Zlib,
        }),
        Vhd => new VhdFormat(config.VhdType == DynamicVhd ? VhdType.Dynamic : VhdType.Fixed, identity),
        Vhdx => new VhdxFormat(identity),
        Vmdk => new VmdkFormat(identity),
        Ova => new OvaFormat(identity, new OvaMachine()),
        GoogleCloud => new GoogleCloudFormat(identity),
        _ => new RawFormat(),
    };

    private static bool IsDisk(string format) => format is not (Tar or Oci);

    private static string Extension(string format) => format switch
    {
        GoogleCloud => ".tar.gz",
        Oci => ".oci.tar",
        _ => "." + format,
    };
}
