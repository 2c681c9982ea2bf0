namespace Packer.Configuration;

/// <summary>A name, or a glob over names: <c>*</c> is any number of characters, <c>?</c> is one. Upper and lower case are alike, as in MSBuild.</summary>
internal sealed class NamePattern(string text)
{
    /// <summary>The pattern as written.</summary>
    public string Text { get; } = text;

    /// <summary>Reads a list of patterns, separated by <c>;</c>; white space and empty elements do not count.</summary>
    public static IReadOnlyList<NamePattern> ParseList(string? text)
    {
        var patterns = new List<NamePattern>();
        foreach (var element in (text ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            patterns.Add(new NamePattern(element));
        }

        return patterns;
    }

    /// <summary>Whether any of the patterns matches.</summary>
    public static bool MatchesAny(IReadOnlyList<NamePattern> patterns, string name)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the pattern matches the whole name.</summary>
    public bool Matches(string name) => Matches(Text, name, ignoreCase: true);

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Matches in time proportional to the product of both lengths: after a mismatch only the last star is tried again.</summary>
    internal static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name, bool ignoreCase)
    {
        var (patternIndex, nameIndex, star, starName) = (0, 0, -1, 0);
        while (nameIndex < name.Length)
        {
            if (patternIndex < pattern.Length && pattern[patternIndex] == '*')
            {
                (star, starName) = (patternIndex++, nameIndex);
            }
            else if (patternIndex < pattern.Length && (pattern[patternIndex] == '?' || Same(pattern[patternIndex], name[nameIndex], ignoreCase)))
            {
                patternIndex++;
                nameIndex++;
            }
            else if (star >= 0)
            {
                (patternIndex, nameIndex) = (star + 1, ++starName);
            }
            else
            {
                return false;
            }
        }

        while (patternIndex < pattern.Length && pattern[patternIndex] == '*')
        {
            patternIndex++;
        }

        return patternIndex == pattern.Length;
    }

    private static bool Same(char left, char right, bool ignoreCase) =>
        left == right || (ignoreCase && char.ToUpperInvariant(left) == char.ToUpperInvariant(right));
}
