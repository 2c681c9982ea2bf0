using System.Diagnostics;
using System.Text.Json.Nodes;
using Packer.Engine.Reports;

namespace Packer.Tests.Reports;

/// <summary>The page of the report in a real Chromium, light and dark, on a desk and on a phone.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class ReportBrowserTests
{
    [TestMethod]
    public async Task The_page_is_whole_accessible_and_fits_a_phone()
    {
        Rig.Require("node", "chromium");
        var folder = RepositoryFiles.FullPath("tests", "report-browser");
        // 'npm ci' in that folder brings them.
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "playwright-core"))) Rig.Require("playwright-core");
        using var temporary = new TemporaryFolder();
        var report = TestReports.Sample();
        var page = Path.Combine(temporary.Path, "report.html");
        await File.WriteAllTextAsync(page, ReportPageTests.Page(report), CancellationToken.None);

        var runs = await RunAsync(folder, page);

        Assert.HasCount(4, runs);
        Assert.AreEqual(2, runs.Select(run => (string)run!["background"]!).Distinct().Count(), "Light and dark have colours of their own.");
        var images = report.Images;
        foreach (var run in runs.Select(run => run!))
        {
            var name = $"{run["colorScheme"]} {run["width"]}";
            Assert.AreEqual("[]", run["messages"]!.ToJsonString(), $"{name}: the console is not empty.");
            Assert.AreEqual("[]", run["requests"]!.ToJsonString(), $"{name}: it asks the network.");
            Assert.AreEqual(0, (int)run["overflow"]!, $"{name}: it scrolls sideways.");
            var serious = run["violations"]!.AsArray().Where(violation => (string)violation!["impact"]! is not "minor").Select(violation => violation!.ToJsonString()).ToList();
            Assert.IsEmpty(serious, $"{name}: {string.Join('\n', serious)}");
            AssertParts(name, run["strips"]!, "milliseconds", images.Where(image => image.Steps.Count > 0).Select(image => image.DurationMs));
            AssertParts(name, run["maps"]!, "size", images.Where(image => image.Contents.Count > 0).Select(image => image.ContentsSize));
            Assert.AreEqual(images.Count, (int)run["data"]!);
        }
    }

    private static void AssertParts(string name, JsonNode drawings, string value, IEnumerable<long> expected)
    {
        CollectionAssert.AreEqual(expected.ToList(), drawings.AsArray().Select(drawing => (long)drawing![value]!).ToList(), $"{name}: {value}");
        foreach (var drawing in drawings.AsArray()) Assert.AreEqual(1, (double)drawing!["share"]!, 0.02, $"{name}: the drawing is not filled.");
    }

    private static async Task<JsonArray> RunAsync(string folder, string page)
    {
        var start = new ProcessStartInfo("node") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["check.mjs", page, "/usr/bin/chromium"]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, await errors);
        return JsonNode.Parse(await output)!.AsArray();
    }
}
