using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>What takes the room in an appliance: the kernel, each package, each file of the app, and what the file systems take for themselves.</summary>
internal sealed class ApplianceContents
{
    private const string Kernel = "kernel";
    private const string BootLoader = "boot loader";
    private const string FileSystems = "file systems";
    private const string App = "app";
    private const string Added = "files";

    /// <summary>The group of Debian's packages.</summary>
    public const string Packages = "packages";

    /// <summary>The group of what is made for the image.</summary>
    public const string System = "system";

    private static readonly Owner Configuration = new(System, "configuration");

    // No value types: dictionaries over them would be compiled anew in every build.
    private readonly Dictionary<Node, Owner> owners = new(ReferenceEqualityComparer.Instance);

    /// <summary>Gives the files of a tree that are nobody's yet to an owner.</summary>
    public void Claim(FileTree tree, string group, string name)
    {
        var owner = new Owner(group, name);
        foreach (var entry in tree.Walk())
            if (entry.Node.Type == NodeType.File) owners.TryAdd(entry.Node, owner);
    }

    /// <summary>Gives the files of an app to itself, each by its path in the app; those of an added app by its name and path.</summary>
    public void ClaimApp(FileTree tree, GuestApp app)
    {
        var folder = app.Folder + "/";
        var prefix = app.Name == GuestApp.MainName ? "" : app.Name + "/";
        foreach (var entry in tree.Walk())
            if (entry.Node.Type == NodeType.File && entry.Path.StartsWith(folder, StringComparison.Ordinal)) owners.TryAdd(entry.Node, new Owner(App, prefix + entry.Path[folder.Length..]));
    }

    /// <summary>Gives the files that are nobody's yet to the user, each by its path.</summary>
    public void ClaimAdded(FileTree tree)
    {
        foreach (var entry in tree.Walk())
            if (entry.Node.Type == NodeType.File) owners.TryAdd(entry.Node, new Owner(Added, entry.Path));
    }

    /// <summary>Gives the files of the boot partition to their owners.</summary>
    /// <param name="boot">The content of the partition.</param>
    /// <param name="isUnified">Whether it holds a unified kernel image.</param>
    public void ClaimBoot(FileTree boot, bool isUnified)
    {
        foreach (var entry in boot.Walk().Where(entry => entry.Node.Type == NodeType.File))
            owners.TryAdd(entry.Node, entry.Path switch { BootTree.Kernel => new Owner(Kernel, "Linux"), BootTree.RamDisk => new Owner(Kernel, "initial RAM disk"), _ when isUnified => new Owner(Kernel, "unified kernel image"), _ => new Owner(BootLoader, Path.GetFileName(entry.Path)) });
    }

    /// <summary>The contents of a disk of trees; the sizes add up to its bytes that hold data.</summary>
    public IReadOnlyList<ContentsEntry> Entries(SparseImage disk, params FileTree[] trees)
    {
        var sizes = new Dictionary<Owner, Size>();
        var seen = new HashSet<Node>(ReferenceEqualityComparer.Instance);
        var claimed = 0L;
        foreach (var node in trees.SelectMany(tree => tree.Walk()).Select(entry => entry.Node).Where(node => node.Type == NodeType.File && seen.Add(node)))
        {
            var length = node.Data.DataRanges().Sum(range => range.Length);
            SizeOf(owners.GetValueOrDefault(node, Configuration)).Bytes += length;
            claimed += length;
        }
        SizeOf(new Owner(FileSystems, "folders, tables and journal")).Bytes = disk.DataRanges().Sum(range => range.Length) - claimed;
        return [.. sizes.Where(entry => entry.Value.Bytes > 0).OrderBy(entry => entry.Key.Group, StringComparer.Ordinal).ThenBy(entry => entry.Key.Name, StringComparer.Ordinal)
            .Select(entry => new ContentsEntry(entry.Key.Group, entry.Key.Name, entry.Value.Bytes))];

        Size SizeOf(Owner owner)
        {
            if (!sizes.TryGetValue(owner, out var size)) sizes.Add(owner, size = new Size());
            return size;
        }
    }

    private sealed record Owner(string Group, string Name);

    private sealed class Size
    {
        public long Bytes { get; set; }
    }
}
