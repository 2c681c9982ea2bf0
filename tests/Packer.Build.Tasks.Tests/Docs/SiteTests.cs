using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Packer.Tests.Docs;

/// <summary>The documentation as a static site.</summary>
[TestClass]
public sealed partial class SiteTests
{
    private const string FirstPage = "README.md";

    private static readonly string Site = RepositoryFiles.FullPath("site");

    [TestMethod]
    public void Every_page_stands_in_the_table_of_contents_once()
    {
        var listed = JsonNode.Parse(File.ReadAllText(Path.Combine(Site, "toc.json")))!.AsArray().SelectMany(part => part!["pages"]!.AsArray()).Select(page => (string)page!).Order(StringComparer.Ordinal).ToList();
        var pages = MarkdownPage.All().Select(page => page.RelativePath).Where(page => page != FirstPage).Order(StringComparer.Ordinal).ToList();
        Assert.AreEqual(string.Join('\n', pages), string.Join('\n', listed));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task It_is_made_without_a_warning_its_links_lead_somewhere_and_a_browser_has_nothing_to_say()
    {
        Rig.Require("node", "chromium");
        var browser = RepositoryFiles.FullPath("tests", "report-browser");
        // 'npm ci' in these folders brings them.
        if (!Directory.Exists(Path.Combine(Site, "node_modules", "vitepress"))) Rig.Require("vitepress");
        if (!Directory.Exists(Path.Combine(browser, "node_modules", "playwright-core"))) Rig.Require("playwright-core");
        using var folder = new TemporaryFolder();

        var output = await RunAsync(Site, Path.Combine(Site, "node_modules", "vitepress", "bin", "vitepress.js"), "build", "--outDir", folder.Path);
        Assert.DoesNotContain("warn", output.ToLowerInvariant());
        Assert.DoesNotContain("(!)", output);

        var files = Directory.EnumerateFiles(folder.Path, "*.html", SearchOption.AllDirectories).ToDictionary(path => "/" + Path.GetRelativePath(folder.Path, path).Replace('\\', '/'), File.ReadAllText, StringComparer.Ordinal);
        var missing = MarkdownPage.All().Select(page => page.RelativePath == FirstPage ? "/index.html" : "/" + Path.ChangeExtension(page.RelativePath, ".html")).Where(path => !files.ContainsKey(path)).ToList();
        Assert.IsEmpty(missing, string.Join('\n', missing));
        var broken = files.SelectMany(file => Links(file.Key, file.Value).Where(link => !IsAlive(link, files, folder.Path)).Select(link => $"{file.Key}: {link}")).ToList();
        Assert.IsEmpty(broken, string.Join('\n', broken));

        var pages = JsonNode.Parse(await RunAsync(browser, "site.mjs", folder.Path, "/usr/bin/chromium", "/", "/docs/builders/qemu.html", "/docs/errors.html"))!.AsArray();
        foreach (var page in pages)
        {
            Assert.AreEqual("[]", page!["messages"]!.ToJsonString(), (string?)page["path"]);
            Assert.Contains("Packer.Sdk", (string)page["title"]!);
        }
    }

    /// <summary>The links of a page to others and to itself, from the root of the site.</summary>
    private static IEnumerable<string> Links(string path, string html) =>
        Reference().Matches(html).Select(match => match.Groups[1].Value.Replace("&amp;", "&", StringComparison.Ordinal)).Where(link => link.StartsWith('/') || link.StartsWith('#')).Select(link => link[0] == '#' ? path + link : link);

    private static bool IsAlive(string link, Dictionary<string, string> files, string folder)
    {
        var parts = link.Split('#', 2);
        var path = Uri.UnescapeDataString(parts[0]);
        if (path.EndsWith('/')) path += "index.html";
        if (!files.TryGetValue(path, out var html)) return File.Exists(Path.Combine(folder, path[1..]));
        return parts.Length == 1 || parts[1].Length == 0 || html.Contains($"id=\"{Uri.UnescapeDataString(parts[1])}\"", StringComparison.Ordinal);
    }

    /// <summary>Runs node, which must succeed, and returns what it says.</summary>
    private static async Task<string> RunAsync(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var words = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, string.Concat(words));
        return string.Concat(words);
    }

    [GeneratedRegex("href=\"([^\"]+)\"")]
    private static partial Regex Reference();
}
