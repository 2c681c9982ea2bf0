using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Packer.Engine.Planning;

/// <summary>
/// SHA-256 of files, remembered by path, size and time stamp, so that a file that nobody wrote to is not read again. The memory is only a
/// shortcut: a file that looks touched is read, and decides by its content.
/// </summary>
internal sealed class FileHashes
{
    private const string Header = "packer-file-hashes 1";

    /// <summary>
    /// A file written shortly before it was hashed could be written again within one tick of the file system's clock, unseen; such an entry is
    /// not trusted.
    /// </summary>
    private static readonly TimeSpan ClockGranularity = TimeSpan.FromSeconds(2);

    /// <summary>Small enough to be no large object, which would make the runtime collect all of the build's heap.</summary>
    private const int BufferSize = 1 << 16;

    private readonly string memoryPath;
    private readonly bool readOnly;
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private bool changed;

    /// <param name="memoryPath">Full path of the memory.</param>
    /// <param name="readOnly">Whether the memory is only read, as in a check without side effects.</param>
    public FileHashes(string memoryPath, bool readOnly = false)
    {
        this.memoryPath = memoryPath;
        this.readOnly = readOnly;
        Load();
    }

    /// <summary>Lower-case hexadecimal SHA-256 of a file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public string OfFile(string path) => OfFile(new FileInfo(path));

    /// <summary>
    /// SHA-256 over the names (relative, <c>/</c>) and contents of all files below a folder, and the targets of symbolic links, in ordinal order.
    /// </summary>
    public string OfDirectory(string path)
    {
        var root = new DirectoryInfo(path);
        var lines = new List<string>();
        foreach (var item in root.EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(path, item.FullName).Replace('\\', '/');
            if (item.LinkTarget is { } target) lines.Add($"{relative}\nlink {target}\n");
            else if (item is FileInfo file) lines.Add($"{relative}\nfile {OfFile(file)}\n");
            else lines.Add($"{relative}\nfolder\n");
        }
        lines.Sort(StringComparer.Ordinal);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines) hash.AppendData(Encoding.UTF8.GetBytes(line));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Whether a file has the size and SHA-256 given.</summary>
    public bool Matches(string path, long size, string sha256)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists && file.Length == size && OfFile(file) == sha256;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Notes a hash that was computed while the file was written.</summary>
    public void Remember(string path, string sha256)
    {
        var file = new FileInfo(path);
        entries[path] = new Entry(file.Length, file.LastWriteTimeUtc.Ticks, DateTime.UtcNow.Ticks, sha256);
        changed = true;
    }

    /// <summary>Writes the memory, where it changed. A memory that cannot be written costs time in the next build, nothing else.</summary>
    public void Save()
    {
        if (!changed || readOnly) return;
        try
        {
            var temporary = $"{memoryPath}.{Guid.NewGuid():N}";
            Directory.CreateDirectory(Path.GetDirectoryName(memoryPath)!);
            using (var text = new StreamWriter(temporary))
            {
                text.Write(Header + '\n');
                foreach (var path in entries.Keys.Order(StringComparer.Ordinal))
                {
                    if (path.Contains('\n', StringComparison.Ordinal)) continue;
                    var entry = entries[path];
                    text.Write(string.Create(CultureInfo.InvariantCulture, $"{entry.Sha256} {entry.Size} {entry.Written} {entry.Hashed} {path}\n"));
                }
            }
            File.Move(temporary, memoryPath, overwrite: true);
            changed = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private string OfFile(FileInfo file)
    {
        var size = file.Length;
        var written = file.LastWriteTimeUtc.Ticks;
        if (entries.TryGetValue(file.FullName, out var entry) && entry.Size == size && entry.Written == written
            && entry.Hashed - entry.Written > ClockGranularity.Ticks)
        {
            return entry.Sha256;
        }
        var hashed = DateTime.UtcNow.Ticks;
        using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferSize, FileOptions.SequentialScan);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(stream));
        entries[file.FullName] = new Entry(size, written, hashed, sha256);
        changed = true;
        return sha256;
    }

    private void Load()
    {
        try
        {
            using var reader = new StreamReader(memoryPath);
            if (reader.ReadLine() != Header) return;
            while (reader.ReadLine() is { } line)
            {
                var fields = line.Split(' ', 5);
                if (fields.Length == 5 && fields[0].Length == 64
                    && long.TryParse(fields[1], CultureInfo.InvariantCulture, out var size)
                    && long.TryParse(fields[2], CultureInfo.InvariantCulture, out var written)
                    && long.TryParse(fields[3], CultureInfo.InvariantCulture, out var hashed))
                {
                    entries[fields[4]] = new Entry(size, written, hashed, fields[0]);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    // No value type, over which the dictionary would be compiled anew in every build.
    private sealed record Entry(long Size, long Written, long Hashed, string Sha256);
}
