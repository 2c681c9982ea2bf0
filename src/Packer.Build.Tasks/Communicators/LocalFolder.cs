namespace Packer.Communicators;

/// <summary>A file or folder of this side that is to be copied.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">Full path.</param>
/// <param name="Relative">Path relative to the folder that is copied, with forward slashes; empty for that folder itself.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="Mode">Unix permission bits.</param>
internal sealed record LocalEntry(string Name, string Path, string Relative, bool IsFolder, UnixFileMode Mode);

/// <summary>Lists what is in a folder of this side. Symbolic links are followed, as the copy has no use for where they lead here.</summary>
/// <param name="excludes">What is left out.</param>
internal sealed class LocalFolder(PathGlobs excludes)
{
    private const int DeepestFolder = 64;
    private const UnixFileMode FolderMode = (UnixFileMode)0b111_101_101;
    private const UnixFileMode FileMode = (UnixFileMode)0b110_100_100;

    /// <summary>The folder itself.</summary>
    /// <exception cref="PackerException">It is not there.</exception>
    public static LocalEntry Root(string path)
    {
        if (!Directory.Exists(path)) throw new PackerException(DiagnosticCodes.TransferFailed, $"The folder '{path}' does not exist. Correct the path.");
        var trimmed = System.IO.Path.TrimEndingDirectorySeparator(path);
        return new LocalEntry(System.IO.Path.GetFileName(trimmed), trimmed, "", IsFolder: true, ModeOf(new DirectoryInfo(trimmed)));
    }

    /// <summary>What is in a folder, in ordinal order.</summary>
    /// <exception cref="PackerException">A chain of links leads back to itself.</exception>
    public IEnumerable<LocalEntry> Children(LocalEntry folder)
    {
        if (folder.Relative.Count(character => character == '/') >= DeepestFolder)
            throw new PackerException(DiagnosticCodes.TransferFailed, $"'{folder.Path}' is more than {DeepestFolder} folders deep: a symbolic link probably leads back to a folder above it. Remove the link, or leave it out with excludes.");
        return new DirectoryInfo(folder.Path).EnumerateFileSystemInfos().OrderBy(info => info.Name, StringComparer.Ordinal)
            .Select(info => Describe(folder, info)).Where(entry => !excludes.Match(entry.Relative));
    }

    private static LocalEntry Describe(LocalEntry folder, FileSystemInfo info)
    {
        var target = info.LinkTarget is null ? info : info.ResolveLinkTarget(returnFinalTarget: true) ?? info;
        var isFolder = (target.Attributes & FileAttributes.Directory) != 0;
        return new LocalEntry(info.Name, info.FullName, folder.Relative.Length == 0 ? info.Name : $"{folder.Relative}/{info.Name}", isFolder, ModeOf(target));
    }

    private static UnixFileMode ModeOf(FileSystemInfo info) =>
        OperatingSystem.IsWindows() ? (info.Attributes & FileAttributes.Directory) != 0 ? FolderMode : FileMode : info.UnixFileMode;
}
