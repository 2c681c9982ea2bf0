using Packer.Debian;
using Packer.Imaging;
using ZstdSharp;

namespace Packer.Builders.Appliance;

/// <summary>
/// The root file system as part of an initial RAM disk: cpio archives, one after the other, each packed by itself, which the kernel unpacks in their order (Linux,
/// Documentation/driver-api/early-userspace/buffer-format). Those that have not changed come from the cache.
/// </summary>
internal static class RamRoot
{
    private const string Category = "appliance-ram-root";

    // Fixed, because the bytes depend on it.
    private const int CompressionLevel = 9;

    /// <summary>About as much goes into one archive: an edit packs only the archive anew that it is in, and several are packed at once.</summary>
    private const long ArchiveLength = 16L << 20;

    /// <summary>Packs the layers of a root file system.</summary>
    /// <param name="fetcher">The cache.</param>
    /// <param name="layers">The content, in parts that change ever more often.</param>
    /// <param name="token">Ends the work.</param>
    /// <exception cref="ImagingException">A file has 4 GiB or more.</exception>
    public static async Task<Source> CreateAsync(IDebianFetcher fetcher, IReadOnlyList<OciLayer> layers, CancellationToken token)
    {
        var archives = layers.SelectMany(layer => Split(layer.Entries)).Select(CpioArchive.Create).ToList();
        var packed = new Source[archives.Count];
        await Parallel.ForAsync(0, archives.Count, token, async (index, t) =>
        {
            var archive = archives[index];
            packed[index] = await DerivedFile.GetAsync(fetcher, Category, archive.ComputeSha256(t), (target, stop) => Pack(archive, target, stop), t).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return new ConcatSource(packed);
    }

    /// <summary>Splits entries so that each part is an archive of its own. The names of one file stay together: names of a file are joined within an archive only.</summary>
    internal static IEnumerable<IReadOnlyList<TreeEntry>> Split(IReadOnlyList<TreeEntry> entries)
    {
        // Folders first: a name of a file may lie in one that comes after the file's first.
        var part = entries.Where(entry => entry.Node.Type == NodeType.Directory).ToList();
        long length = 0;
        foreach (var names in entries.Where(entry => entry.Node.Type != NodeType.Directory).GroupBy(entry => entry.Node, ReferenceEqualityComparer.Instance))
        {
            part.AddRange(names);
            length += names.First().Node.Type == NodeType.File ? names.First().Node.Data.Length : 0;
            if (length < ArchiveLength) continue;
            yield return part;
            part = [];
            length = 0;
        }
        if (part.Count > 0) yield return part;
    }

    /// <summary>One frame, as the kernel wants an archive to end where its compressed stream ends; by one thread, so that the bytes do not depend on the host.</summary>
    private static void Pack(Source archive, string target, CancellationToken token)
    {
        using var file = System.IO.File.Create(target);
        using var stream = new CompressionStream(file, CompressionLevel);
        archive.CopyTo(stream, token);
    }
}
