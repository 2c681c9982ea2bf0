using System.Text;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>
/// The boot code for machines with a BIOS: a boot sector, and a loader in the BIOS boot partition that reads the kernel and the initial RAM disk by the numbers
/// of their first sectors. They are the very files that UEFI firmware starts. Assembled from <c>Bios/*.S</c>, where the offsets are explained.
/// </summary>
internal static class BiosLoader
{
    /// <summary>Where the loader lies on the disk, in bytes; the boot sector knows it.</summary>
    public const long Offset = GuidPartitionTable.FirstUsableOffset;

    /// <summary>Longest command line of the kernel, in bytes.</summary>
    public const int MaximumCommandLine = 1023;

    private const int Length = 4096;
    private const int KernelSectorField = 16;
    private const int KernelLengthField = 24;
    private const int RamDiskLengthField = 28;
    private const int RamDiskSectorField = 32;
    private const int CommandLineField = 64;

    /// <summary>The code of the master boot record.</summary>
    public static byte[] BootSector => Read("boot-sector.bin");

    /// <summary>Makes the loader of a disk.</summary>
    /// <param name="kernel">Where the kernel begins on the disk, a multiple of 512, and its length, in bytes.</param>
    /// <param name="ramDisk">The same of the initial RAM disk.</param>
    /// <param name="commandLine">The parameters of the kernel.</param>
    /// <exception cref="ImagingException">The parameters are too long.</exception>
    public static byte[] Create((long Offset, long Length) kernel, (long Offset, long Length) ramDisk, string commandLine)
    {
        var text = Encoding.ASCII.GetBytes(commandLine);
        if (text.Length > MaximumCommandLine)
            throw new ImagingException($"The parameters of the kernel have {text.Length} bytes, and {MaximumCommandLine} are the most that can be given to it on a machine with a BIOS. Shorten KernelArguments.");
        var loader = new byte[Length];
        Read("loader.bin").CopyTo(loader, 0);
        loader.AsSpan().PutInt64(KernelSectorField, kernel.Offset / GuidPartitionTable.SectorSize);
        loader.AsSpan().PutUInt32(KernelLengthField, kernel.Length);
        loader.AsSpan().PutUInt32(RamDiskLengthField, ramDisk.Length);
        loader.AsSpan().PutInt64(RamDiskSectorField, ramDisk.Offset / GuidPartitionTable.SectorSize);
        text.CopyTo(loader, CommandLineField);
        return loader;
    }

    private static byte[] Read(string name)
    {
        using var stream = typeof(BiosLoader).Assembly.GetManifestResourceStream("Packer.Appliance.Bios." + name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
