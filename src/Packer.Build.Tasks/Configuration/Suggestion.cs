namespace Packer.Configuration;

/// <summary>Finds what a misspelt word was meant to be.</summary>
internal static class Suggestion
{
    private const int LongestWord = 100;

    /// <summary>
    /// The candidate nearest to the word, upper and lower case alike, by the Damerau-Levenshtein distance (insert, delete, replace, swap of neighbours;
    /// the restricted form). One error in three characters is accepted. Failing that, the only candidate that the word begins. Null: nothing is near.
    /// </summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        if (word.Length is < 2 or > LongestWord)
        {
            return null;
        }

        string? best = null;
        string? continued = null;
        var continuations = 0;
        var limit = Math.Max(1, word.Length / 3);
        var bestDistance = limit + 1;
        foreach (var candidate in candidates)
        {
            var distance = Distance(word, candidate, limit);
            if (distance < bestDistance || (distance == bestDistance && best is not null && string.CompareOrdinal(candidate, best) < 0))
            {
                (best, bestDistance) = (candidate, distance);
            }

            if (word.Length >= 3 && candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                continued = candidate;
                continuations++;
            }
        }

        return best ?? (continuations == 1 ? continued : null);
    }

    /// <summary>The distance, or more than the limit as soon as that is certain.</summary>
    private static int Distance(string left, string right, int limit)
    {
        if (Math.Abs(left.Length - right.Length) > limit)
        {
            return limit + 1;
        }

        Span<int> before = stackalloc int[right.Length + 1];
        Span<int> previous = stackalloc int[right.Length + 1];
        Span<int> current = stackalloc int[right.Length + 1];
        for (var column = 0; column <= right.Length; column++)
        {
            previous[column] = column;
        }

        for (var row = 1; row <= left.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= right.Length; column++)
            {
                var cost = Same(left[row - 1], right[column - 1]) ? 0 : 1;
                var distance = Math.Min(Math.Min(current[column - 1], previous[column]) + 1, previous[column - 1] + cost);
                if (row > 1 && column > 1 && Same(left[row - 1], right[column - 2]) && Same(left[row - 2], right[column - 1]))
                {
                    distance = Math.Min(distance, before[column - 2] + 1);
                }

                current[column] = distance;
            }

            var spare = before;
            before = previous;
            previous = current;
            current = spare;
        }

        return previous[right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
