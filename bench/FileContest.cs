using System.Diagnostics;

namespace Packer.Bench;

/// <summary>A file that both sides write. Both end when the host's disk has it.</summary>
/// <param name="Name">What stands in the table.</param>
/// <param name="Ours">Writes the file to a path, within this process, as it runs within MSBuild.</param>
/// <param name="Command">Theirs, a shell command that writes the file <c>theirs</c>.</param>
internal sealed record FileContest(string Name, Func<string, Task> Ours, string Command)
{
    public Pair Times { get; } = new();

    public double OurSize { get; private set; }

    public double TheirSize { get; private set; }

    /// <summary>Runs both in a folder.</summary>
    public Task RunAsync(string folder, int round) => Times.RunAsync(async () =>
    {
        var path = Path.Combine(folder, "ours");
        var clock = Stopwatch.StartNew();
        await Ours(path);
        var seconds = clock.Elapsed.TotalSeconds;
        OurSize = Take(path);
        return seconds;
    }, async () =>
    {
        var seconds = await new Command("sh", ["-c", $"{Command} && sync theirs"], folder, new Dictionary<string, string?>()).RunAsync();
        TheirSize = Take(Path.Combine(folder, "theirs"));
        return seconds;
    }, round);

    // Each file goes before the other side writes its own, so that neither has to find fresh memory for it.
    private static long Take(string path)
    {
        var length = new FileInfo(path).Length;
        File.Delete(path);
        return length;
    }
}
