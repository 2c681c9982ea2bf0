namespace Packer.Bench.Suites;

/// <summary>
/// One line of the sample WebAppliance is edited; then <c>dotnet build</c>, until the new image lies there, beside <c>dotnet publish</c> of the same project
/// without the SDK after the same edit. Nodes and the compiler server are used again, as at a developer's desk.
/// </summary>
internal static class EditSuite
{
    private const string Line = "Hello from an appliance.";

    public static async Task RunAsync(Sandbox sandbox, int rounds)
    {
        var ours = await ProjectAsync(sandbox, "edit-ours", """
                <PackerImage Include="web" />

            """);
        // As it is committed: with it no build asks a mirror.
        await sandbox.DotNet(ours, ["build", "--no-restore", "-v:q", "-p:PackerUpdateLock=true"]).RunAsync();
        var theirs = await ProjectAsync(sandbox, "edit-theirs", items: null);
        string[] publish = ["publish", "-c", "Debug", "-r", "linux-x64", "--self-contained", "-v:q"];
        await sandbox.DotNet(theirs, publish).RunAsync();
        var image = Directory.EnumerateFiles(Path.Combine(ours, "bin"), "web.raw", SearchOption.AllDirectories).Single();
        var times = new Pair();
        for (var round = -2; round < rounds; round++)
        {
            await times.RunAsync(async () =>
            {
                Edit(ours, round);
                var before = File.GetLastWriteTimeUtc(image);
                var seconds = await sandbox.DotNetWithCompilerServer(ours, ["build", "--no-restore", "-v:q"]).RunAsync();
                return File.GetLastWriteTimeUtc(image) != before ? seconds : throw new InvalidOperationException("The image was not built again.");
            }, () =>
            {
                Edit(theirs, round);
                return sandbox.DotNetWithCompilerServer(theirs, [.. publish, "--no-restore"]).RunAsync();
            }, round);
        }
        sandbox.EndNodes();
        Console.WriteLine($"A line of the app edited, {rounds} rounds\n");
        var table = new MarkdownTable("after the edit", "median, s", "minimum, s", "beyond, median, s", "goal, s");
        table.Add("dotnet publish", MarkdownTable.Seconds(times.Theirs), MarkdownTable.Seconds(times.MinimumOfTheirs), "", "");
        table.Add("dotnet build, with the image", MarkdownTable.Seconds(times.Ours), MarkdownTable.Seconds(times.MinimumOfOurs), MarkdownTable.Seconds(times.Beyond), "0.6");
        table.Print();
    }

    private static void Edit(string folder, int round)
    {
        var path = Path.Combine(folder, "Program.cs");
        var lines = File.ReadAllLines(path);
        var index = Array.FindIndex(lines, line => line.Contains(Line[..5], StringComparison.Ordinal));
        lines[index] = $"app.MapGet(\"/\", () => \"Hello {round}\\n\");";
        File.WriteAllLines(path, lines);
    }

    private static async Task<string> ProjectAsync(Sandbox sandbox, string name, string? items)
    {
        var folder = sandbox.CreateFolder(name);
        await sandbox.CreateProjectAsync(name, items, "Microsoft.NET.Sdk.Web", await File.ReadAllTextAsync(sandbox.PathOf("samples", "WebAppliance", "Program.cs")),
            "<InvariantGlobalization>true</InvariantGlobalization><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>");
        return folder;
    }
}
