using System.Text.Json;

namespace Packer.Bench.Suites;

/// <summary>
/// The original's null builder beside ours. Both start from nothing and leave nothing running, so that all cost is seen: on our side that
/// includes the .NET SDK, the evaluation of the project and the check that its app is up to date.
/// </summary>
internal static class PackerSuite
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static async Task RunAsync(Sandbox sandbox, int rounds)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine("Left out: the suite 'packer' reads /proc, which only Linux has.");
            return;
        }
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "packer"))))
        {
            Console.WriteLine("Left out: there is no program 'packer' on the path (Debian has a package of that name).");
            return;
        }

        var runs = new List<(int Images, Run Theirs, Run Ours)>();
        foreach (var images in new[] { 1, 10, 50 }) runs.Add((images, await TheirsAsync(sandbox, images), await OursAsync(sandbox, images)));
        // What the preparation left: nothing of it may run on beside the measurements.
        sandbox.EndNodes();
        ProcessFamily.AdoptOrphans(true);
        var all = runs.SelectMany(pair => new[] { pair.Theirs, pair.Ours }).ToList();
        for (var round = -1; round < rounds; round++)
        {
            foreach (var run in all)
            {
                var cost = await ProcessFamily.TimeAsync(run.Command);
                if (round >= 0) run.Costs.Add(cost);
            }
            // Memory differs little from run to run.
            if (round is < 0 or > 2) continue;
            foreach (var run in all) run.Footprints.Add(await ProcessFamily.WatchAsync(run.Command, Interval));
        }
        ProcessFamily.AdoptOrphans(false);

        Console.WriteLine($"Beside Packer, {rounds} rounds for times and {Math.Min(rounds, 3)} for memory, medians\n");
        var table = new MarkdownTable("null images", "wall, s", "CPU, s", "peak RSS, MiB", "peak PSS, MiB", "processes");
        foreach (var (images, theirs, ours) in runs)
        {
            var left = Numbers(theirs);
            var right = Numbers(ours);
            table.Add([$"{images}, packer build", .. Cells(left)]);
            table.Add([$"{images}, dotnet build", .. Cells(right)]);
            table.Add([$"{images}, ratio", .. left.Zip(right, (theirNumber, ourNumber) => $"**{MarkdownTable.Ratio(ourNumber / theirNumber)}**")]);
        }
        table.Print();
    }

    private static async Task<Run> TheirsAsync(Sandbox sandbox, int images)
    {
        var folder = await sandbox.CreateProjectAsync($"packer-{images}-theirs", null);
        var template = new { builders = Enumerable.Range(1, images).Select(number => new { type = "null", name = $"image{number}", communicator = "none" }) };
        await File.WriteAllTextAsync(Path.Combine(folder, "template.json"), JsonSerializer.Serialize(template));
        return new Run(sandbox.Packer(folder, ["build", "-color=false", "template.json"]));
    }

    private static async Task<Run> OursAsync(Sandbox sandbox, int images)
    {
        var folder = await sandbox.CreateProjectAsync($"packer-{images}-ours", Sandbox.Images(images, "null", "Communicator=\"none\" "));
        return new Run(sandbox.DotNetWithoutReuse(folder, ["build", "--no-restore", "-v:q", "-nodeReuse:false", "-p:PackerForce=true"]));
    }

    private static double[] Numbers(Run run) =>
    [
        Statistics.Median([.. run.Costs.Select(cost => cost.Wall)]),
        Statistics.Median([.. run.Costs.Select(cost => cost.Cpu)]),
        Statistics.Median([.. run.Footprints.Select(footprint => footprint.Resident)]),
        Statistics.Median([.. run.Footprints.Select(footprint => footprint.Proportional)]),
        Statistics.Median([.. run.Footprints.Select(footprint => (double)footprint.Processes)]),
    ];

    private static string[] Cells(double[] numbers) =>
    [
        MarkdownTable.Seconds(numbers[0]), MarkdownTable.Seconds(numbers[1]), MarkdownTable.Mebibytes(numbers[2]), MarkdownTable.Mebibytes(numbers[3]), MarkdownTable.Count(numbers[4]),
    ];

    private sealed record Run(Command Command)
    {
        public List<Cost> Costs { get; } = [];

        public List<ProcessFamily.Footprint> Footprints { get; } = [];
    }
}
