using Packer.Configuration;
using Packer.Imaging;

namespace Packer.PostProcessors;

/// <summary>Finds the disks among the files of an artifact.</summary>
internal static class DiskSelection
{
    /// <summary>The files that a post-processor is to work on.</summary>
    /// <param name="artifact">What it was given.</param>
    /// <param name="names">The setting <c>Disks</c>: names or globs; none takes all.</param>
    /// <param name="kind">The format of all of them; null finds that of each.</param>
    /// <exception cref="PackerException">There is none, or one is no disk.</exception>
    public static List<string> Find(IArtifact artifact, IReadOnlyList<string> names, DiskFileKind? kind)
    {
        var patterns = NamePattern.ParseList(string.Join(';', names));
        var disks = artifact.Files.Where(file => patterns.Count == 0 || NamePattern.MatchesAny(patterns, Path.GetFileName(file))).ToList();
        if (disks.Count == 0)
        {
            throw new PackerException(DiagnosticCodes.NotADisk, artifact.Files.Count == 0
                ? $"The artifact '{artifact.Id}' has no files, so there is no disk to work on. Put this post-processor after what writes disks to this machine."
                : $"None of the files of the artifact ({List(artifact.Files)}) is called as 'Disks' says: {string.Join(", ", names)}. Correct it.");
        }
        if (kind is null && disks.Where(file => !IsDisk(file)).ToList() is { Count: > 0 } others)
        {
            throw new PackerException(DiagnosticCodes.NotADisk,
                $"{List(others)} {(others.Count == 1 ? "is no disk" : "are no disks")} of a known format (raw, qcow2, vhd, vhdx, vmdk, ova). Name those that are with 'Disks', or say with 'InputFormat' what they are.");
        }
        return disks;
    }

    private static bool IsDisk(string path)
    {
        try
        {
            using var file = HostFileSource.Open(path);
            return DiskFileDetection.Detect(file).Kind is not null;
        }
        catch (ImagingException exception)
        {
            throw new PackerException(DiagnosticCodes.DiskNotConverted, exception.Message, exception);
        }
    }

    private static string List(IReadOnlyList<string> files) => string.Join(", ", files.Select(file => $"'{Path.GetFileName(file)}'"));
}
