namespace Packer.Running;

/// <summary>A file that QEMU can use as a disk, or start in place of one.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Format">QEMU's name of its format; <see cref="Program"/> for a program that the firmware starts.</param>
internal sealed record DiskFile(string Path, string Format)
{
    /// <summary>The format of a unified kernel image, which is no disk.</summary>
    public const string Program = "efi";

    private const string Qcow2 = "qcow2";
    private const string Raw = "raw";
    private const string Vmdk = "vmdk";
    private const string Vhdx = "vhdx";
    private const string Vhd = "vpc";

    private const int SectorSize = 512;

    /// <summary>The formats, those that QEMU knows best first.</summary>
    private static readonly string[] Preference = [Qcow2, Raw, Vmdk, Vhdx, Vhd, Program];

    /// <summary>Finds the disk to start among the files of an image; where it is there in several formats, the one that QEMU reads best.</summary>
    /// <param name="files">Full paths of the files.</param>
    /// <returns>The disk, or null where there is none.</returns>
    public static DiskFile? Find(IEnumerable<string> files) =>
        files.Where(File.Exists).Select(path => (Path: path, Format: FormatOf(path))).Where(file => file.Format is not null)
            .Select(file => new DiskFile(file.Path, file.Format!)).OrderBy(disk => Array.IndexOf(Preference, disk.Format)).FirstOrDefault();

    /// <summary>By its name, which says it for sure; a file without such a name, as VM builders make them, by its first bytes.</summary>
    private static string? FormatOf(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".qcow2" => Qcow2,
        ".raw" or ".img" => Raw,
        ".vmdk" => Vmdk,
        ".vhdx" => Vhdx,
        ".vhd" => Vhd,
        ".efi" => Program,
        ".ova" or ".iso" or ".gz" or ".zst" or ".xz" or ".zip" or ".fd" or ".json" => null,
        _ => FormatByContent(path),
    };

    private static string? FormatByContent(string path)
    {
        var sector = new byte[SectorSize];
        using var stream = File.OpenRead(path);
        if (stream.ReadAtLeast(sector, SectorSize, throwOnEndOfStream: false) < SectorSize) return null;
        if (sector.AsSpan().StartsWith("QFI"u8) && sector[3] == 0xfb) return Qcow2;
        if (sector.AsSpan().StartsWith("KDMV"u8)) return Vmdk;
        if (sector.AsSpan().StartsWith("vhdxfile"u8)) return Vhdx;
        if (sector.AsSpan().StartsWith("conectix"u8)) return Vhd;
        // The mark of a boot sector, which a GUID partition table has as well, for those that know none (UEFI specification, section 5.2).
        return sector[^2] == 0x55 && sector[^1] == 0xaa ? Raw : null;
    }
}
