using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>
/// The content of the EFI system partition: the shim that firmware trusts, which starts the boot loader by the name that it knows, which starts the
/// kernel by the one entry there is. Each is signed by or for Debian and verified by the one before, where Secure Boot is on.
/// </summary>
internal static class BootTree
{
    private const string ShimFile = "/usr/lib/shim/shimx64.efi.signed";
    private const string KeyManagerFile = "/usr/lib/shim/mmx64.efi.signed";
    private const string BootLoaderFile = "/usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed";
    private const string KernelFile = "/boot/vmlinuz-";

    /// <summary>The kernel on the boot partition.</summary>
    public const string Kernel = "/packer/vmlinuz";

    /// <summary>The initial RAM disk on the boot partition.</summary>
    public const string RamDisk = "/packer/initrd.img";

    private static readonly UnixFileMode FileMode = Permissions.Octal(644);

    /// <summary>Makes the tree.</summary>
    /// <param name="packages">All packages of the image.</param>
    /// <param name="initialRamDisk">The packed RAM disk.</param>
    /// <param name="commandLine">The parameters of the kernel.</param>
    /// <param name="timestamp">The time of all files.</param>
    /// <param name="files">Keeps the files open that the tree refers to.</param>
    public static FileTree Create(IReadOnlyList<ImagePackage> packages, Source initialRamDisk, string commandLine, long timestamp, FilePool files)
    {
        var kernel = Read(PackageSet.KernelOf(packages), KernelFile).Walk().First(entry => entry.Path.StartsWith(KernelFile, StringComparison.Ordinal)).Node.Data;
        var tree = new FileTree(timestamp);
        Add("/EFI/BOOT/BOOTX64.EFI", Find(PackageSet.Shim, ShimFile));
        // The name is compiled into the shim.
        Add("/EFI/BOOT/grubx64.efi", Find(PackageSet.BootLoader, BootLoaderFile));
        Add("/EFI/BOOT/mmx64.efi", Find(PackageSet.ShimHelpers, KeyManagerFile));
        Add(Kernel, kernel);
        Add(RamDisk, initialRamDisk);
        // systemd-boot, loader.conf(5).
        Add("/loader/loader.conf", new BytesSource("timeout 0\neditor no\n"));
        // UAPI Boot Loader Specification, type 1.
        Add("/loader/entries/packer.conf", new BytesSource($"title Packer\nlinux {Kernel}\ninitrd {RamDisk}\noptions {commandLine}\n"));
        return tree;

        void Add(string path, Source data) => tree.AddFile(path, data, new NodeMetadata(FileMode, timestamp));

        Source Find(string package, string path) => Read(packages.Single(candidate => candidate.Name == package), path).Get(path).Data;

        FileTree Read(ImagePackage package, string prefix)
        {
            var content = new FileTree(timestamp);
            TarTree.AddTo(content, package.TarPath, path => path.StartsWith(prefix, StringComparison.Ordinal), files);
            return content;
        }
    }
}
