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
    private const string Disk = "disk.raw";

    public static async Task RunAsync(string folder, int rounds, int mebibytes, string only)
    {
        (string Ending, int Level, string Command)[] all =
        [
            ("gz", 6, "pigz -6"), ("gz", 1, "pigz -1"), ("zst", 3, "zstd -q -T0 -3"), ("zst", 9, "zstd -q -T0 -9"), ("lz4", 1, "lz4 -q -1"), ("xz", 3, "xz -T0 -3"),
        ];
        var disk = Path.Combine(folder, Disk);
        var contests = all.Where(each => Programs.AreThere(each.Command.Split(' ')[0]))
            .Select(each => new FileContest($"{each.Ending}, {each.Level}", path => CompressAsync(disk, path, each.Ending, each.Level), $"{each.Command} -c {Disk} > theirs"))
            .Where(contest => contest.Name.Contains(only, StringComparison.Ordinal)).ToList();
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
            foreach (var contest in contests) await contest.RunAsync(folder, round: -1);
            await CreateDiskAsync(folder, mebibytes);
            for (var round = 0; round < rounds; round++)
            {
                foreach (var contest in contests)
                {
                    await contest.RunAsync(folder, round);
                    Console.Error.WriteLine($"round {round + 1}, {contest.Name}: {contest.Times.Last}");
                }
            }
            Print(contests, rounds, new FileInfo(disk).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CreateDiskAsync(string folder, int mebibytes)
    {
        using var files = new FilePool();
        await DiskWriter.WriteAsync(FormatsSuite.CreateImage(mebibytes, files), new RawFormat(), Path.Combine(folder, Disk), new DiskWriteOptions(), CancellationToken.None);
    }

    private static async Task CompressAsync(string disk, string path, string ending, int level)
    {
        using var pool = new FilePool();
        using var file = OutputFile.Create(path, CancellationToken.None);
        var source = new FileSource(disk, 0, new FileInfo(disk).Length, pool);
        await ParallelCompression.WriteAsync(source, CompressFormat.TryParse($"disk.{ending}")!.CreateStream(level, source.Length), file, null, CancellationToken.None);
        file.Complete();
    }

    private static void Print(List<FileContest> contests, int rounds, long length)
    {
        Console.WriteLine($"Compression of a disk of {length >> 20} MiB, {rounds} rounds, medians\n");
        var table = new MarkdownTable("format, level", "beside", "ours, s", "theirs, s", "median of the ratios", "ours, MiB", "theirs, MiB");
        foreach (var each in contests)
        {
            table.Add(each.Name, $"`{each.Command[..each.Command.IndexOf(" -c", StringComparison.Ordinal)]}`", MarkdownTable.Seconds(each.Times.Ours), MarkdownTable.Seconds(each.Times.Theirs),
                MarkdownTable.Ratio(each.Times.Ratio), MarkdownTable.Mebibytes(each.OurSize), MarkdownTable.Mebibytes(each.TheirSize));
        }
        table.Print();
        using var self = Process.GetCurrentProcess();
        Console.WriteLine($"\n{self.PeakWorkingSet64 >> 20} MiB of memory at the most.");
    }
}
