using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Packer.Tests.Docs;

/// <summary>A code block of a page.</summary>
/// <param name="Page">The page.</param>
/// <param name="Line">The line of its fence, from 1.</param>
/// <param name="Language">What stands behind the fence.</param>
/// <param name="Mark">The text of the comment on the line before the fence, or null.</param>
/// <param name="Text">Its lines, each ended by a line feed.</param>
internal sealed record Snippet(MarkdownPage Page, int Line, string Language, string? Mark, string Text)
{
    /// <summary>What follows a word of the comment, as <c>excerpt: path</c>; null where the comment is another one.</summary>
    public string? Marked(string word) => Mark is not null && Mark.StartsWith(word + ":", StringComparison.Ordinal) ? Mark[(word.Length + 1)..].Trim() : null;

    public override string ToString() => $"{Page.RelativePath}({Line})";
}

/// <summary>A page of the documentation, as far as the tests look at it: headings, links and code blocks.</summary>
internal sealed partial class MarkdownPage
{
    private MarkdownPage(string path)
    {
        FullPath = path;
        RelativePath = Path.GetRelativePath(RepositoryFiles.Root, path).Replace('\\', '/');
        Read(File.ReadAllLines(path));
    }

    public string FullPath { get; }

    public string RelativePath { get; }

    public List<Snippet> Snippets { get; } = [];

    /// <summary>The anchors of the headings, by GitHub's rule.</summary>
    public HashSet<string> Anchors { get; } = new(StringComparer.Ordinal);

    /// <summary>The targets of all links, with their lines.</summary>
    public List<(int Line, string Target)> Links { get; } = [];

    /// <summary>All pages for users and contributors.</summary>
    public static IReadOnlyList<MarkdownPage> All() =>
    [
        .. Directory.GetFiles(RepositoryFiles.Root, "*.md").Concat(Directory.GetFiles(RepositoryFiles.FullPath("docs"), "*.md", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal).Select(path => new MarkdownPage(path)),
    ];

    private void Read(string[] lines)
    {
        Snippet? open = null;
        var text = new StringBuilder();
        for (var index = 0; index < lines.Length; index++)
        {
            var line = lines[index];
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                if (open is null)
                {
                    var before = index > 0 ? Comment().Match(lines[index - 1]) : Match.Empty;
                    open = new Snippet(this, index + 1, line.Trim()[3..].Trim(), before.Success ? before.Groups[1].Value : null, "");
                    text.Clear();
                }
                else
                {
                    Snippets.Add(open with { Text = text.ToString() });
                    open = null;
                }
            }
            else if (open is not null) text.Append(line).Append('\n');
            else ReadLine(line, index + 1);
        }
    }

    private void ReadLine(string line, int number)
    {
        if (Heading().Match(line) is { Success: true } heading) AddAnchor(heading.Groups[1].Value);
        var prose = Code().Replace(line, "");
        foreach (Match link in Link().Matches(prose)) Links.Add((number, link.Groups[1].Value));
    }

    private void AddAnchor(string heading)
    {
        var anchor = new StringBuilder();
        foreach (var character in Link().Replace(heading, match => match.Value[1..match.Value.IndexOf(']', StringComparison.Ordinal)]))
        {
            if (char.IsLetterOrDigit(character) || character is '-' or '_') anchor.Append(char.ToLowerInvariant(character));
            else if (character == ' ') anchor.Append('-');
        }
        var name = anchor.ToString();
        for (var copy = 1; !Anchors.Add(name); copy++) name = string.Create(CultureInfo.InvariantCulture, $"{anchor}-{copy}");
    }

    [GeneratedRegex(@"^\s*<!-- (.*?) -->\s*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^#{1,6} (.+?)\s*$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`[^`]*`")]
    private static partial Regex Code();
}
