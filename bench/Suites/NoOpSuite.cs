namespace Packer.Bench.Suites;

/// <summary>What the SDK adds to a build in which nothing is out of date: the cost that every user pays, many times a day.</summary>
internal static class NoOpSuite
{
    public static async Task RunAsync(Sandbox sandbox, int rounds)
    {
        try
        {
            var contestants = new List<Contestant>
            {
                await CreateAsync("without the SDK", null),
                await CreateAsync("no image", ""),
                await CreateAsync("10 × null", Sandbox.Images(10, "null")),
                await CreateAsync("50 × null", Sandbox.Images(50, "null")),
                await CreateAsync("10 × file", Sandbox.Images(10, "file", "Source=\"Program.cs\" ")),
            };
            await Contestant.RaceAsync(contestants, rounds);

            var plain = contestants[0];
            var table = new MarkdownTable("no-op build", "median, ms", "minimum, ms", "ratio of the medians", "more, median, ms", "more, minimum, ms", "CPU median, ms", "CPU more, ms");
            foreach (var each in contestants)
            {
                table.Add(each.Name, MarkdownTable.Milliseconds(each.MedianWall), MarkdownTable.Milliseconds(each.MinimumWall), MarkdownTable.Ratio(each.MedianWall / plain.MedianWall),
                    MarkdownTable.Difference(each.MedianBeyond(plain, cost => cost.Wall)), MarkdownTable.Difference(each.MinimumWall - plain.MinimumWall),
                    MarkdownTable.Milliseconds(each.MedianCpu), MarkdownTable.Difference(each.MedianBeyond(plain, cost => cost.Cpu)));
            }
            Console.WriteLine($"No-op build, {rounds} rounds\n");
            table.Print();
        }
        finally
        {
            sandbox.EndNodes();
        }

        async Task<Contestant> CreateAsync(string name, string? items)
        {
            var folder = await sandbox.CreateProjectAsync("noop-" + name.Replace(" × ", "-", StringComparison.Ordinal).Replace(' ', '-'), items);
            return new Contestant(name, sandbox.DotNet(folder, ["build", "--no-restore", "-v:q"]));
        }
    }
}
