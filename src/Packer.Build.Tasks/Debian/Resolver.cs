namespace Packer.Debian;

/// <summary>
/// Chooses the packages that a list of names needs: the closure over Pre-Depends and Depends (Debian Policy 7.2), of each package the newest
/// version, of alternatives the first that can be installed. It searches depth first and takes back the choices below an alternative that fails;
/// the result is checked for Conflicts and Breaks with every choice. One use, one resolution.
/// </summary>
internal sealed class Resolver(PackageCatalog catalog, IReadOnlySet<string> exclusions)
{
    // Whole desktops stay below half of it; it keeps the search within the stack of any thread.
    private const int MaximumDepth = 1000;

    private readonly PackageChoices<Chain> _chosen = new();
    private readonly Dictionary<string, Failure> _failed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _requested = new(StringComparer.Ordinal);

    // How a package came to be needed, from the name that was asked for.
    private sealed record Chain(Chain? Parent, string Step)
    {
        private const int Shown = 8;

        public int Depth { get; } = (Parent?.Depth ?? 0) + 1;

        // Of a long chain the beginning, which the reader knows, and the end, which is the matter.
        public override string ToString()
        {
            var steps = new List<string>();
            for (var chain = this; chain is not null; chain = chain.Parent)
                if (chain.Depth <= Shown || chain.Depth > Depth - Shown) steps.Add(chain.Step);
                else if (chain.Depth == Shown + 1) steps.Add("…");
            steps.Reverse();
            return string.Join(" → ", steps);
        }
    }

    private sealed record Failure(DebianError Error, string Message);

    /// <summary>The chosen packages, ordered by name.</summary>
    /// <param name="catalog">The packages to choose from.</param>
    /// <param name="names">What to install: names, each with a version in parentheses or alternatives if need be, as in a Depends field.</param>
    /// <param name="exclusions">Names of packages that are left out, and regarded as present, whatever their version: for what the image brings
    /// in another way or does without.</param>
    /// <exception cref="DebianException"><see cref="DebianError.Unsatisfiable"/> or <see cref="DebianError.Conflict"/>, with the chain of
    /// relations that leads there; <see cref="DebianError.Damaged"/> for a malformed relation.</exception>
    public static IReadOnlyList<Package> Resolve(PackageCatalog catalog, IReadOnlyCollection<string> names, IReadOnlySet<string> exclusions) =>
        new Resolver(catalog, exclusions).Run(names);

    private List<Package> Run(IReadOnlyCollection<string> names)
    {
        var relations = names.SelectMany(name => Relation.ParseList(name, catalog.Architecture, "The list of packages")).ToArray();
        foreach (var relation in relations)
        {
            if (relation.Alternatives.All(term => exclusions.Contains(term.Name)))
                throw new DebianException(DebianError.Unsatisfiable, $"The package '{relation}' is both asked for and excluded. Take it out of one of the two lists.");
            // What is asked for by name is preferred wherever another package leaves a choice.
            if (relation.Alternatives is [var term] && catalog.Newest(term.Name) is { } package && package.MatchesName(term)) _requested.Add(package.Name);
        }

        foreach (var relation in relations)
            if (Satisfy(relation, new Chain(null, relation.ToString())) is { } failure)
                throw new DebianException(failure.Error, failure.Message);
        return [.. _chosen.Packages.OrderBy(package => package.Name, StringComparer.Ordinal)];
    }

    private Failure? Satisfy(Relation relation, Chain chain)
    {
        if (relation.Alternatives.Any(IsSatisfied)) return null;
        if (chain.Depth > MaximumDepth) return new Failure(DebianError.Unsatisfiable, $"The packages depend on each other in too long a chain: {chain}.");
        Failure? first = null;
        foreach (var candidate in Candidates(relation))
        {
            var mark = _chosen.Count;
            if (Choose(candidate, chain) is not { } failure) return null;
            _chosen.Shrink(mark);
            first ??= failure;
        }

        return first ?? new Failure(DebianError.Unsatisfiable, $"The packages cannot be chosen: {chain}: {Missing(relation)}. Ask for another package or suite, or exclude what the image can do without.");
    }

    private Failure? Choose(Package package, Chain chain)
    {
        // What failed once is not tried again, or a few packages with many alternatives could take for ever.
        if (_failed.TryGetValue(package.Name, out var known)) return known;
        if (Clash(package, chain) is { } clash) return _failed[package.Name] = clash;
        _chosen.Add(package, chain);
        foreach (var relation in package.Needs)
            if (Satisfy(relation, new Chain(chain.Parent is null && chain.Step == package.Name ? chain : Named(chain, package), relation.ToString())) is { } failure)
                return _failed[package.Name] = failure;
        return null;
    }

    // Where the step does not tell which package was taken (alternatives, a virtual package), its name is added.
    private static Chain Named(Chain chain, Package package)
    {
        var end = chain.Step.IndexOfAny([' ', ':']);
        var alternatives = chain.Step.Contains('|', StringComparison.Ordinal);
        return !alternatives && (end < 0 ? chain.Step : chain.Step[..end]) == package.Name ? chain : chain with { Step = $"{chain.Step} [{package.Name}]" };
    }

    private bool IsSatisfied(RelationTerm term) => IsExcluded(term) || (IsNative(term) && _chosen.Matching(term).Any());

    private bool IsExcluded(RelationTerm term) =>
        exclusions.Contains(term.Name) || exclusions.Any(name => catalog.Newest(name) is { } package && package.Stands(term));

    // Debian Policy 7.1 and multiarch: all packages are of the one architecture of the image, so "any" is as good as none.
    private bool IsNative(RelationTerm term) => term.Architecture is null or "any" or "native" or "all" || term.Architecture == catalog.Architecture;

    private IEnumerable<Package> Candidates(Relation relation)
    {
        var candidates = new List<Package>();
        foreach (var term in relation.Alternatives.Where(IsNative))
        {
            if (catalog.Newest(term.Name) is { } package && package.MatchesName(term)) candidates.Add(package);
            candidates.AddRange(catalog.Providers(term));
        }

        return candidates.Distinct().OrderByDescending(package => _requested.Contains(package.Name));
    }

    private Failure? Clash(Package package, Chain chain)
    {
        foreach (var (field, term) in package.Excludes)
            foreach (var (other, reason) in _chosen.Matching(term))
                return Conflict(package, chain, field, term, other, reason);
        foreach (var (other, reason, field, term) in _chosen.Excluding(package)) return Conflict(other, reason, field, term, package, chain);
        return null;
    }

    private static Failure Conflict(Package package, Chain chain, string field, RelationTerm term, Package other, Chain otherChain) => new(DebianError.Conflict,
        $"The packages {package} and {other} cannot be installed together: {package.Name} has '{field}: {term}'. The first is needed by {Named(chain, package)}, the second by {Named(otherChain, other)}. Leave one of them out, or exclude it.");

    private string Missing(Relation relation)
    {
        var known = relation.Alternatives.Select(term => catalog.Newest(term.Name)).OfType<Package>().Select(package => $"{package} in {package.Archive}").ToArray();
        return known.Length > 0
            ? $"the newest that the archives have is {string.Join(" and ", known)}"
            : $"no package of {string.Join(", ", catalog.Archives)} for {catalog.Architecture} has or provides this name";
    }
}
