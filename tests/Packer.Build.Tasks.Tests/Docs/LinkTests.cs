namespace Packer.Tests.Docs;

/// <summary>No link of the documentation leads nowhere.</summary>
[TestClass]
public sealed class LinkTests
{
    [TestMethod]
    public void Relative_links_lead_to_files_and_headings_that_exist()
    {
        var pages = MarkdownPage.All().ToDictionary(page => page.FullPath, StringComparer.Ordinal);
        var broken = pages.Values.SelectMany(page => page.Links.Where(link => !IsAlive(page, link.Target, pages)).Select(link => $"{page.RelativePath}({link.Line}): {link.Target}")).ToList();
        Assert.IsEmpty(broken, string.Join('\n', broken));
    }

    [TestMethod]
    public void Every_page_can_be_reached_from_the_readme()
    {
        var pages = MarkdownPage.All().ToDictionary(page => page.FullPath, StringComparer.Ordinal);
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<string>([RepositoryFiles.FullPath("README.md")]);
        while (waiting.TryPop(out var path))
        {
            if (!reached.Add(path) || !pages.TryGetValue(path, out var page)) continue;
            foreach (var (_, target) in page.Links.Where(link => !IsAbsolute(link.Target))) waiting.Push(PathOf(page, target));
        }
        var lost = pages.Keys.Except(reached, StringComparer.Ordinal).ToList();
        Assert.IsEmpty(lost, string.Join('\n', lost));
    }

    [TestMethod]
    public void Help_links_of_errors_lead_to_their_headings()
    {
        var errors = MarkdownPage.All().Single(page => page.RelativePath == "docs/errors.md");
        foreach (var entry in Packer.Configuration.DiagnosticCatalogue.Entries)
        {
            var link = DiagnosticCodes.HelpLink(entry.Code)!;
            Assert.Contains("/docs/errors.md#", link);
            Assert.Contains(link[(link.IndexOf('#', StringComparison.Ordinal) + 1)..], errors.Anchors);
        }
    }

    private static bool IsAlive(MarkdownPage page, string target, Dictionary<string, MarkdownPage> pages)
    {
        if (IsAbsolute(target)) return true;
        var path = PathOf(page, target);
        var hash = target.IndexOf('#', StringComparison.Ordinal);
        if (hash >= 0) return pages.TryGetValue(path, out var other) && other.Anchors.Contains(target[(hash + 1)..]);
        return File.Exists(path) || Directory.Exists(path);
    }

    private static string PathOf(MarkdownPage page, string target)
    {
        var path = target.Split('#')[0];
        return path.Length == 0 ? page.FullPath : Path.GetFullPath(path, Path.GetDirectoryName(page.FullPath)!);
    }

    private static bool IsAbsolute(string target) => target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal);
}
