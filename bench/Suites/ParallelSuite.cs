namespace Packer.Bench.Suites;

/// <summary>Whether images are built side by side: ten that each wait for a second, on ten nodes that are there already.</summary>
internal static class ParallelSuite
{
    private const int Images = 10;

    public static async Task RunAsync(Sandbox sandbox, int rounds)
    {
        try
        {
            var folder = await sandbox.CreateProjectAsync("parallel", Sandbox.Images(Images, "null") + "    <PackerProvisioner Include=\"shell-local\" Inline=\"sleep 1\" />\n");
            string[] arguments = ["build", "--no-restore", "-v:q", $"-m:{Images}"];
            var idle = new Contestant("no-op build", sandbox.DotNet(folder, arguments));
            var forced = new Contestant("10 images that sleep 1 s, -m:10", sandbox.DotNet(folder, [.. arguments, "-p:PackerForce=true"]));
            var waiting = 0;
            await Contestant.RaceAsync([idle, forced], rounds, () =>
            {
                waiting = Math.Max(waiting, sandbox.WaitingNodes());
                // On a busy machine they would pile up, each with its memory.
                if (waiting > 3 * Images) sandbox.EndNodes();
            });

            var table = new MarkdownTable("build", "median, s", "minimum, s", "median beyond the no-op build, s", "minimum beyond it, s");
            table.Add(idle.Name, MarkdownTable.Seconds(idle.MedianWall), MarkdownTable.Seconds(idle.MinimumWall), "", "");
            table.Add(forced.Name, MarkdownTable.Seconds(forced.MedianWall), MarkdownTable.Seconds(forced.MinimumWall),
                MarkdownTable.Seconds(forced.MedianBeyond(idle, cost => cost.Wall)), MarkdownTable.Seconds(forced.MinimumWall - idle.MinimumWall));
            Console.WriteLine($"Parallel images, {rounds} rounds\n");
            table.Print();
            if (waiting >= Images)
                Console.WriteLine($"\nNot a measurement of warm nodes: up to {waiting} waited, where {Images - 1} would do. MSBuild gives a waiting node 50 ms to answer, which on a busy machine many do not, and then starts another.");
        }
        finally
        {
            sandbox.EndNodes();
        }
    }
}
