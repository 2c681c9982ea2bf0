using System.Text;
using System.Text.RegularExpressions;

namespace Packer.Communicators;

/// <summary>
/// Globs over paths relative to a folder, with forward slashes: <c>*</c> and <c>?</c> within a name, <c>**</c> for any number of folders. What is below a folder that
/// matches is left out with it.
/// </summary>
internal sealed class PathGlobs(IEnumerable<string> patterns)
{
    private static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<Regex> expressions = [.. patterns.Select(Compile)];

    public bool Match(string path) => expressions.Any(expression => expression.IsMatch(path));

    private static Regex Compile(string pattern)
    {
        var text = new StringBuilder("\\A");
        var glob = pattern.Replace('\\', '/').Trim('/');
        for (var index = 0; index < glob.Length; index++)
        {
            if (string.CompareOrdinal(glob, index, "**/", 0, 3) == 0)
            {
                text.Append("(?:[^/]+/)*");
                index += 2;
            }
            else if (string.CompareOrdinal(glob, index, "**", 0, 2) == 0)
            {
                text.Append(".*");
                index++;
            }
            else
            {
                text.Append(glob[index] switch { '*' => "[^/]*", '?' => "[^/]", var other => Regex.Escape(other.ToString()) });
            }
        }
        return new Regex(text.Append("\\z").ToString(), RegexOptions.CultureInvariant | RegexOptions.Singleline, MatchLimit);
    }
}
