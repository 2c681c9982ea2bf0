using Packer.Debian;
using Packer.Imaging;
using ZstdSharp;

namespace Packer.Builders.Appliance;

/// <summary>
/// The initial RAM disk: busybox, the drivers, and the script that finds the root file system. It does not depend on the app or the image, so that it
/// is made once for a kernel.
/// </summary>
internal static class InitialRamDisk
{
    private const string Category = "appliance-initrd";

    // More takes seconds and gains a percent. Fixed, because the bytes depend on it.
    private const int CompressionLevel = 9;

    private static readonly UnixFileMode ProgramMode = Permissions.Octal(755);
    private static readonly UnixFileMode FileMode = Permissions.Octal(644);

    /// <summary>The compressed archive, from the cache where it has been made before.</summary>
    /// <param name="fetcher">The cache.</param>
    /// <param name="architecture">The processor.</param>
    /// <param name="kernel">The package of the kernel.</param>
    /// <param name="busybox">The package of the static busybox; null for a RAM disk that the root file system follows, which has it.</param>
    /// <param name="timestamp">The time of all files.</param>
    /// <param name="token">Ends the work.</param>
    public static Task<Source> GetAsync(IDebianFetcher fetcher, MachineArchitecture architecture, ImagePackage kernel, ImagePackage? busybox, long timestamp, CancellationToken token)
    {
        return DerivedFile.GetAsync(fetcher, Category, FormattableString.Invariant($"{kernel.Sha256} {busybox?.Sha256} {timestamp}"), (target, _) => Write(target), token);

        void Write(string target)
        {
            using var files = new FilePool();
            var modules = new FileTree(timestamp);
            TarTree.AddTo(modules, kernel.TarPath, member => member.StartsWith("/usr/lib/modules/", StringComparison.Ordinal), files);
            var drivers = KernelModules.Read(modules, KernelModules.Default, KernelModules.WhereThere);
            System.IO.File.WriteAllBytes(target, Compress(busybox is null ? CreateBeforeRoot(architecture, drivers, timestamp) : CreateTree(architecture, Program(busybox), drivers, timestamp)));

            Source Program(ImagePackage package)
            {
                var programs = new FileTree(timestamp);
                TarTree.AddTo(programs, package.TarPath, null, files);
                return programs.Get(SystemPaths.BusyBox).Data;
            }
        }
    }

    /// <summary>What is in the RAM disk of a machine whose root file system lies on a disk.</summary>
    public static FileTree CreateTree(MachineArchitecture architecture, Source busybox, KernelModules modules, long timestamp)
    {
        var tree = new FileTree(timestamp);
        foreach (var folder in (string[])["/bin", "/dev", "/newroot", "/proc", "/sbin", "/sys"]) tree.AddDirectory(folder, new NodeMetadata(ProgramMode, timestamp));
        tree.AddFile("/bin/busybox", busybox, new NodeMetadata(ProgramMode, timestamp));
        // What the kernel calls for a module that it lacks, such as a checksum of ext4 (Documentation/admin-guide/sysctl/kernel, "modprobe").
        tree.AddSymbolicLink("/sbin/modprobe", "/bin/busybox", timestamp);
        AddTo(tree, "", architecture, modules, timestamp);
        return tree;
    }

    /// <summary>What lies before the root file system in one and the same RAM disk, of which busybox and all other folders are then a part.</summary>
    public static FileTree CreateBeforeRoot(MachineArchitecture architecture, KernelModules modules, long timestamp)
    {
        var tree = new FileTree(timestamp);
        foreach (var folder in (string[])["/usr", "/usr/bin", "/usr/lib", "/usr/sbin"]) tree.AddDirectory(folder, new NodeMetadata(ProgramMode, timestamp));
        tree.AddSymbolicLink("/usr/sbin/modprobe", SystemPaths.BusyBox, timestamp);
        AddTo(tree, "/usr", architecture, modules, timestamp);
        return tree;
    }

    private static void AddTo(FileTree tree, string prefix, MachineArchitecture architecture, KernelModules modules, long timestamp)
    {
        foreach (var program in (string[])[GuestFiles.Grow, GuestFiles.Verity]) tree.AddFile($"{prefix}/bin/{program}", new BytesSource(GuestFiles.ReadProgram(program, architecture)), new NodeMetadata(ProgramMode, timestamp));
        tree.AddFile("/init", GuestFiles.Read(GuestFiles.Init), new NodeMetadata(ProgramMode, timestamp));
        modules.AddTo(tree, prefix, new NodeMetadata(FileMode, timestamp));
    }

    /// <summary>The tree as the kernel takes it: a cpio archive, packed by one thread, so that the bytes do not depend on the host.</summary>
    public static byte[] Compress(FileTree tree)
    {
        using var compressor = new Compressor(CompressionLevel);
        return compressor.Wrap(CpioArchive.Create(tree).ReadAll()).ToArray();
    }
}
