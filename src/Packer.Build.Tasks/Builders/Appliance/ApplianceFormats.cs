using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>The files that an image is written to, by the names of <see cref="ApplianceConfig.Formats"/>.</summary>
internal static class ApplianceFormats
{
    public const string Raw = DiskFormats.Raw;
    public const string Qcow2 = DiskFormats.Qcow2;
    public const string Vhd = DiskFormats.Vhd;
    public const string Vhdx = DiskFormats.Vhdx;
    public const string Vmdk = DiskFormats.Vmdk;
    public const string Ova = DiskFormats.Ova;
    public const string GoogleCloud = DiskFormats.GoogleCloud;

    public const string NoCompression = DiskFormats.NoCompression;
    public const string Zlib = DiskFormats.Zlib;
    public const string Zstd = DiskFormats.Zstd;

    public const string FixedVhd = DiskFormats.FixedVhd;
    public const string DynamicVhd = DiskFormats.DynamicVhd;

    /// <summary>One file for each format, named after the image, in the order of the setting.</summary>
    public static IReadOnlyList<DiskOutput> Outputs(ApplianceConfig config, string image, string directory)
    {
        var identity = new DiskIdentity(image, new ImageIdentity(image, config.DebianSuite).Disk, config.SourceDateEpoch ?? ApplianceConfig.DefaultSourceDateEpoch);
        return [.. config.Formats.Distinct(StringComparer.Ordinal).Select(format => new DiskOutput(
            DiskFormats.Create(format, config.Qcow2Compression, config.VhdType, identity), Path.Combine(directory, $"{image}.{DiskFormats.Extension(format)}")))];
    }
}
