namespace Packer.Debian;

/// <summary>
/// The packages chosen so far, in the order of the choices, with what each was chosen for. Found by the names that they have or provide, and by
/// the names that they exclude; the newest choices can be taken back.
/// </summary>
/// <typeparam name="TReason">What a package was chosen for.</typeparam>
internal sealed class PackageChoices<TReason>
{
    private readonly List<(Package Package, TReason Reason)> _choices = [];
    private readonly Dictionary<string, List<(Package Package, TReason Reason)>> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(Package Package, TReason Reason)>> _byExcludedName = new(StringComparer.Ordinal);

    /// <summary>The number of choices.</summary>
    public int Count => _choices.Count;

    /// <summary>The chosen packages.</summary>
    public IEnumerable<Package> Packages => _choices.Select(choice => choice.Package);

    /// <summary>Adds a choice.</summary>
    public void Add(Package package, TReason reason)
    {
        _choices.Add((package, reason));
        foreach (var name in Names(package)) ListOf(_byName, name).Add((package, reason));
        foreach (var name in ExcludedNames(package)) ListOf(_byExcludedName, name).Add((package, reason));
    }

    /// <summary>Takes back the newest choices until only so many are left.</summary>
    public void Shrink(int count)
    {
        while (_choices.Count > count)
        {
            var package = _choices[^1].Package;
            _choices.RemoveAt(_choices.Count - 1);
            // The newest choice is the last of each list that it is in.
            foreach (var name in Names(package)) _byName[name].RemoveAt(_byName[name].Count - 1);
            foreach (var name in ExcludedNames(package)) _byExcludedName[name].RemoveAt(_byExcludedName[name].Count - 1);
        }
    }

    /// <summary>The chosen packages that the term means.</summary>
    public IEnumerable<(Package Package, TReason Reason)> Matching(RelationTerm term) =>
        _byName.TryGetValue(term.Name, out var choices) ? choices.Where(choice => choice.Package.Matches(term)) : [];

    /// <summary>The chosen packages that cannot be installed with this one, with the field and the term that say so.</summary>
    public IEnumerable<(Package Package, TReason Reason, string Field, RelationTerm Term)> Excluding(Package package) =>
        from name in Names(package)
        where _byExcludedName.ContainsKey(name)
        from choice in _byExcludedName[name]
        from excluded in choice.Package.Excludes
        where package.Matches(excluded.Term)
        select (choice.Package, choice.Reason, excluded.Field, excluded.Term);

    private static IEnumerable<string> Names(Package package) => package.Provides.Select(provided => provided.Name).Prepend(package.Name).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> ExcludedNames(Package package) => package.Excludes.Select(excluded => excluded.Term.Name).Distinct(StringComparer.Ordinal);

    private static List<(Package Package, TReason Reason)> ListOf(Dictionary<string, List<(Package Package, TReason Reason)>> lists, string name) =>
        lists.TryGetValue(name, out var list) ? list : lists[name] = [];
}
