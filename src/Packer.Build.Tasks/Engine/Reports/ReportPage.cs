using System.Text;
using Packer.Engine.Provenance;
using static Packer.Engine.Reports.ReportText;

namespace Packer.Engine.Reports;

/// <summary>
/// The report as one page of HTML that needs nothing else: no script, no network. What is drawn stands as a table too. The data lie in it as JSON.
/// </summary>
/// <param name="report">What it says.</param>
/// <param name="readPicture">Reads a screenshot by its path in the report; null where it is gone.</param>
internal sealed class ReportPage(BuildReport report, Func<string, byte[]?> readPicture)
{
    private const string StyleResource = "Packer.Engine.Reports.report.css";

    private readonly StringBuilder page = new();

    /// <summary>
    /// Writes the page in UTF-8. It is never whole in one string: that would be a large object, for which the runtime collects all of the build's heap.
    /// </summary>
    public void Write(Stream stream)
    {
        page.Append($$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
            <title>Images of {{Html(report.Project)}}</title>
            <style>
            {{Style()}}</style>
            </head>
            <body>
            <header>
            <h1>Images of {{Html(report.Project)}}</h1>
            <p class="soft">{{Html(Summary())}}</p>
            </header>
            <main>

            """);
        Overview();
        foreach (var (index, image) in report.Images.Index()) Image(image, index);
        page.Append("</main>\n<footer class=\"soft\"><p>Written by Packer.Sdk ").Append(Html(report.SdkVersion)).Append(". The same data lie beside this page in <code>").Append(BuildReport.JsonName).Append("</code>.</p></footer>\n");
        page.Append("<script type=\"application/json\" id=\"report\">\n");
        using (var writer = new StreamWriter(stream, leaveOpen: true))
        {
            foreach (var part in page.GetChunks()) writer.Write(part.Span);
        }
        // As text of a script element "<" could end it.
        ReadOnlySpan<byte> json = report.Write();
        for (int found; (found = json.IndexOf((byte)'<')) >= 0; json = json[(found + 1)..])
        {
            stream.Write(json[..found]);
            stream.Write("\\u003c"u8);
        }
        stream.Write(json);
        stream.Write("\n</script>\n</body>\n</html>\n"u8);
    }

    private static string Style()
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream(StyleResource)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private string Summary()
    {
        var built = report.Built.ToList();
        var counts = built.GroupBy(image => image.Outcome, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {Word(group.Key)}").ToList();
        var others = report.Images.Count - built.Count;
        if (others > 0) counts.Add($"{others} not built now");
        var text = string.Join(", ", counts);
        return report.Started is { } started ? $"{Time(started)}, {Duration(report.DurationMs)}: {text}" : text;
    }

    // ---- All images ----

    private void Overview()
    {
        page.Append("<section aria-labelledby=\"overview\">\n<h2 id=\"overview\">Overview</h2>\n");
        if (report.DurationMs > 0)
        {
            page.Append($"<div role=\"img\" aria-label=\"{Html($"When each image was built, within {Duration(report.DurationMs)}; the table says the same.")}\">\n");
            foreach (var image in report.Built.Where(image => image.Started is not null))
            {
                var left = 100 * (image.Started!.Value - report.Started!.Value).TotalMilliseconds / report.DurationMs;
                page.Append($"<div class=\"lane\"><i class=\"{(image.Outcome == ReportOutcomes.Succeeded ? "c2" : "c4")}\" style=\"left:{Percent(left)};width:{Percent(100d * image.DurationMs / report.DurationMs)}\" title=\"{Html(image.Image)}\"></i></div>\n");
            }
            page.Append("</div>\n");
        }
        BeginTable("All images", "Image", "Outcome", "Builder", "#Started after", "#Took", "#Size of files");
        foreach (var (index, image) in report.Images.Index())
        {
            var after = image.BuiltNow && image.Started is { } started && report.Started is { } first ? Duration((long)(started - first).TotalMilliseconds) : "–";
            Row($"<a href=\"#image-{index}\">{Html(image.Image)}</a>", Outcome(image), Html(image.Builder), "#" + after, "#" + (image.Started is null ? "–" : Duration(image.DurationMs)), "#" + Size(image.Artifacts.SelectMany(artifact => artifact.Files).Sum(file => file.Size)));
        }
        EndTable();
        page.Append("</section>\n");
    }

    private static string Outcome(ImageReport image) => image switch
    {
        { Outcome: ReportOutcomes.Succeeded, BuiltNow: true } => "<span class=\"outcome succeeded\">built</span>",
        { Outcome: ReportOutcomes.Succeeded } => "<span class=\"outcome\">reused</span>",
        { BuiltNow: false, Outcome: not ReportOutcomes.NotStarted } => $"<span class=\"outcome {image.Outcome}\">{Word(image.Outcome)} earlier</span>",
        _ => $"<span class=\"outcome {image.Outcome}\">{Word(image.Outcome)}</span>",
    };

    // ---- One image ----

    private void Image(ImageReport image, int index)
    {
        page.Append($"<section class=\"image\" aria-labelledby=\"image-{index}\">\n<h2 id=\"image-{index}\">{Html(image.Image)} {Outcome(image)}</h2>\n");
        if (image.Started is { } started)
            page.Append($"<p class=\"soft\">Builder {Html(image.Builder)}. {(image.BuiltNow ? "Built" : "Last built")} {Time(started)} in {Duration(image.DurationMs)}.</p>\n");
        if (image.Error is { } error) page.Append($"<p class=\"failed\"><strong>{Html(error.Code)}</strong> {Html(error.Message)}</p>\n");
        List("Why it was built", image.Reasons);
        List("Used again", image.Reused);
        List("Warnings", image.Warnings.Select(warning => $"{warning.Code}: {warning.Message}"));
        if (image.Steps.Count > 0) TimeLine(image);
        if (image.Contents.Count > 0) Contents(image);
        if (image.Artifacts.Count > 0) Artifacts(image);
        if (image.InputsHash is not null) Inputs(image);
        foreach (var path in image.Screenshots) Screenshot(image, path);
        page.Append("</section>\n");
    }

    private void List(string title, IEnumerable<string> lines)
    {
        var items = lines.ToList();
        if (items.Count == 0) return;
        page.Append($"<h3>{title}</h3>\n<ul>\n");
        foreach (var item in items) page.Append($"<li>{Html(item)}</li>\n");
        page.Append("</ul>\n");
    }

    private void TimeLine(ImageReport image)
    {
        var total = Math.Max(image.DurationMs, 1);
        var longest = image.Steps.MaxBy(step => step.DurationMs)!;
        var kinds = image.Steps.Select(step => step.Kind).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        page.Append($"<h3>Time line</h3>\n<div class=\"strip\" role=\"img\" aria-label=\"{Html($"{image.Steps.Count} steps in {Duration(image.DurationMs)}; the longest is {longest.Name} with {Duration(longest.DurationMs)}. The table says the same.")}\">");
        foreach (var step in image.Steps)
            page.Append($"<i class=\"c{kinds.IndexOf(step.Kind) % 8}\" data-ms=\"{step.DurationMs}\" style=\"width:{Percent(100d * step.DurationMs / total)}\" title=\"{Html($"{step.Name}: {Duration(step.DurationMs)}")}\"></i>");
        page.Append("</div>\n");
        BeginTable($"Steps of {image.Image}", "Step", "Kind", "Outcome", "#From", "#Took", "#Share");
        foreach (var step in image.Steps)
            Row($"<span class=\"key c{kinds.IndexOf(step.Kind) % 8}\"></span>{Html(step.Name)}", Html(Word(step.Kind)), Html(Word(step.Outcome)), "#" + Duration(step.StartMs), "#" + Duration(step.DurationMs), "#" + Share(step.DurationMs, total));
        EndTable();
    }

    private void Contents(ImageReport image)
    {
        var groups = image.Contents.GroupBy(entry => entry.Group, StringComparer.Ordinal).Select(group => (group.Key, Size: group.Sum(entry => entry.Size), Entries: Sorted(group)))
            .OrderByDescending(group => group.Size).ThenBy(group => group.Key, StringComparer.Ordinal).ToList();
        var summary = string.Join(", ", groups.Select(group => $"{group.Key} {Size(group.Size)}"));
        page.Append($"<h3>What takes the room</h3>\n<p>{Size(image.ContentsSize)} of data: {Html(summary)}.</p>\n<div class=\"map\" role=\"img\" data-size=\"{image.ContentsSize}\" aria-label=\"{Html($"Tree map of {Size(image.ContentsSize)}: {summary}. The table below lists all.")}\">\n");
        var areas = TreeMap.Layout([.. groups.Select(group => group.Size)], new MapArea(0, 0, 100, 100));
        for (var group = 0; group < groups.Count; group++)
        {
            var cells = TreeMap.Layout([.. groups[group].Entries.Select(entry => entry.Size)], areas[group]);
            foreach (var (index, entry) in groups[group].Entries.Index())
            {
                var area = cells[index];
                // A name that would be cut off says nothing; the table has it.
                var label = area is { Width: > 9, Height: > 5 } ? Html(entry.Name) : "";
                page.Append($"<i class=\"c{group % 8}\" data-size=\"{entry.Size}\" style=\"left:{Percent(area.Left)};top:{Percent(area.Top)};width:{Percent(area.Width)};height:{Percent(area.Height)}\" title=\"{Html($"{entry.Name}: {Size(entry.Size)} ({entry.Group})")}\">{label}</i>\n");
            }
        }
        page.Append("</div>\n");
        BeginTable($"Groups of contents of {image.Image}", "Group", "#Size", "#Share");
        for (var group = 0; group < groups.Count; group++)
            Row($"<span class=\"key c{group % 8}\"></span>{Html(groups[group].Key)}", "#" + Size(groups[group].Size), "#" + Share(groups[group].Size, image.ContentsSize));
        EndTable();
        page.Append($"<details><summary>All {image.Contents.Count} parts</summary>\n");
        BeginTable($"All contents of {image.Image}", "Name", "Group", "#Size", "#Share");
        foreach (var entry in Sorted(image.Contents)) Row(Html(entry.Name), Html(entry.Group), "#" + Size(entry.Size), "#" + Share(entry.Size, image.ContentsSize));
        EndTable();
        page.Append("</details>\n");
    }

    private static List<ContentsEntry> Sorted(IEnumerable<ContentsEntry> entries) =>
        [.. entries.OrderByDescending(entry => entry.Size).ThenBy(entry => entry.Group, StringComparer.Ordinal).ThenBy(entry => entry.Name, StringComparer.Ordinal)];

    private void Artifacts(ImageReport image)
    {
        page.Append("<h3>Artifacts</h3>\n");
        BeginTable($"Artifacts of {image.Image}", "File", "Made by", "#Size", "SHA-256");
        foreach (var artifact in image.Artifacts)
        {
            if (artifact.Files.Count == 0) Row(Html(artifact.Id), $"<code>{Html(artifact.BuilderId)}</code>", "#–", "–");
            foreach (var file in artifact.Files) Row(Html(file.Path), $"<code>{Html(artifact.BuilderId)}</code>", "#" + Size(file.Size), $"<code>{Html(file.Sha256)}</code>");
        }
        EndTable();
    }

    private void Inputs(ImageReport image)
    {
        page.Append($"<h3>Provenance</h3>\n<p>Made from inputs with the hash <code>{Html(image.InputsHash!)}</code> by the builder {Html(image.Builder)} in the run <code>{Html(image.RunId)}</code>.</p>\n");
        if (image.Artifacts.FirstOrDefault(artifact => artifact.BuilderId == ProvenanceStatement.ArtifactBuilderId) is { Files: [var statement, ..] })
            page.Append($"<p>For programs that check it: <code>{Html(statement.Path)}</code>, in the form of SLSA 1.</p>\n");
        if (image.Inputs.Count == 0) return;
        page.Append($"<details><summary>All {image.Inputs.Count} inputs</summary>\n");
        BeginTable($"Inputs of {image.Image}", "Input", "Hash");
        foreach (var (name, hash) in image.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal)) Row(Html(name), $"<code>{Html(hash)}</code>");
        EndTable();
        page.Append("</details>\n");
    }

    private void Screenshot(ImageReport image, string path)
    {
        if (readPicture(path) is not { } picture) return;
        page.Append($"<h3>Last screen</h3>\n<img src=\"data:image/png;base64,{Convert.ToBase64String(picture)}\" alt=\"{Html($"The last screen of the machine of {image.Image}")}\">\n");
    }

    // ---- Tables ----

    /// <summary>A table in a box that scrolls where it is too wide; "#" before a heading or a cell makes it a number.</summary>
    private void BeginTable(string title, params string[] headings)
    {
        page.Append($"<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{Html(title)}\">\n<table>\n<thead><tr>");
        foreach (var heading in headings) page.Append(heading[0] == '#' ? $"<th scope=\"col\" class=\"number\">{heading[1..]}</th>" : $"<th scope=\"col\">{heading}</th>");
        page.Append("</tr></thead>\n<tbody>\n");
    }

    /// <param name="cells">HTML.</param>
    private void Row(params string[] cells)
    {
        page.Append("<tr>");
        foreach (var cell in cells) page.Append(cell.StartsWith('#') ? $"<td class=\"number\">{cell[1..]}</td>" : $"<td>{cell}</td>");
        page.Append("</tr>\n");
    }

    private void EndTable() => page.Append("</tbody>\n</table>\n</div>\n");
}
