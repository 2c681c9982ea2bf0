namespace Packer.Debian;

/// <summary>How a version must compare with the one of a relation.</summary>
internal enum RelationOperator
{
    /// <summary>Any version.</summary>
    Any,

    /// <summary><c>&lt;&lt;</c></summary>
    Earlier,

    /// <summary><c>&lt;=</c></summary>
    EarlierOrEqual,

    /// <summary><c>=</c></summary>
    Equal,

    /// <summary><c>&gt;=</c></summary>
    LaterOrEqual,

    /// <summary><c>&gt;&gt;</c></summary>
    Later,
}

/// <summary>One alternative of a relation: a package name, and which versions and architecture of it.</summary>
/// <param name="Name">The name of a package, or of a virtual one.</param>
/// <param name="Architecture">The qualifier after the name's colon, or null.</param>
/// <param name="Operator">How versions must compare with <paramref name="Version"/>.</param>
/// <param name="Version">The version to compare with; empty for <see cref="RelationOperator.Any"/>.</param>
internal sealed record RelationTerm(string Name, string? Architecture, RelationOperator Operator, DebianVersion Version)
{
    /// <summary>Whether this version is one of those that the term accepts.</summary>
    public bool Accepts(DebianVersion version) => Operator switch
    {
        RelationOperator.Any => true,
        RelationOperator.Earlier => version.CompareTo(Version) < 0,
        RelationOperator.EarlierOrEqual => version.CompareTo(Version) <= 0,
        RelationOperator.Equal => version.CompareTo(Version) == 0,
        RelationOperator.LaterOrEqual => version.CompareTo(Version) >= 0,
        _ => version.CompareTo(Version) > 0,
    };

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = Architecture is null ? Name : $"{Name}:{Architecture}";
        var symbol = Operator switch
        {
            RelationOperator.Earlier => "<<",
            RelationOperator.EarlierOrEqual => "<=",
            RelationOperator.Equal => "=",
            RelationOperator.LaterOrEqual => ">=",
            RelationOperator.Later => ">>",
            _ => null,
        };
        return symbol is null ? text : $"{text} ({symbol} {Version})";
    }
}

/// <summary>
/// One element of a relationship field such as Depends: alternatives, of which one is enough (Debian Policy 7.1). Architecture restrictions are
/// applied while parsing; build profiles, which only source packages have, are ignored.
/// </summary>
internal sealed record Relation(IReadOnlyList<RelationTerm> Alternatives)
{
    /// <summary>The relations of a field, separated by commas; none for null.</summary>
    /// <param name="field">The value of the field.</param>
    /// <param name="architecture">The architecture that restrictions in brackets are compared with.</param>
    /// <param name="where">The package or file, for messages.</param>
    /// <exception cref="DebianException"><see cref="DebianError.Damaged"/>.</exception>
    public static IReadOnlyList<Relation> ParseList(string? field, string architecture, string where)
    {
        if (string.IsNullOrWhiteSpace(field)) return [];
        var relations = new List<Relation>();
        foreach (var element in field.Split(','))
        {
            // A comma after the last element is common, and harmless.
            if (string.IsNullOrWhiteSpace(element)) continue;
            var terms = new List<RelationTerm>();
            foreach (var alternative in element.Split('|'))
                if (new TermParser(alternative, where).Parse(architecture) is { } term) terms.Add(term);
            if (terms.Count > 0) relations.Add(new Relation(terms));
        }

        return relations;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(" | ", Alternatives);

    private ref struct TermParser(string text, string where)
    {
        private ReadOnlySpan<char> _rest = text.AsSpan().Trim(Blanks);

        private const string Blanks = " \t\r\n";

        // name[:architecture] [(operator version)] [[architectures]] [<profiles>]; null where the restriction leaves the architecture out.
        public RelationTerm? Parse(string architecture)
        {
            var nameEnd = _rest.IndexOfAny(" \t\r\n([<");
            var name = nameEnd < 0 ? _rest : _rest[..nameEnd];
            _rest = nameEnd < 0 ? default : _rest[nameEnd..].TrimStart(Blanks);
            var colon = name.IndexOf(':');
            var qualifier = colon < 0 ? null : name[(colon + 1)..].ToString();
            if (colon >= 0) name = name[..colon];
            if (!IsName(name) || (qualifier is not null && !IsName(qualifier))) throw Malformed();

            var comparison = RelationOperator.Any;
            var version = default(DebianVersion);
            if (TakeGroup('(', ')', out var constraint))
            {
                var length = constraint.IndexOfAnyExcept('<', '=', '>') is var end && end < 0 ? constraint.Length : end;
                comparison = constraint[..length] switch
                {
                    "<<" => RelationOperator.Earlier,
                    "<=" or "<" => RelationOperator.EarlierOrEqual,
                    "=" => RelationOperator.Equal,
                    ">=" or ">" => RelationOperator.LaterOrEqual,
                    ">>" => RelationOperator.Later,
                    _ => throw Malformed(),
                };
                if (!DebianVersion.TryParse(constraint[length..].Trim(Blanks).ToString(), out version)) throw Malformed();
            }

            var applies = !TakeGroup('[', ']', out var restriction) || Applies(restriction, architecture);
            while (TakeGroup('<', '>', out _))
            {
                // A build profile.
            }

            if (!_rest.IsEmpty) throw Malformed();
            return applies ? new RelationTerm(name.ToString(), qualifier, comparison, version) : null;
        }

        private bool TakeGroup(char open, char close, out ReadOnlySpan<char> content)
        {
            content = default;
            if (_rest.IsEmpty || _rest[0] != open) return false;
            var end = _rest.IndexOf(close);
            // The version group may hold < and > of its operator, and build profiles never do.
            if (end < 0) throw Malformed();
            content = _rest[1..end].Trim(Blanks);
            _rest = _rest[(end + 1)..].TrimStart(Blanks);
            return true;
        }

        // Policy 7.1: either all with an exclamation mark or none.
        private readonly bool Applies(ReadOnlySpan<char> restriction, string architecture)
        {
            var listed = false;
            var negated = false;
            foreach (var name in restriction.ToString().Split((char[])[' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
            {
                negated |= name[0] == '!';
                listed |= Matches(name.TrimStart('!'), architecture);
            }

            return listed != negated;
        }

        // Policy 11.1.1, for architectures of Linux, whose names have no operating system.
        private static bool Matches(string wildcard, string architecture) =>
            wildcard == architecture || wildcard is "any" or "linux-any" || wildcard == "any-" + architecture || wildcard == "linux-" + architecture;

        private static bool IsName(ReadOnlySpan<char> name)
        {
            if (name.IsEmpty || !char.IsAsciiLetterOrDigit(name[0])) return false;
            foreach (var c in name)
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '.' or '_')) return false;
            return true;
        }

        private readonly DebianException Malformed() => new(DebianError.Damaged,
            $"{where} has the relation '{text.Trim()}', which is not of the form 'name (operator version)' (Debian Policy 7.1).");
    }
}
