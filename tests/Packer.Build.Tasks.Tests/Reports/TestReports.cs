using Packer.Engine.Planning;
using Packer.Engine.Reports;

namespace Packer.Tests.Reports;

/// <summary>Makes reports for what shows them.</summary>
internal static class TestReports
{
    public const string RunId = "11111111-0000-0000-0000-000000000001";

    /// <summary>Text that would do harm where it is not escaped.</summary>
    public const string Hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)> & \"quoted\" 'too' \u001b[31mred";

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Three images: one built, one reused, one failed with a screenshot.</summary>
    public static BuildReport Sample()
    {
        var web = Image("web", "appliance", 0,
            [new("Wait for other builds of the image", StepKinds.Engine, 0, 3, "succeeded"), new("Fetch packages and compose the disk", StepKinds.Step, 3, 4211, "succeeded"),
             new("Write the disk", StepKinds.Step, 4214, 786, "succeeded"), new("checksum", StepKinds.PostProcessor, 5000, 0, "succeeded"), new("Other work", StepKinds.Engine, 5000, 27, "succeeded")]) with
        {
            Reasons = ["the app changed", "package libc6 changed"],
            Warnings = [new("PKR1222", Hostile)],
            Artifacts = [new("packer.appliance", "web", [new ArtifactFile("web/web.raw", 156_000_000, new string('a', 64)), new ArtifactFile("web/web.qcow2", 61_000_000, new string('b', 64))])],
            Inputs = new Dictionary<string, string> { ["app"] = new string('1', 64), ["setting http_port"] = new string('2', 64), ["<b>"] = new string('3', 64) },
            Contents = Contents(),
        };
        var golden = Image("golden", "qemu", 1500,
            [new("Start the machine", StepKinds.Step, 0, 900, "succeeded"), new("Connect", StepKinds.Step, 900, 30_000, "failed"), new("Clean up: Start the machine", StepKinds.CleanUp, 30_900, 410, "succeeded")]) with
        {
            Outcome = ReportOutcomes.Failed,
            Error = new ReportMessage("PKR0301", "The machine did not answer. " + Hostile),
            Reused = ["the checkpoint after the provisioner 'shell'"],
            Screenshots = ["../obj/packer/golden.screen.png"],
        };
        var old = web with { Image = "old", RunId = "another run", BuiltNow = false, Warnings = [], Contents = [] };
        return new BuildReport { SdkVersion = "1.2.3", Project = "app.csproj", RunId = RunId, Images = [web, old, golden] };
    }

    /// <summary>A built image whose duration is that of its steps.</summary>
    public static ImageReport Image(string name, string builder, int startMs, IReadOnlyList<ReportStep> steps)
    {
        var duration = steps.Sum(step => step.DurationMs);
        return new ImageReport
        {
            Image = name, Builder = builder, RunId = RunId, BuiltNow = true, Outcome = ReportOutcomes.Succeeded, Started = Start.AddMilliseconds(startMs), Ended = Start.AddMilliseconds(startMs + duration),
            DurationMs = duration, Steps = steps, InputsHash = new string('c', 64),
        };
    }

    private static List<ContentsEntry> Contents()
    {
        var random = new Random(7);
        var entries = new List<ContentsEntry> { new("kernel", "Linux", 8_400_000), new("kernel", "initial RAM disk", 3_100_000), new("app", "Web", 74_000_000), new("file systems", "folders, tables and journal", 5_123_457) };
        for (var index = 0; index < 60; index++) entries.Add(new ContentsEntry("packages", $"lib{index}", random.Next(1, 3_000_000)));
        return entries;
    }
}
