using Packer.Engine.Planning;
using Packer.Imaging;

namespace Packer.Steps;

/// <summary>
/// Collects what a CD or floppy holds. Times are fixed and owners are root, so that equal files give equal bytes on every machine; of the mode only
/// whether a file can be executed is kept.
/// </summary>
/// <param name="medium">What it is for messages: <c>CD</c>.</param>
/// <param name="pool">Keeps the files open while the medium is written.</param>
internal sealed class MediumTree(string medium, FilePool pool)
{
    /// <summary>The time of all files and of the medium: 2025-01-01T00:00:00Z, in seconds since 1970-01-01T00:00:00Z.</summary>
    public const long Timestamp = 1735689600;

    private static readonly NodeMetadata FolderMetadata = new(Permissions.Octal(755), Timestamp);
    private static readonly NodeMetadata FileMetadata = new(Permissions.Octal(644), Timestamp);
    private static readonly NodeMetadata ProgramMetadata = new(Permissions.Octal(755), Timestamp);

    private readonly Dictionary<string, string> sources = new(StringComparer.Ordinal);

    public FileTree Tree { get; } = new(Timestamp);

    /// <summary>Adds files, and folders with all that is in them. A folder keeps its name unless its path ends with a separator.</summary>
    public void AddPaths(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            if (!Directory.Exists(path)) AddFile("/" + Path.GetFileName(path), new FileInfo(path));
            else AddFolder(path, Path.EndsInDirectorySeparator(path) ? "" : "/" + Path.GetFileName(path), flatten: false);
        }
    }

    /// <summary>Adds files, and of folders all files below them, to the root folder.</summary>
    public void AddFlat(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            if (Directory.Exists(path)) AddFolder(path, "", flatten: true);
            else AddFile("/" + Path.GetFileName(path), new FileInfo(path));
        }
    }

    /// <summary>Adds texts by path; they replace files.</summary>
    public void AddContent(IReadOnlyDictionary<string, string> content)
    {
        foreach (var (path, text) in content.OrderBy(pair => pair.Key, StringComparer.Ordinal)) Tree.AddFile(path.Replace('\\', '/'), text, FileMetadata);
    }

    private void AddFolder(string folder, string path, bool flatten)
    {
        folder = Path.TrimEndingDirectorySeparator(folder);
        var pending = new Stack<(DirectoryInfo Folder, string Path)>([(new DirectoryInfo(folder), path)]);
        while (pending.TryPop(out var next))
        {
            if (!flatten && next.Path.Length > 0) Tree.AddDirectory(next.Path, FolderMetadata);
            foreach (var item in next.Folder.EnumerateFileSystemInfos().OrderBy(item => item.Name, StringComparer.Ordinal))
            {
                var itemPath = (flatten ? "" : next.Path) + "/" + item.Name;
                if (item.LinkTarget is not null) AddFile(itemPath, Follow(item, folder));
                else if (item is DirectoryInfo child) pending.Push((child, itemPath));
                else AddFile(itemPath, (FileInfo)item);
            }
        }
    }

    private void AddFile(string path, FileInfo file)
    {
        if (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target) file = target;
        if (!sources.TryAdd(path, file.FullName))
        {
            if (sources[path] == file.FullName) return;
            throw new ImagingException($"Both '{sources[path]}' and '{file.FullName}' would be '{path}' on the {medium}. Rename one of them, or put them into different folders.");
        }
        var isProgram = !OperatingSystem.IsWindows() && (file.UnixFileMode & UnixFileMode.UserExecute) != 0;
        // Neither an empty file nor a named pipe, which looks like one, is ever opened.
        Tree.AddFile(path, file.Length == 0 ? BytesSource.Empty : new FileSource(file.FullName, 0, file.Length, pool), isProgram ? ProgramMetadata : FileMetadata);
    }

    /// <summary>What a link leads to. Outside of the folder the planner would not see it change, and links to folders may form a loop.</summary>
    private FileInfo Follow(FileSystemInfo link, string folder) =>
        link.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } target && PortablePath.IsWithin(target.FullName, folder)
            ? target
            : throw new ImagingException($"'{link.FullName}' is a symbolic link to '{link.LinkTarget}', which is no file within '{folder}', and so cannot be on the {medium}. Name what it leads to in the settings, or copy it into the folder.");
}
