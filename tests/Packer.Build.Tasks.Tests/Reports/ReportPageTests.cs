using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Packer.Engine.Reports;

namespace Packer.Tests.Reports;

[TestClass]
public sealed partial class ReportPageTests
{
    [TestMethod]
    public void Hostile_text_stays_text()
    {
        var page = Page(TestReports.Sample());

        Assert.AreEqual(1, Regex.Count(page, "<script"), "Only the data are in a script element.");
        Assert.AreEqual(1, Regex.Count(page, "</script>"));
        Assert.DoesNotContain("<img src=x", page);
        Assert.DoesNotContain("\u001b", page);
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt;", page);
        var data = JsonNode.Parse(Data().Match(page).Groups[1].Value)!;
        Assert.Contains("</script>", (string)data["images"]![0]!["warnings"]![0]!["message"]!);
    }

    [TestMethod]
    public void It_needs_nothing_else()
    {
        var page = Page(TestReports.Sample());
        var data = Data().Match(page);
        var markup = page[..data.Index];
        Assert.DoesNotContain("http://", markup);
        Assert.DoesNotContain("https://", markup);
        Assert.DoesNotContain("<link", markup);
        Assert.Contains("src=\"data:image/png;base64,iVBO", markup);
        Assert.DoesNotContain("<img", Page(TestReports.Sample(), null), "A screenshot that is gone is left out.");
    }

    [TestMethod]
    public void The_same_report_gives_the_same_page() => Assert.AreEqual(Page(TestReports.Sample()), Page(TestReports.Sample()));

    [TestMethod]
    public void The_drawings_add_up()
    {
        var report = TestReports.Sample();
        var page = Page(report);
        Assert.AreEqual(report.Images.Sum(image => image.DurationMs), Milliseconds().Matches(page).Sum(match => long.Parse(match.Groups[1].Value)));
        var sizes = Sizes().Matches(page).Select(match => long.Parse(match.Groups[1].Value)).ToList();
        Assert.AreEqual(report.Images.Sum(image => image.ContentsSize), sizes.Sum());
    }

    [TestMethod]
    public void A_build_without_images_has_a_page() => Assert.Contains("Overview", Page(new BuildReport { Project = "a.csproj", RunId = "1", Images = [] }));

    [TestMethod]
    [DataRow(0, "0.0 s")]
    [DataRow(1234, "1.234 s")]
    [DataRow(83_400, "1 min 23 s")]
    [DataRow(3_720_000, "1 h 02 min")]
    public void Durations_are_readable(long milliseconds, string text) => Assert.AreEqual(text, ReportText.Duration(milliseconds));

    [TestMethod]
    [DataRow(0, "0 B")]
    [DataRow(1023, "1023 B")]
    [DataRow(1536, "1.5 KiB")]
    [DataRow(1_048_575, "1.0 MiB")]
    [DataRow(156_000_000, "148.8 MiB")]
    public void Sizes_are_readable(long bytes, string text) => Assert.AreEqual(text, ReportText.Size(bytes));

    internal static string Page(BuildReport report) => Page(report, [0x89, 0x50, 0x4e, 0x47]);

    private static string Page(BuildReport report, byte[]? picture)
    {
        using var stream = new MemoryStream();
        new ReportPage(report, _ => picture).Write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    [GeneratedRegex("<script type=\"application/json\" id=\"report\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Data();

    [GeneratedRegex("data-ms=\"([0-9]+)\"")]
    private static partial Regex Milliseconds();

    [GeneratedRegex("<i [^>]*data-size=\"([0-9]+)\"")]
    private static partial Regex Sizes();
}
