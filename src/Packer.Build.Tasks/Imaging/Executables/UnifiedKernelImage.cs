using System.Text;

namespace Packer.Imaging;

/// <summary>
/// A kernel with its parameters and its initial RAM disk in one program for UEFI (UAPI "Unified Kernel Image", UKI): systemd's stub (systemd-stub(7)) with what
/// it starts as sections. It can be signed as a whole.
/// </summary>
internal static class UnifiedKernelImage
{
    /// <summary>Makes the program.</summary>
    /// <param name="stub">systemd's stub for the processor.</param>
    /// <param name="kernel">The kernel, itself a program for UEFI.</param>
    /// <param name="initialRamDisk">The initial RAM disk, packed.</param>
    /// <param name="commandLine">The parameters of the kernel.</param>
    /// <param name="release">The content of os-release(5): how the system is called.</param>
    /// <param name="kernelVersion">The kernel's name of itself, as <c>uname -r</c> gives it.</param>
    /// <exception cref="ImagingException">The stub is none, or there is no room.</exception>
    public static SparseImage Create(Source stub, Source kernel, Source initialRamDisk, string commandLine, Source release, string kernelVersion) => PortableExecutable.Add(stub,
    [
        (".osrel", release),
        (".cmdline", Text(commandLine)),
        (".uname", Text(kernelVersion)),
        (".initrd", initialRamDisk),
        // The last: it is unpacked in its place and needs more room than it takes in the file.
        (".linux", kernel),
    ]);

    private static BytesSource Text(string text) => new(Encoding.UTF8.GetBytes(text));
}
