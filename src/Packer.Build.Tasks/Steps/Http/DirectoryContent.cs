using Packer.Engine.Planning;

namespace Packer.Steps.Http;

/// <summary>
/// The files of a folder. Every symbolic link on the way is followed by hand, so that none leads out of the folder; a link that does is as if it were not
/// there.
/// </summary>
internal sealed class DirectoryContent(string directory) : IHttpContent
{
    private const string IndexFile = "index.html";

    /// <summary>As many links as Linux follows in one path before it gives up.</summary>
    private const int MaximumLinks = 40;

    private readonly string root = Resolve(directory) ?? directory;

    public HttpFinding Find(IReadOnlyList<string> names, bool isFolder)
    {
        var shown = "/" + string.Join('/', names);
        try
        {
            if (Locate(names) is not { } path) return new HttpFinding { Reason = $"There is no '{shown}' in the HTTP directory." };
            if (!Directory.Exists(path)) return File(path) is { } file && !isFolder ? file : new HttpFinding { Reason = $"There is no '{shown}' in the HTTP directory." };
            if (Locate([.. names, IndexFile]) is not { } index || File(index) is not { } found) return new HttpFinding { Reason = $"The folder '{shown}' has no {IndexFile}, and folders are not listed." };
            return isFolder || names.Count == 0 ? found : new HttpFinding { IsFolder = true };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new HttpFinding { Reason = $"'{shown}' cannot be read: {exception.Message}" };
        }
    }

    private static HttpFinding? File(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) return null;
        // Neither an empty file nor a named pipe, which looks like one, is ever opened.
        return new HttpFinding { File = new HttpFile(file.Name, file.Length, file.LastWriteTimeUtc, () => file.Length == 0 ? Stream.Null : Open(path)) };
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);

    private string? Locate(IReadOnlyList<string> names) => Resolve(Path.Combine([root, .. names])) is { } real && PortablePath.IsWithin(real, root) ? real : null;

    /// <summary>The full path without a symbolic link in it, or null where links form a loop.</summary>
    private static string? Resolve(string path)
    {
        var current = Path.GetPathRoot(path)!;
        var pending = new Stack<string>(Names(path));
        var links = 0;
        while (pending.TryPop(out var name))
        {
            if (name == "..")
            {
                current = Path.GetDirectoryName(current) ?? current;
                continue;
            }
            var next = Path.Combine(current, name);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                current = next;
                continue;
            }
            if (++links > MaximumLinks) return null;
            if (Path.IsPathRooted(target)) current = Path.GetPathRoot(target)!;
            foreach (var part in Names(target)) pending.Push(part);
        }
        return current;
    }

    /// <summary>The names of a path, the last one first.</summary>
    private static IEnumerable<string> Names(string path) => path[Path.GetPathRoot(path)!.Length..]
        .Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".").Reverse();
}
