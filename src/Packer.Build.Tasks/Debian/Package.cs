namespace Packer.Debian;

/// <summary>A package that could be installed: an entry of an index with its relations read.</summary>
internal sealed class Package
{
    /// <param name="entry">The entry of the index.</param>
    /// <param name="archive">The archive that has it.</param>
    /// <param name="architecture">The architecture of the image.</param>
    public Package(IndexedPackage entry, DebianArchive archive, string architecture)
    {
        Entry = entry;
        Archive = archive;
        var where = $"The package {entry.Name} {entry.Version} of {archive}";
        Needs = [.. Relation.ParseList(entry.PreDepends, architecture, where), .. Relation.ParseList(entry.Depends, architecture, where)];
        Provides = [.. Relation.ParseList(entry.Provides, architecture, where).SelectMany(relation => relation.Alternatives)];
        Excludes = [.. Terms("Conflicts", entry.Conflicts), .. Terms("Breaks", entry.Breaks)];

        IEnumerable<(string, RelationTerm)> Terms(string field, string value) =>
            Relation.ParseList(value, architecture, where).SelectMany(relation => relation.Alternatives).Select(term => (field, term));
    }

    /// <summary>The entry of the index.</summary>
    public IndexedPackage Entry { get; }

    /// <summary>The archive that has it.</summary>
    public DebianArchive Archive { get; }

    /// <summary>The name.</summary>
    public string Name => Entry.Name;

    /// <summary>Pre-Depends, then Depends (Debian Policy 7.2).</summary>
    public IReadOnlyList<Relation> Needs { get; }

    /// <summary>The virtual packages it stands for (Debian Policy 7.5).</summary>
    public IReadOnlyList<RelationTerm> Provides { get; }

    /// <summary>What it cannot be installed with, and the field that says so (Debian Policy 7.3 and 7.4).</summary>
    public IReadOnlyList<(string Field, RelationTerm Term)> Excludes { get; }

    /// <summary>Whether this package is one that the term means, by its own name or by one that it provides.</summary>
    public bool Matches(RelationTerm term) => MatchesName(term) || Stands(term);

    /// <summary>Whether the term means this package by its own name.</summary>
    public bool MatchesName(RelationTerm term) => term.Name == Name && term.Accepts(Entry.Version);

    /// <summary>
    /// Whether this package provides what the term means: any provided name for a term without a version, else only one provided with a version
    /// that fits (Debian Policy 7.5).
    /// </summary>
    public bool Stands(RelationTerm term) => Provides.Any(provided => provided.Name == term.Name
        && (term.Operator == RelationOperator.Any || (provided.Operator == RelationOperator.Equal && term.Accepts(provided.Version))));

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Entry.Version}";
}
