using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>The files and folders that the user puts into an image: what can be said of them, and how they get there.</summary>
internal static class AddedFiles
{
    private static readonly UnixFileMode ProgramMode = Permissions.Octal(755);
    private static readonly UnixFileMode FileMode = Permissions.Octal(644);

    // What the machine lays its own file systems over, so that a file would never be seen there.
    private static readonly string[] Covered = ["/dev", "/proc", "/run", "/sys", "/tmp"];

    /// <summary>Reports what is wrong with the settings themselves: the property and the message.</summary>
    public static void Check(ApplianceConfig config, Action<string, string> wrong)
    {
        foreach (var file in config.Files) CheckEntry(nameof(config.Files), file.Path, file.Mode, file.Owner, isFolder: false);
        foreach (var folder in config.Directories) CheckEntry(nameof(config.Directories), folder.Path, folder.Mode, folder.Owner, isFolder: true);

        void CheckEntry(string key, string path, string? mode, string? owner, bool isFolder)
        {
            if (!IsPath(path)) wrong(key, $"'{path}' is not the path of a place in the image. Begin it with '/', and take no '.', '..' or control character for a name.");
            else if (Covered.FirstOrDefault(folder => IsWithin(path, folder)) is { } covered)
                wrong(key, $"'{path}' lies in '{covered}', which the machine makes anew in memory at each start. Choose another folder, such as '/etc' or '/srv'.");
            else if (isFolder && path.Trim('/').Length == 0) wrong(key, "'/' is always there and belongs to root. Name a folder below it.");
            if (mode is not null && !TryParseMode(mode, out _)) wrong(key, $"'{mode}', the mode of '{path}', is none. Write three or four octal digits, such as '0640'.");
            if (owner is not null && !Accounts.IsOwner(owner)) wrong(key, $"'{owner}', the owner of '{path}', is none. Write 'user' or 'user:group', each a name or a number.");
        }
    }

    /// <summary>Adds the files and then the folders, in the order of the settings: a later one replaces an earlier one.</summary>
    /// <param name="tree">Has all else already.</param>
    /// <param name="config">The settings, which <see cref="Check"/> has nothing against.</param>
    /// <param name="accounts">Gives the numbers of owners.</param>
    /// <param name="kept">Paths of what starts the machine and the app, which no file may replace.</param>
    /// <param name="timestamp">The time of all that is added.</param>
    /// <param name="files">Keeps the files open that the tree refers to.</param>
    /// <exception cref="PackerException"><see cref="DiagnosticCodes.FileNotAdded"/>.</exception>
    public static void AddTo(FileTree tree, ApplianceConfig config, Accounts accounts, IEnumerable<string> kept, long timestamp, FilePool files)
    {
        var before = kept.Select(path => (Path: path, Node: tree.Get(path))).ToList();
        foreach (var file in config.Files)
        {
            Try(file.Path, () => AddFile(file));
            if (before.Find(entry => !ReferenceEquals(tree.Find(entry.Path), entry.Node)) is { Path: not null } lost)
                throw NotAdded($"'{file.Source}' would replace '{lost.Path}', by which the machine starts itself or the app. Choose another path.");
        }
        foreach (var folder in config.Directories) Try(folder.Path, () => AddFolder(folder));

        void AddFile(ImageFile file)
        {
            var source = Path.TrimEndingDirectorySeparator(file.Source);
            var owner = Owner(file.Owner, file.Path) ?? (0, 0);
            UnixFileMode? mode = file.Mode is { } text && TryParseMode(text, out var parsed) ? parsed : null;
            if (System.IO.Directory.Exists(source)) HostTree.AddTo(tree, source, file.Path, FolderMetadata, files);
            else
            {
                var path = file.Path.EndsWith('/') ? file.Path + Path.GetFileName(source) : file.Path;
                // A link is what the file is called here, and not what is meant.
                var target = System.IO.File.ResolveLinkTarget(source, returnFinalTarget: true)?.FullName ?? source;
                tree.AddFile(path, new FileSource(target, 0, new FileInfo(target).Length, files), new NodeMetadata(mode ?? DefaultMode(target), owner.User, owner.Group, timestamp));
            }

            NodeMetadata FolderMetadata(HostEntry entry) => entry.Type switch
            {
                // A folder that is there keeps what it has: those of Debian and of the app are meant to be as they are.
                NodeType.Directory when tree.Find(entry.Path) is { Type: NodeType.Directory } existing => existing.Metadata,
                NodeType.Directory => new NodeMetadata(mode is { } given ? WithEntry(given) : ProgramMode, owner.User, owner.Group, timestamp),
                NodeType.SymbolicLink => new NodeMetadata(Permissions.Octal(777), owner.User, owner.Group, timestamp),
                _ => new NodeMetadata(mode ?? DefaultMode(entry.HostPath), owner.User, owner.Group, timestamp),
            };
        }

        void AddFolder(ImageDirectory folder)
        {
            var path = folder.Path.TrimEnd('/');
            var existing = tree.Find(path) is { Type: NodeType.Directory } node ? node.Metadata : new NodeMetadata(ProgramMode, timestamp);
            var owner = Owner(folder.Owner, path) ?? (existing.UserId, existing.GroupId);
            tree.AddDirectory(path, new NodeMetadata(folder.Mode is { } text && TryParseMode(text, out var mode) ? mode : existing.Mode, owner.User, owner.Group, existing.ModificationTime));
        }

        (uint User, uint Group)? Owner(string? owner, string path) => owner is null ? null
            : accounts.FindOwner(owner) ?? throw NotAdded($"'{path}' is to belong to '{owner}', but the image has no such user or group. Its users are {string.Join(", ", accounts.Names)}; take one of them, or a number.");

        static void Try(string path, Action add)
        {
            try
            {
                add();
            }
            catch (Exception exception) when (exception is ImagingException or IOException or UnauthorizedAccessException)
            {
                throw new PackerException(DiagnosticCodes.FileNotAdded, $"What Files and Directories have for '{path}' cannot be put into the image: {exception.Message}", exception);
            }
        }
    }

    private static bool IsPath(string path) => path.StartsWith('/') && !path.Any(char.IsControl) && !path.Split('/').Any(name => name is "." or "..");

    private static bool IsWithin(string path, string folder) =>
        '/' + string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries)) is var plain && (plain == folder || plain.StartsWith(folder + "/", StringComparison.Ordinal));

    private static bool TryParseMode(string text, out UnixFileMode mode)
    {
        mode = default;
        if (text.Length is < 3 or > 4 || text.Any(c => c is < '0' or > '7')) return false;
        mode = (UnixFileMode)text.Aggregate(0, (value, digit) => (value << 3) | (digit - '0'));
        return true;
    }

    private static UnixFileMode WithEntry(UnixFileMode mode) => mode | (UnixFileMode)(((int)mode & 0x124) >> 2);

    // By the content and not by the mode on this machine: Linux starts nothing else, and Windows has no such mode.
    private static UnixFileMode DefaultMode(string path)
    {
        using var file = System.IO.File.OpenHandle(path);
        Span<byte> start = stackalloc byte[4];
        var length = RandomAccess.Read(file, start, 0);
        return (length == start.Length && ElfFile.HasMagic(start)) || start[..length].StartsWith("#!"u8) ? ProgramMode : FileMode;
    }

    private static PackerException NotAdded(string message) => new(DiagnosticCodes.FileNotAdded, message);
}
