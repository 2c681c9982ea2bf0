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

    public const string NoCompression = "none";
    public const string Zlib = "zlib";
    public const string Zstd = "zstd";

    public const string FixedVhd = "fixed";
    public const string DynamicVhd = "dynamic";

    /// <summary>One file for each format, named after the image, in the order of the setting.</summary>
    public static IReadOnlyList<DiskOutput> Outputs(ApplianceConfig config, string image, string directory)
    {
        var identity = new DiskIdentity(image, new ImageIdentity(image, config.DebianSuite).Disk, config.SourceDateEpoch ?? ApplianceConfig.DefaultSourceDateEpoch);
        return [.. config.Formats.Distinct(StringComparer.Ordinal).Select(format => new DiskOutput(Create(format, config, identity), Path.Combine(directory, image + Extension(format))))];
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

    private static string Extension(string format) => format == GoogleCloud ? ".tar.gz" : "." + format;
}
