using System.Security.Cryptography.X509Certificates;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>
/// The content of the EFI system partition: the shim that firmware trusts, which starts the boot loader by the name that it knows, which starts the
/// kernel by the one entry there is. Each is signed by or for Debian and verified by the one before, where Secure Boot is on. Or a unified kernel image, which
/// the firmware starts itself.
/// </summary>
internal static class BootTree
{
    private const string KernelFile = "/boot/vmlinuz-";

    /// <summary>What firmware starts from a disk of which it knows nothing (UEFI specification, section 3.5.1.1).</summary>
    private static string DefaultProgram(MachineArchitecture architecture) => $"/EFI/BOOT/BOOT{architecture.Firmware.ToUpperInvariant()}.EFI";

    /// <summary>The kernel on the boot partition.</summary>
    public const string Kernel = "/packer/vmlinuz";

    /// <summary>The initial RAM disk on the boot partition.</summary>
    public const string RamDisk = "/packer/initrd.img";

    private static readonly UnixFileMode FileMode = Permissions.Octal(644);

    /// <summary>Makes the tree.</summary>
    /// <param name="packages">All packages of the image.</param>
    /// <param name="architecture">The processor.</param>
    /// <param name="initialRamDisk">The packed RAM disk.</param>
    /// <param name="commandLine">The parameters of the kernel.</param>
    /// <param name="timestamp">The time of all files.</param>
    /// <param name="files">Keeps the files open that the tree refers to.</param>
    public static FileTree Create(IReadOnlyList<ImagePackage> packages, MachineArchitecture architecture, Source initialRamDisk, string commandLine, long timestamp, FilePool files)
    {
        var content = new PackageContent(packages, timestamp, files);
        var kernel = content.Kernel().Data;
        var tree = new FileTree(timestamp);
        var suffix = architecture.Firmware;
        Add(DefaultProgram(architecture), content.Find(PackageSet.Shim, $"/usr/lib/shim/shim{suffix}.efi.signed"));
        // The names are compiled into the shim.
        Add($"/EFI/BOOT/grub{suffix}.efi", content.Find(PackageSet.BootLoader(architecture), $"/usr/lib/systemd/boot/efi/systemd-boot{suffix}.efi.signed"));
        Add($"/EFI/BOOT/mm{suffix}.efi", content.Find(PackageSet.ShimHelpers(architecture), $"/usr/lib/shim/mm{suffix}.efi.signed"));
        Add(Kernel, kernel);
        Add(RamDisk, initialRamDisk);
        // systemd-boot, loader.conf(5).
        Add("/loader/loader.conf", new BytesSource("timeout 0\neditor no\n"));
        // UAPI Boot Loader Specification, type 1.
        Add("/loader/entries/packer.conf", new BytesSource($"title Packer\nlinux {Kernel}\ninitrd {RamDisk}\noptions {commandLine}\n"));
        return tree;

        void Add(string path, Source data) => tree.AddFile(path, data, new NodeMetadata(FileMode, timestamp));
    }

    /// <summary>Makes the tree of a boot partition that holds a unified kernel image and nothing else.</summary>
    public static FileTree Create(SparseImage unified, MachineArchitecture architecture, long timestamp)
    {
        var tree = new FileTree(timestamp);
        tree.AddFile(DefaultProgram(architecture), unified, new NodeMetadata(FileMode, timestamp));
        return tree;
    }

    /// <summary>Makes a unified kernel image.</summary>
    /// <param name="packages">All packages of the image.</param>
    /// <param name="architecture">The processor.</param>
    /// <param name="initialRamDisk">The packed RAM disk.</param>
    /// <param name="commandLine">The parameters of the kernel.</param>
    /// <param name="release">The content of os-release(5).</param>
    /// <param name="signer">Signs it; null for an image without a signature.</param>
    /// <param name="timestamp">The time of all files.</param>
    /// <param name="files">Keeps the files open that the tree refers to.</param>
    public static SparseImage CreateUnified(
        IReadOnlyList<ImagePackage> packages, MachineArchitecture architecture, Source initialRamDisk, string commandLine, Source release, X509Certificate2? signer, long timestamp, FilePool files)
    {
        var content = new PackageContent(packages, timestamp, files);
        var kernel = content.Kernel();
        var image = UnifiedKernelImage.Create(content.Find(PackageSet.BootStub, $"/usr/lib/systemd/boot/efi/linux{architecture.Firmware}.efi.stub"), kernel.Data, initialRamDisk, commandLine, release, kernel.Version);
        return signer is null ? image : Authenticode.Sign(image, signer);
    }

    /// <summary>Finds files in packages.</summary>
    private sealed class PackageContent(IReadOnlyList<ImagePackage> packages, long timestamp, FilePool files)
    {
        public Source Find(string package, string path) => Read(packages.Single(candidate => candidate.Name == package), path).Get(path).Data;

        public (string Version, Source Data) Kernel()
        {
            var found = Read(PackageSet.KernelOf(packages), KernelFile).Walk().First(entry => entry.Path.StartsWith(KernelFile, StringComparison.Ordinal));
            return (found.Path[KernelFile.Length..], found.Node.Data);
        }

        private FileTree Read(ImagePackage package, string prefix)
        {
            var content = new FileTree(timestamp);
            TarTree.AddTo(content, package.TarPath, path => path.StartsWith(prefix, StringComparison.Ordinal), files);
            return content;
        }
    }
}
