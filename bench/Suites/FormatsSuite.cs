using System.Diagnostics;
using Packer.Imaging;

namespace Packer.Bench.Suites;

/// <summary>
/// Each disk format, written from the layout of a disk, beside <c>qemu-img convert -m 16 -W</c> from a ready raw file, and all formats in one pass beside
/// the sum of each alone. Both sides end when the host's disk has the file.
/// </summary>
internal static class FormatsSuite
{
    public const long Timestamp = 1_700_000_000;

    public static async Task RunAsync(string folder, int rounds, int mebibytes, string only)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/qemu-img"))
        {
            Console.WriteLine("Left out: needs Linux and the program 'qemu-img'.");
            return;
        }
        Directory.CreateDirectory(folder);
        using var files = new FilePool();
        var image = CreateImage(mebibytes, files);
        var raw = Path.Combine(folder, "disk.raw");
        try
        {
            await DiskWriter.WriteAsync(image, new RawFormat(), raw, new DiskWriteOptions(), CancellationToken.None);
            var contests = Contests(image, raw, folder).FindAll(contest => contest.File.Name.Contains(only, StringComparison.Ordinal));
            // A first round warms up and does not count.
            for (var round = -1; round < rounds; round++)
            {
                foreach (var contest in contests) await contest.File.RunAsync(folder, round);
            }
            var all = await TimeTogetherAsync(image, folder, contests, rounds);
            Print(contests, all, rounds, mebibytes);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>An ext4 file system with the files of /usr in their order, as many as have the size that is asked for.</summary>
    public static SparseImage CreateImage(int mebibytes, FilePool pool)
    {
        var tree = new FileTree(new NodeMetadata(Permissions.Octal(755), Timestamp));
        var left = (long)mebibytes << 20;
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device };
        var number = 0;
        foreach (var path in new[] { "/usr/bin", "/usr/lib", "/usr/share" }.SelectMany(root => Directory.EnumerateFiles(root, "*", options).Order(StringComparer.Ordinal)))
        {
            var length = new FileInfo(path).Length;
            if (length == 0 || length > left) continue;
            left -= length;
            tree.AddFile($"/files/{number / 1000}/{number++}", new FileSource(path, 0, length, pool), new NodeMetadata(Permissions.Octal(644), Timestamp));
        }
        var ext4 = new Ext4Options { Uuid = DeterministicGuid.Create("bench"), Timestamp = Timestamp };
        var size = Alignment.RoundUp(Ext4Writer.MinimumSize(tree, ext4, 256L << 20), 1 << 20);
        return Ext4Writer.Create(tree, size, ext4);
    }

    private static List<FormatContest> Contests(SparseImage image, string raw, string folder)
    {
        var identity = new DiskIdentity("bench", DeterministicGuid.Create("bench"), Timestamp);
        return
        [
            Contest("raw", new RawFormat(), Convert("-W -O raw"), "1"),
            Contest("qcow2, none", new Qcow2Format(Qcow2Compression.None), Convert("-W -O qcow2"), "1"),
            Contest("qcow2, zlib", new Qcow2Format(Qcow2Compression.Zlib), Convert("-W -c -O qcow2"), "0.5"),
            Contest("qcow2, zstd", new Qcow2Format(Qcow2Compression.Zstd), Convert("-W -c -O qcow2 -o compression_type=zstd"), "1.5"),
            // A stream cannot be written out of order.
            Contest("vmdk", new VmdkFormat(identity), Convert("-O vmdk -o subformat=streamOptimized"), "0.35"),
            Contest("vhd, fixed", new VhdFormat(VhdType.Fixed, identity), Convert("-W -O vpc -o subformat=fixed,force_size=on"), "1"),
            Contest("vhd, dynamic", new VhdFormat(VhdType.Dynamic, identity), Convert("-W -O vpc -o subformat=dynamic,force_size=on"), "1"),
            Contest("vhdx", new VhdxFormat(identity), Convert("-W -O vhdx"), "1"),
            Contest("gcp, beside tar", new GoogleCloudFormat(identity), $"tar --format=oldgnu -Sczf theirs -C {folder} disk.raw", ""),
        ];

        FormatContest Contest(string name, IDiskFormat format, string command, string goal) =>
            new(new FileContest(name, path => DiskWriter.WriteAsync(image, format, path, new DiskWriteOptions(), CancellationToken.None), command), format, goal);

        string Convert(string options) => $"qemu-img convert -m 16 -f raw {options} {raw} theirs";
    }

    private static async Task<double> TimeTogetherAsync(SparseImage image, string folder, List<FormatContest> contests, int rounds)
    {
        var times = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            await DiskWriter.WriteAsync(image, [.. contests.Select((contest, index) => new DiskOutput(contest.Format, Path.Combine(folder, $"all{index}")))], new DiskWriteOptions(), CancellationToken.None);
            times.Add(clock.Elapsed.TotalSeconds);
        }
        return Statistics.Median(times);
    }

    private static void Print(List<FormatContest> contests, double all, int rounds, int mebibytes)
    {
        Console.WriteLine($"Formats, {mebibytes} MiB of files, {rounds} rounds, medians\n");
        var table = new MarkdownTable("format", "ours, s", "theirs, s", "median of the ratios", "goal", "ours, MiB", "theirs, MiB");
        foreach (var each in contests)
        {
            table.Add(each.File.Name, MarkdownTable.Seconds(each.File.Times.Ours), MarkdownTable.Seconds(each.File.Times.Theirs), MarkdownTable.Ratio(each.File.Times.Ratio), each.Goal,
                MarkdownTable.Mebibytes(each.File.OurSize), MarkdownTable.Mebibytes(each.File.TheirSize));
        }
        table.Print();
        var sum = contests.Sum(each => each.File.Times.Ours);
        Console.WriteLine($"\nAll of them at once: {MarkdownTable.Seconds(all)} s, {MarkdownTable.Ratio(all / sum)} of their sum; {Environment.WorkingSet >> 20} MiB of memory at the end.");
    }

    /// <param name="File">Who writes the file.</param>
    /// <param name="Format">Its format.</param>
    /// <param name="Goal">The highest ratio that is aimed at.</param>
    private sealed record FormatContest(FileContest File, IDiskFormat Format, string Goal);
}
