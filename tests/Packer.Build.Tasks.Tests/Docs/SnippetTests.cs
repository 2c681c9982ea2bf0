using System.Text.Json;

namespace Packer.Tests.Docs;

/// <summary>
/// Every snippet of the documentation is used here. XML is planned as a project; a comment before the fence says of anything else what it is:
/// <c>excerpt: path</c>, lines of a file of the repository; <c>file: path</c>, a file of the projects on the same page. Commands and output
/// (<c>console</c>, <c>text</c>, <c>mermaid</c>) are for people alone.
/// </summary>
[TestClass]
public sealed class SnippetTests
{
    private static readonly string[] Unchecked = ["console", "text", "mermaid"];

    [TestMethod]
    public void Snippets_of_projects_are_planned_without_errors()
    {
        var faults = new List<string>();
        var planned = 0;
        foreach (var page in MarkdownPage.All())
        {
            using var folder = new SnippetFolder(page);
            foreach (var snippet in page.Snippets.Where(snippet => snippet.Language == "xml" && snippet.Marked("excerpt") is null))
            {
                var project = SnippetProject.Parse(snippet.Text);
                faults.AddRange(SnippetProject.UnknownProperties(project).Select(key => $"{snippet}: no component has the key of the property 'Packer{key}'."));
                faults.AddRange(SnippetProject.Plan(project, folder.Path).Diagnostics.Select(diagnostic => $"{snippet}: {diagnostic.Code} {diagnostic.Message}"));
                planned++;
            }
        }
        Assert.IsEmpty(faults, string.Join('\n', faults));
        Assert.IsGreaterThan(5, planned);
    }

    [TestMethod]
    public void Excerpts_are_lines_of_their_files()
    {
        var faults = new List<string>();
        foreach (var snippet in MarkdownPage.All().SelectMany(page => page.Snippets))
        {
            if (snippet.Marked("excerpt") is not { } path) continue;
            var file = RepositoryFiles.FullPath(path.Split('/'));
            if (!File.Exists(file)) faults.Add($"{snippet}: there is no file '{path}'.");
            else if (!Holds(File.ReadAllLines(file), Lines(snippet.Text))) faults.Add($"{snippet}: these lines are not in '{path}' any more.");
        }
        Assert.IsEmpty(faults, string.Join('\n', faults));
    }

    [TestMethod]
    public void Every_other_snippet_is_an_excerpt_or_a_file()
    {
        var unknown = MarkdownPage.All().SelectMany(page => page.Snippets)
            .Where(snippet => snippet.Language != "xml" && !Unchecked.Contains(snippet.Language) && snippet.Marked("excerpt") is null && snippet.Marked("file") is null)
            .Select(snippet => $"{snippet}: nothing checks this snippet. Put '<!-- excerpt: path -->' or '<!-- file: path -->' on the line before it.").ToList();
        Assert.IsEmpty(unknown, string.Join('\n', unknown));
    }

    [TestMethod]
    public void Json_is_well_formed()
    {
        foreach (var snippet in MarkdownPage.All().SelectMany(page => page.Snippets).Where(snippet => snippet.Language == "json"))
        {
            using var _ = JsonDocument.Parse(snippet.Text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
    }

    private static List<string> Lines(string text) => [.. text.TrimEnd('\n').Split('\n')];

    /// <summary>Whether the lines follow one another in the file, all moved by the same indentation.</summary>
    private static bool Holds(IReadOnlyList<string> file, IReadOnlyList<string> wanted)
    {
        var expected = Unindent(wanted);
        for (var start = 0; start + wanted.Count <= file.Count; start++)
        {
            if (file[start].Trim() == wanted[0].Trim() && Unindent([.. file.Skip(start).Take(wanted.Count)]).SequenceEqual(expected)) return true;
        }
        return false;
    }

    private static List<string> Unindent(IReadOnlyList<string> lines)
    {
        var filled = lines.Where(line => line.Trim().Length > 0).ToList();
        var indentation = filled.Count == 0 ? 0 : filled.Min(line => line.Length - line.TrimStart().Length);
        return [.. lines.Select(line => line.Trim().Length == 0 ? "" : line[indentation..].TrimEnd())];
    }

    /// <summary>A folder with the files that a page shows.</summary>
    private sealed class SnippetFolder : IDisposable
    {
        public SnippetFolder(MarkdownPage page)
        {
            foreach (var snippet in page.Snippets)
            {
                if (snippet.Marked("file") is not { } name) continue;
                var path = System.IO.Path.Combine(Path, name);
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
                File.WriteAllText(path, snippet.Text);
            }
        }

        public string Path { get; } = Directory.CreateTempSubdirectory("packer-docs-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
