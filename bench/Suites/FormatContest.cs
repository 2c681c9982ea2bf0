using System.Diagnostics;
using Packer.Imaging;

namespace Packer.Bench.Suites;

/// <summary>A format and who else can write it.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Format">Ours, run within this process, as it runs within MSBuild.</param>
/// <param name="Command">Theirs, a shell command that writes the file <c>theirs</c>.</param>
/// <param name="Goal">The highest ratio that is aimed at.</param>
internal sealed record FormatContest(string Name, IDiskFormat Format, string Command, string Goal)
{
    public List<double> Ours { get; } = [];

    public List<double> Theirs { get; } = [];

    public double OurSize { get; private set; }

    public double TheirSize { get; private set; }

    public double MedianRatio => Statistics.Median([.. Ours.Zip(Theirs, (ours, theirs) => ours / theirs)]);

    /// <summary>Runs both, one after the other.</summary>
    public async Task RunAsync(SparseImage image, string folder, bool counts, bool oursFirst)
    {
        var ours = oursFirst ? await RunOursAsync(image, folder) : 0;
        var theirs = await new Command("sh", ["-c", $"{Command} && sync theirs"], folder, new Dictionary<string, string?>()).RunAsync();
        var path = Path.Combine(folder, "theirs");
        TheirSize = new FileInfo(path).Length;
        // Each file goes before the other side writes its own, so that neither has to find fresh memory for it.
        File.Delete(path);
        if (!oursFirst) ours = await RunOursAsync(image, folder);
        if (!counts) return;
        Ours.Add(ours);
        Theirs.Add(theirs);
    }

    private async Task<double> RunOursAsync(SparseImage image, string folder)
    {
        var path = Path.Combine(folder, "ours");
        var clock = Stopwatch.StartNew();
        var written = await DiskWriter.WriteAsync(image, Format, path, new DiskWriteOptions(), CancellationToken.None);
        var seconds = clock.Elapsed.TotalSeconds;
        OurSize = written.Length;
        File.Delete(path);
        return seconds;
    }
}
