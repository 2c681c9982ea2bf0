using System.Text;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>A module of the Linux kernel, expanded.</summary>
/// <param name="Name">Its name, with underscores.</param>
/// <param name="Path">Path of the <c>.ko</c> file below the folder of the kernel's version, such as <c>kernel/drivers/net/virtio_net.ko</c>.</param>
/// <param name="Data">The file, with the signature at its end.</param>
/// <param name="Dependencies">Names of the modules that must be loaded before it.</param>
/// <param name="Aliases">Patterns of what it is a driver for.</param>
internal sealed record KernelModule(string Name, string Path, ReadOnlyMemory<byte> Data, IReadOnlyList<string> Dependencies, IReadOnlyList<string> Aliases)
{
    private const string InformationSection = ".modinfo";

    /// <summary>A module's name in the one form in which names are compared: files and dependencies have hyphens and underscores as they like.</summary>
    public static string NormalizeName(string name) => name.Replace('-', '_');

    /// <summary>Reads what a module says of itself: <c>key=value</c> texts with zero bytes between (Linux, include/linux/moduleparam.h).</summary>
    /// <exception cref="ImagingException">It is no module.</exception>
    public static KernelModule Read(string name, string path, byte[] data)
    {
        var information = ElfFile.TryOpen(new BytesSource(data))?.Section(InformationSection)
            ?? throw new ImagingException($"'{path}' is no kernel module: it has no section {InformationSection}. Delete the cache's folder 'debian-tar' and build again.");
        var values = Encoding.UTF8.GetString(information).Split('\0');
        return new KernelModule(NormalizeName(name), path, data,
            [.. Values("depends=").SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(NormalizeName)],
            [.. Values("alias=")]);

        IEnumerable<string> Values(string key) => values.Where(value => value.StartsWith(key, StringComparison.Ordinal)).Select(value => value[key.Length..]);
    }
}
