using System.Diagnostics;
using Packer.Imaging;

namespace Packer.Bench.Suites;

/// <summary>A conversion from one file to another.</summary>
/// <param name="From">Format of the file that is read.</param>
/// <param name="Source">Full path of it.</param>
/// <param name="To">Format that is written.</param>
/// <param name="Format">Ours, run within this process, as it runs within MSBuild.</param>
/// <param name="Options">Theirs: the options of <c>qemu-img convert</c>.</param>
internal sealed record ConvertContest(string From, string Source, string To, IDiskFormat Format, string Options)
{
    public List<double> Ours { get; } = [];

    public List<double> Theirs { get; } = [];

    public double MedianRatio => Statistics.Median([.. Ours.Zip(Theirs, (ours, theirs) => ours / theirs)]);

    /// <summary>Runs both, one after the other. Both end when the host's disk has the file.</summary>
    public async Task RunAsync(string folder, bool counts, bool oursFirst)
    {
        var ours = oursFirst ? await RunOursAsync(folder) : 0;
        var theirs = await new Command("sh", ["-c", $"qemu-img convert -m 16 {Options} {Source} theirs && sync theirs"], folder, new Dictionary<string, string?>()).RunAsync();
        // Each file goes before the other side writes its own, so that neither has to find fresh memory for it.
        File.Delete(Path.Combine(folder, "theirs"));
        if (!oursFirst) ours = await RunOursAsync(folder);
        if (!counts) return;
        Ours.Add(ours);
        Theirs.Add(theirs);
    }

    private async Task<double> RunOursAsync(string folder)
    {
        var path = Path.Combine(folder, "ours");
        var clock = Stopwatch.StartNew();
        using (var image = DiskImage.Open(Source)) await DiskWriter.WriteAsync(image.Disk, Format, path, new DiskWriteOptions(), CancellationToken.None);
        var seconds = clock.Elapsed.TotalSeconds;
        File.Delete(path);
        return seconds;
    }
}
