using System.Diagnostics;
using Packer.Imaging;
using Packer.PostProcessors.Compress;

namespace Packer.Bench.Suites;

/// <summary>
/// A raw disk image compressed beside <c>pigz</c>, <c>zstd -T0</c> and their like at the same levels. Both sides read from the host's memory and end when the host's
/// disk has the file; ours runs within this process, as it runs within MSBuild.
/// </summary>
internal static class CompressSuite
{
    private sealed record Contest(string Name, string Ending, int Level, string Tool, string Command)
    {
        public List<double> Ours { get; } = [];

        public List<double> Theirs { get; } = [];

        public long OurSize { get; set; }

        public long TheirSize { get; set; }
    }

    public static async Task RunAsync(string folder, int rounds, int mebibytes, string only)
    {
        List<Contest> contests =
        [
            new("gz, 6", "gz", 6, "pigz", "pigz -6 -c disk.raw"),
            new("gz, 1", "gz", 1, "pigz", "pigz -1 -c disk.raw"),
            new("zst, 3", "zst", 3, "zstd", "zstd -q -T0 -3 -c disk.raw"),
            new("zst, 9", "zst", 9, "zstd", "zstd -q -T0 -9 -c disk.raw"),
            new("lz4, 1", "lz4", 1, "lz4", "lz4 -q -1 -c disk.raw"),
            new("xz, 3", "xz", 3, "xz", "xz -T0 -3 -c disk.raw"),
        ];
        contests.RemoveAll(contest => !contest.Name.Contains(only, StringComparison.Ordinal) || !File.Exists($"/usr/bin/{contest.Tool}"));
        if (!OperatingSystem.IsLinux() || contests.Count == 0)
        {
            Console.WriteLine("Left out: needs Linux and the programs 'pigz', 'zstd', 'lz4' or 'xz'.");
            return;
        }
        Directory.CreateDirectory(folder);
        try
        {
            // A first round with a small disk warms up and does not count.
            await CreateDiskAsync(folder, Contestant.WarmUpMebibytes);
            foreach (var contest in contests) await RunAsync(contest, folder, counts: false, oursFirst: true);
            await CreateDiskAsync(folder, mebibytes);
            for (var round = 0; round < rounds; round++)
            {
                foreach (var contest in contests)
                {
                    await RunAsync(contest, folder, counts: true, (round & 1) == 0);
                    Console.Error.WriteLine($"round {round + 1}, {contest.Name}: {contest.Ours[^1]:F2} s, {contest.Theirs[^1]:F2} s");
                }
            }
            Print(contests, rounds, new FileInfo(Path.Combine(folder, "disk.raw")).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CreateDiskAsync(string folder, int mebibytes)
    {
        using var files = new FilePool();
        await DiskWriter.WriteAsync(FormatsSuite.CreateImage(mebibytes, files), new RawFormat(), Path.Combine(folder, "disk.raw"), new DiskWriteOptions(), CancellationToken.None);
    }

    private static async Task RunAsync(Contest contest, string folder, bool counts, bool oursFirst)
    {
        var ours = oursFirst ? await RunOursAsync(contest, folder) : 0;
        var theirs = await new Command("sh", ["-c", $"{contest.Command} > theirs && sync theirs"], folder, new Dictionary<string, string?>()).RunAsync();
        var path = Path.Combine(folder, "theirs");
        contest.TheirSize = new FileInfo(path).Length;
        // Each file goes before the other side writes its own, so that neither has to find fresh memory for it.
        File.Delete(path);
        if (!oursFirst) ours = await RunOursAsync(contest, folder);
        if (!counts) return;
        contest.Ours.Add(ours);
        contest.Theirs.Add(theirs);
    }

    private static async Task<double> RunOursAsync(Contest contest, string folder)
    {
        var path = Path.Combine(folder, $"ours.{contest.Ending}");
        var clock = Stopwatch.StartNew();
        using (var pool = new FilePool())
        using (var file = OutputFile.Create(path, CancellationToken.None))
        {
            var disk = Path.Combine(folder, "disk.raw");
            var source = new FileSource(disk, 0, new FileInfo(disk).Length, pool);
            await ParallelCompression.WriteAsync(source, CompressFormat.TryParse(path)!.CreateStream(contest.Level, source.Length), file, null, CancellationToken.None);
            file.Complete();
        }
        var seconds = clock.Elapsed.TotalSeconds;
        contest.OurSize = new FileInfo(path).Length;
        File.Delete(path);
        return seconds;
    }

    private static void Print(List<Contest> contests, int rounds, long length)
    {
        Console.WriteLine($"Compression of a disk of {length >> 20} MiB, {rounds} rounds, medians\n");
        var table = new MarkdownTable("format, level", "beside", "ours, s", "theirs, s", "median of the ratios", "ours, MiB", "theirs, MiB");
        foreach (var each in contests)
        {
            table.Add(each.Name, $"`{each.Command.Replace(" disk.raw", "", StringComparison.Ordinal)}`", MarkdownTable.Seconds(Statistics.Median(each.Ours)), MarkdownTable.Seconds(Statistics.Median(each.Theirs)),
                MarkdownTable.Ratio(Statistics.Median([.. each.Ours.Zip(each.Theirs, (ours, theirs) => ours / theirs)])), MarkdownTable.Mebibytes(each.OurSize), MarkdownTable.Mebibytes(each.TheirSize));
        }
        table.Print();
        using var self = Process.GetCurrentProcess();
        Console.WriteLine($"\n{self.PeakWorkingSet64 >> 20} MiB of memory at the most.");
    }
}
