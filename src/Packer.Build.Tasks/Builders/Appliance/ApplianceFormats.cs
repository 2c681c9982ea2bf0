using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>The files that an image is written to, by the names of <see cref="ApplianceConfig.Formats"/>.</summary>
internal static class ApplianceFormats
{
    public const string Tar = "tar";
    public const string Oci = "oci";
    public const string Unified = "uki";

    /// <summary>Whether a format is that of a disk.</summary>
    public static bool NeedDisk(ApplianceConfig config) => config.Formats.Any(IsDisk);

    /// <summary>Whether a format is that of what a machine is started with: a disk, or the kernel that such a disk would have.</summary>
    public static bool NeedBoot(ApplianceConfig config) => config.Formats.Any(format => IsDisk(format) || format == Unified);

    /// <summary>Looks whether every format can be of an image for a processor.</summary>
    /// <exception cref="PackerException"><see cref="DiagnosticCodes.ConflictingKeys"/>.</exception>
    public static void Check(ApplianceConfig config, MachineArchitecture architecture)
    {
        if (architecture != MachineArchitecture.X64 && config.Formats.Contains(DiskFormats.Ova, StringComparer.Ordinal))
            throw new PackerException(DiagnosticCodes.ConflictingKeys,
                $"'Formats' has '{DiskFormats.Ova}', which describes a machine with a processor of x86-64, and 'RuntimeIdentifier' is '{architecture.RuntimeIdentifier}'. Take '{DiskFormats.Vmdk}', whose disk VMware and VirtualBox put into a machine of yours.");
    }

    /// <summary>The path of a format's file, named after the image.</summary>
    public static string PathOf(string format, string image, string directory) => Path.Combine(directory, $"{image}.{Extension(format)}");

    /// <summary>One file for each format of a disk, in the order of the setting.</summary>
    public static IReadOnlyList<DiskOutput> Disks(ApplianceConfig config, string image, string directory)
    {
        var identity = new DiskIdentity(image, new ImageIdentity(image, config.DebianSuite).Disk, config.SourceDateEpoch ?? ApplianceConfig.DefaultSourceDateEpoch);
        return [.. config.Formats.Where(IsDisk).Distinct(StringComparer.Ordinal).Select(format => new DiskOutput(
            DiskFormats.Create(format, config.Qcow2Compression, config.VhdType, identity), PathOf(format, image, directory)))];
    }

    private static bool IsDisk(string format) => format is not (Tar or Oci or Unified);

    private static string Extension(string format) => format switch
    {
        Oci => "oci.tar",
        Unified => "efi",
        Tar => Tar,
        _ => DiskFormats.Extension(format),
    };
}
