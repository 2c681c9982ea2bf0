using Packer.Imaging;

namespace Packer.Bench.Suites;

/// <summary>Disks converted from file to file, beside <c>qemu-img convert -m 16</c> with the same files, by turns.</summary>
internal static class ConvertSuite
{
    public static async Task RunAsync(string folder, int rounds, int mebibytes, string only)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/qemu-img"))
        {
            Console.WriteLine("Left out: needs Linux and the program 'qemu-img'.");
            return;
        }
        Directory.CreateDirectory(folder);
        try
        {
            // A first round with a small disk warms up and does not count.
            foreach (var contest in await CreateAsync(folder, Contestant.WarmUpMebibytes, only)) await contest.RunAsync(folder, round: -1);
            var contests = await CreateAsync(folder, mebibytes, only);
            for (var round = 0; round < rounds; round++)
            {
                foreach (var contest in contests)
                {
                    await contest.RunAsync(folder, round);
                    Console.Error.WriteLine($"round {round + 1}, {contest.Name}: {contest.Times.Last}");
                }
            }
            Print(contests, rounds, mebibytes);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Writes the files to convert.</summary>
    private static async Task<List<FileContest>> CreateAsync(string folder, int mebibytes, string only)
    {
        var identity = new DiskIdentity("bench", DeterministicGuid.Create("bench"), FormatsSuite.Timestamp);
        using (var files = new FilePool())
        {
            DiskOutput[] sources =
            [
                new(new RawFormat(), In("raw")), new(new Qcow2Format(Qcow2Compression.None), In("qcow2")), new(new Qcow2Format(Qcow2Compression.Zlib), In("zlib")),
                new(new Qcow2Format(Qcow2Compression.Zstd), In("zstd")), new(new VhdxFormat(identity), In("vhdx")), new(new VmdkFormat(identity), In("vmdk")),
            ];
            await DiskWriter.WriteAsync(FormatsSuite.CreateImage(mebibytes, files), sources, new DiskWriteOptions(), CancellationToken.None);
        }
        List<FileContest> contests =
        [
            Contest("raw", In("raw"), "qcow2, none", new Qcow2Format(Qcow2Compression.None), "-W -f raw -O qcow2"),
            Contest("raw", In("raw"), "vhdx", new VhdxFormat(identity), "-W -f raw -O vhdx"),
            Contest("raw", In("raw"), "vmdk", new VmdkFormat(identity), "-f raw -O vmdk -o subformat=streamOptimized"),
            Contest("qcow2, none", In("qcow2"), "raw", new RawFormat(), "-W -f qcow2 -O raw"),
            Contest("qcow2, zlib", In("zlib"), "raw", new RawFormat(), "-W -f qcow2 -O raw"),
            Contest("qcow2, zstd", In("zstd"), "raw", new RawFormat(), "-W -f qcow2 -O raw"),
            Contest("qcow2, zlib", In("zlib"), "qcow2, zstd", new Qcow2Format(Qcow2Compression.Zstd), "-W -c -f qcow2 -O qcow2 -o compression_type=zstd"),
            Contest("qcow2, none", In("qcow2"), "qcow2, zlib", new Qcow2Format(Qcow2Compression.Zlib), "-W -c -f qcow2 -O qcow2"),
            Contest("vhdx", In("vhdx"), "qcow2, none", new Qcow2Format(Qcow2Compression.None), "-W -f vhdx -O qcow2"),
            Contest("vmdk", In("vmdk"), "raw", new RawFormat(), "-W -f vmdk -O raw"),
        ];
        return contests.FindAll(contest => contest.Name.Contains(only, StringComparison.Ordinal));

        static FileContest Contest(string from, string source, string to, IDiskFormat format, string options) => new($"{from} to {to}", async path =>
        {
            using var image = DiskImage.Open(source);
            await DiskWriter.WriteAsync(image.Disk, format, path, new DiskWriteOptions(), CancellationToken.None);
        }, $"qemu-img convert -m 16 {options} {source} theirs");

        string In(string name) => Path.Combine(folder, $"source.{name}");
    }

    private static void Print(List<FileContest> contests, int rounds, int mebibytes)
    {
        Console.WriteLine($"Conversions, {mebibytes} MiB of files, {rounds} rounds, medians\n");
        var table = new MarkdownTable("conversion", "ours, s", "theirs, s", "median of the ratios");
        foreach (var each in contests)
            table.Add(each.Name, MarkdownTable.Seconds(each.Times.Ours), MarkdownTable.Seconds(each.Times.Theirs), MarkdownTable.Ratio(each.Times.Ratio));
        table.Print();
        Console.WriteLine($"\n{Environment.WorkingSet >> 20} MiB of memory at the end.");
    }
}
