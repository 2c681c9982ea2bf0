namespace Packer.Debian;

/// <summary>
/// The packages of several archives as one: of each name only the newest version counts, as it does for apt; of equal versions the first
/// archive's.
/// </summary>
internal sealed class PackageCatalog(IReadOnlyList<(DebianArchive Archive, PackageIndex Index)> indexes, string architecture)
{
    private readonly Dictionary<string, Package?> _newest = new(StringComparer.Ordinal);

    /// <summary>The architecture of the packages.</summary>
    public string Architecture => architecture;

    /// <summary>The archives, in order.</summary>
    public IEnumerable<DebianArchive> Archives => indexes.Select(index => index.Archive);

    /// <summary>The names of all essential packages, in ordinal order.</summary>
    public IReadOnlyList<string> EssentialNames => [.. indexes.SelectMany(index => index.Index.EssentialNames).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The newest package of this name, or null where no archive has one for the architecture.</summary>
    public Package? Newest(string name)
    {
        if (_newest.TryGetValue(name, out var known)) return known;
        (IndexedPackage Entry, DebianArchive Archive)? best = null;
        foreach (var (archive, index) in indexes)
            foreach (var entry in index.Find(name))
                if ((entry.Architecture == architecture || entry.Architecture == "all") && (best is null || entry.Version.CompareTo(best.Value.Entry.Version) > 0))
                    best = (entry, archive);
        return _newest[name] = best is { } found ? new Package(found.Entry, found.Archive, architecture) : null;
    }

    /// <summary>The newest packages that provide what the term means, the most usual one first: by priority, then by name.</summary>
    public IReadOnlyList<Package> Providers(RelationTerm term) =>
        [.. indexes.SelectMany(index => index.Index.FindProviders(term.Name)).Select(entry => entry.Name).Distinct(StringComparer.Ordinal)
            .Select(Newest).OfType<Package>().Where(package => package.Stands(term))
            .OrderBy(package => Rank(package.Entry)).ThenBy(package => package.Name, StringComparer.Ordinal)];

    // Debian Policy 2.5; essential packages are on every system, so they come before all.
    private static int Rank(IndexedPackage package) => package.Essential ? 0 : package.Priority switch
    {
        "required" => 1,
        "important" => 2,
        "standard" => 3,
        "optional" => 4,
        _ => 5,
    };
}
