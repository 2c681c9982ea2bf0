namespace Packer.Bench.Suites;

/// <summary>
/// Whether images are built side by side: ten that each wait for a second, beside what MSBuild itself takes for ten project instances that run
/// <c>sleep 1</c> with its own task <c>Exec</c>. With nodes that are processes, and with nodes that are threads (<c>-mt</c>), which are always warm.
/// </summary>
internal static class ParallelSuite
{
    private const int Images = 10;

    public static async Task RunAsync(Sandbox sandbox, int rounds)
    {
        try
        {
            var images = await sandbox.CreateProjectAsync("parallel", Sandbox.Images(Images, "null") + "    <PackerProvisioner Include=\"shell-local\" Inline=\"sleep 1\" />\n");
            var plain = await CreateExecProjectAsync(sandbox);
            string[] build = ["build", "--no-restore", "-v:q", $"-m:{Images}"];
            string[] exec = ["msbuild", "-nologo", "-v:q", $"-m:{Images}"];
            var table = new MarkdownTable("build, -m:10", "median, s", "minimum, s", "median beyond the idle build, s", "minimum beyond it, s");
            var waiting = 0;
            // One kind after the other: processes that settle down after a build would be counted to the threads that come next.
            foreach (var (nodes, more) in new (string, string[])[] { ("threads", ["-mt"]), ("processes", []) })
            {
                var pairs = new (Contestant Idle, Contestant Busy)[]
                {
                    (new Contestant($"no image out of date, {nodes}", sandbox.DotNet(images, [.. build, .. more])),
                        new Contestant($"10 images that sleep 1 s, {nodes}", sandbox.DotNet(images, [.. build, .. more, "-p:PackerForce=true"]))),
                    (new Contestant($"MSBuild, nothing to do, {nodes}", sandbox.DotNet(plain, [.. exec, .. more, "-t:Nothing"])),
                        new Contestant($"MSBuild, 10 × Exec, {nodes}", sandbox.DotNet(plain, [.. exec, .. more, "-t:All"]))),
                };
                await Contestant.RaceAsync([.. pairs.SelectMany(pair => new[] { pair.Idle, pair.Busy })], rounds, () =>
                {
                    waiting = Math.Max(waiting, sandbox.WaitingNodes());
                    // On a busy machine they would pile up, each with its memory.
                    if (waiting > 3 * Images) sandbox.EndNodes();
                });
                foreach (var (idle, busy) in pairs)
                {
                    table.Add(idle.Name, MarkdownTable.Seconds(idle.MedianWall), MarkdownTable.Seconds(idle.MinimumWall), "", "");
                    table.Add(busy.Name, MarkdownTable.Seconds(busy.MedianWall), MarkdownTable.Seconds(busy.MinimumWall),
                        MarkdownTable.Seconds(busy.MedianBeyond(idle, cost => cost.Wall)), MarkdownTable.Seconds(busy.MinimumWall - idle.MinimumWall));
                }
            }
            Console.WriteLine($"Parallel images, {rounds} rounds\n");
            table.Print();
            if (waiting >= Images)
                Console.WriteLine($"\nThe processes were not warm: up to {waiting} waited, where {Images - 1} would do. MSBuild gives a waiting node 50 ms to answer, which on a busy machine many do not, and then starts another.");
        }
        finally
        {
            sandbox.EndNodes();
        }
    }

    /// <summary>A project without any SDK: ten instances of itself, each with one <c>Exec</c>.</summary>
    private static async Task<string> CreateExecProjectAsync(Sandbox sandbox)
    {
        var folder = sandbox.CreateFolder("parallel-exec");
        var instances = string.Concat(Enumerable.Range(1, Images).Select(number => $"    <Instance Include=\"$(MSBuildProjectFullPath)\" AdditionalProperties=\"Number={number}\" />\n"));
        await File.WriteAllTextAsync(Path.Combine(folder, "exec.proj"), $"""
            <Project>
              <ItemGroup>
            {instances}  </ItemGroup>
              <Target Name="Nothing" />
              <Target Name="All">
                <MSBuild Projects="@(Instance)" Targets="One" BuildInParallel="true" />
              </Target>
              <Target Name="One">
                <Exec Command="sleep 1" />
              </Target>
            </Project>

            """);
        return folder;
    }
}
