using System.Globalization;
using System.Text;
using Packer.Debian;
using Packer.Imaging;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>
/// The indexes of all modules of a kernel, by which udev and modprobe find the driver of a device and what it depends on, as depmod(8) of kmod 34 makes them when the
/// kernel's package is installed.
/// </summary>
internal static class ModuleIndex
{
    /// <summary>Changes with the content, and belongs into the key of a cached index.</summary>
    public const string FormatVersion = "1";

    private const string Folder = "/usr/lib/modules";
    private const string Suffix = ".ko";
    private const long MaximumModuleLength = 256 << 20;

    // What ExpandingStream reads.
    private static readonly string[] PackedSuffixes = ["", ".xz", ".zst", ".gz"];

    /// <summary>What a module says of itself.</summary>
    private sealed record Entry(string Name, string Path, ILookup<string, string> Information)
    {
        public IEnumerable<string> Dependencies => Information["depends"].SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(KernelModule.NormalizeName);
    }

    /// <summary>Reads the modules of a kernel and makes their indexes, by their paths.</summary>
    /// <param name="kernelTar">Full path of the expanded package.</param>
    /// <param name="token">Ends the work.</param>
    /// <exception cref="ImagingException">A module cannot be read.</exception>
    public static SortedDictionary<string, byte[]> Create(string kernelTar, CancellationToken token)
    {
        using var files = new FilePool();
        var tree = new FileTree(0);
        TarTree.AddTo(tree, kernelTar, path => path.StartsWith(Folder + "/", StringComparison.Ordinal), files);
        var version = tree.Find(Folder)?.Children.Keys.SingleOrDefault() ?? throw new ImagingException($"The kernel's package has not exactly one folder below {Folder}. Use another suite.");
        var prefix = $"{Folder}/{version}/";
        var modules = Read(tree, prefix, token);
        var byName = modules.GroupBy(module => module.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);

        var (dependencies, aliases, builtIn, builtInAliases) = (new IndexTree(), new IndexTree(), new IndexTree(), new IndexTree());
        StringBuilder dependencyText = new(), aliasText = new("# Aliases extracted from modules themselves.\n"), orderText = new("# Soft dependencies extracted from modules themselves.\n"), deviceText = new("# Device nodes to trigger on-demand module loading.\n");
        for (var index = 0; index < modules.Count; index++)
        {
            var module = modules[index];
            var line = $"{module.Path}:{string.Concat(LoadOrder(module, byName).Select(needed => " " + needed.Path))}";
            dependencies.Add(module.Name, line, index);
            dependencyText.Append(line).Append('\n');
            foreach (var alias in module.Information["alias"])
            {
                aliases.Add(NormalizeAlias(alias), module.Name, index);
                aliasText.Append("alias ").Append(alias).Append(' ').Append(module.Name).Append('\n');
            }
            foreach (var softly in module.Information["softdep"]) orderText.Append("softdep ").Append(module.Name).Append(' ').Append(softly).Append('\n');
            if (Device(module) is { } device) deviceText.Append(device).Append('\n');
        }
        foreach (var name in BuiltIn(tree, prefix)) builtIn.Add(name, "", 0);
        foreach (var (alias, name) in BuiltInAliases(tree, prefix)) builtInAliases.Add(NormalizeAlias(alias), name, 0);

        return new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [prefix + "modules.dep"] = Encoding.UTF8.GetBytes(dependencyText.ToString()),
            [prefix + "modules.dep.bin"] = dependencies.ToBytes(),
            [prefix + "modules.alias"] = Encoding.UTF8.GetBytes(aliasText.ToString()),
            [prefix + "modules.alias.bin"] = aliases.ToBytes(),
            [prefix + "modules.softdep"] = Encoding.UTF8.GetBytes(orderText.ToString()),
            [prefix + "modules.devname"] = Encoding.UTF8.GetBytes(deviceText.ToString()),
            [prefix + "modules.builtin.bin"] = builtIn.ToBytes(),
            [prefix + "modules.builtin.alias.bin"] = builtInAliases.ToBytes(),
            // By symbols nothing is looked up but by old programs; the library wants the file.
            [prefix + "modules.symbols.bin"] = new IndexTree().ToBytes(),
        };
    }

    // In the order in which the kernel was linked, which decides between several drivers of a device.
    private static List<Entry> Read(FileTree tree, string prefix, CancellationToken token)
    {
        var order = Lines(tree, prefix + "modules.order").Select((path, index) => (path, index)).ToDictionary(entry => entry.path, entry => entry.index, StringComparer.Ordinal);
        var found = new List<(string Path, string Plain, Node Node)>();
        foreach (var (path, node) in tree.Walk().Where(entry => entry.Node.Type == NodeType.File && entry.Path.StartsWith(prefix, StringComparison.Ordinal)))
            if (PackedSuffixes.FirstOrDefault(packed => path.EndsWith(Suffix + packed, StringComparison.Ordinal)) is { } suffix)
                found.Add((path[prefix.Length..], path[prefix.Length..^suffix.Length], node));
        var modules = new Entry[found.Count];
        Parallel.For(0, modules.Length, new ParallelOptions { CancellationToken = token }, index => modules[index] = Read(found[index].Path, found[index].Plain, found[index].Node));
        return [.. modules.Zip(found).OrderBy(pair => order.GetValueOrDefault(pair.Second.Plain, int.MaxValue)).ThenBy(pair => pair.First.Path, StringComparer.Ordinal).Select(pair => pair.First)];
    }

    private static Entry Read(string path, string plain, Node node)
    {
        var bytes = node.Data.ReadAll();
        if (path != plain)
        {
            using var expanded = new MemoryStream();
            using (var stream = ExpandingStream.Open(new MemoryStream(bytes), path, MaximumModuleLength, path)) stream.CopyTo(expanded);
            bytes = expanded.ToArray();
        }
        var section = ElfFile.TryOpen(new BytesSource(bytes))?.Section(".modinfo") ?? throw new ImagingException($"'{path}' is no kernel module. Delete the cache's folder 'debian-tar' and build again.");
        return new Entry(KernelModule.NormalizeName(plain[(plain.LastIndexOf('/') + 1)..^Suffix.Length]), path, Information(section, ""));
    }

    // "key=value" texts with zero bytes between (Linux, include/linux/moduleparam.h).
    private static ILookup<string, string> Information(byte[] text, string prefix) => Encoding.UTF8.GetString(text).Split('\0').Where(part => part.StartsWith(prefix, StringComparison.Ordinal))
        .Select(part => part[prefix.Length..].Split('=', 2)).Where(parts => parts.Length == 2).ToLookup(parts => parts[0], parts => parts[1], StringComparer.Ordinal);

    private static IEnumerable<string> BuiltIn(FileTree tree, string prefix) =>
        Lines(tree, prefix + "modules.builtin").Select(line => KernelModule.NormalizeName(Path.GetFileNameWithoutExtension(line))).Distinct(StringComparer.Ordinal);

    // "module.key=value", as modules say it.
    private static IEnumerable<(string Alias, string Module)> BuiltInAliases(FileTree tree, string prefix)
    {
        if (tree.Find(prefix + "modules.builtin.modinfo") is not { Type: NodeType.File } file) yield break;
        foreach (var part in Encoding.UTF8.GetString(file.Data.ReadAll()).Split('\0'))
        {
            var dot = part.IndexOf(".alias=", StringComparison.Ordinal);
            if (dot > 0) yield return (part[(dot + ".alias=".Length)..], KernelModule.NormalizeName(part[..dot]));
        }
    }

    private static IEnumerable<string> Lines(FileTree tree, string path) =>
        tree.Find(path) is { Type: NodeType.File } file ? Encoding.UTF8.GetString(file.Data.ReadAll()).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];

    // The one to load first comes last.
    private static IEnumerable<Entry> LoadOrder(Entry module, Dictionary<string, Entry> byName)
    {
        var loaded = new List<Entry>();
        Visit(module);
        loaded.Remove(module);
        loaded.Reverse();
        return loaded;

        void Visit(Entry next)
        {
            if (loaded.Contains(next)) return;
            foreach (var name in next.Dependencies)
                if (byName.TryGetValue(name, out var needed) && needed != module) Visit(needed);
            loaded.Add(next);
        }
    }

    // A device file that is there before its driver is, and loads it when it is opened (kmod-static-nodes.service).
    private static string? Device(Entry module)
    {
        string? name = null, number = null;
        foreach (var alias in module.Information["alias"])
        {
            if (alias.StartsWith("devname:", StringComparison.Ordinal)) name = alias["devname:".Length..];
            else if (alias.Split('-') is ["char" or "block", "major", var major, var minor] parts && uint.TryParse(major, CultureInfo.InvariantCulture, out _) && uint.TryParse(minor, CultureInfo.InvariantCulture, out _))
                number = $"{parts[0][0]}{major}:{minor}";
        }
        return name is null || number is null ? null : $"{module.Name} {name} {number}";
    }

    // Hyphens are underscores in names, but not between brackets, where they are ranges.
    private static string NormalizeAlias(string alias)
    {
        var text = new StringBuilder(alias.Length);
        var inside = false;
        foreach (var c in alias)
        {
            inside = c == '[' || (inside && c != ']');
            text.Append(c == '-' && !inside ? '_' : c);
        }
        return text.ToString();
    }
}
