using System.Buffers.Binary;
using System.IO.Compression;
using Packer.Builders.Appliance;

namespace Packer.Bench.Suites;

/// <summary>
/// A disk of the sample WebAppliance, made by the library in a process of its own, beside Debian's tools with the same packages and the same app: with an empty
/// cache, with a filled one, and as an installed Debian with systemd and SSH. Then the memory that a large image takes, and what its size is made of.
/// </summary>
internal static class ApplianceSuite
{
    private const string Suite = "trixie";
    private const int FreeMebibytes = 256;
    private const int SectorLength = 512;
    private const int LargeFiles = 8;
    private const int LargeFileMebibytes = 480;

    public static async Task RunAsync(Sandbox sandbox, int rounds, string only)
    {
        if (DebianPeer.Missing is { } missing)
        {
            Console.WriteLine($"Left out: the suite 'appliance' needs {missing}.");
            return;
        }
        var folder = sandbox.CreateFolder("appliance");
        var app = Path.Combine(folder, "app");
        await sandbox.PublishSampleAsync("WebAppliance", app);
        var request = new ImageRequest
        {
            App = app, Program = "WebAppliance", Cache = Path.Combine(folder, "cache"), Lock = Path.Combine(folder, "packer.lock.json"), Output = Path.Combine(folder, "ours"),
        };
        // Fills the cache and writes the lock file.
        await ImageProcess.RunAsync(request);
        var table = new MarkdownTable("image", "ours, s", "theirs, s", "median of the ratios", "goal");
        if (Wanted("minimal")) await RaceMinimalAsync(folder, request, rounds, table);
        if (Wanted("debian")) await RaceDebianAsync(folder, request, rounds, table);
        table.Print();
        if (Wanted("size")) await SizeAsync(request);
        if (Wanted("memory")) await MemoryAsync(request);

        bool Wanted(string name) => name.Contains(only, StringComparison.Ordinal);
    }

    private static async Task RaceMinimalAsync(string folder, ImageRequest request, int rounds, MarkdownTable table)
    {
        var script = DebianPeer.Tree("extract", DebianPeer.Names(request.Lock), Suite) + "cp -r ../app root/app\n" + DebianPeer.Disk([InitialRamDisk(request)], FreeMebibytes);
        var (warm, hashed, cold) = (new Pair(), new Pair(), new Pair());
        for (var round = -1; round < rounds; round++)
        {
            var last = 0.0;
            await warm.RunAsync(() => OursAsync(request with { Hashes = false }), async () => last = await DebianPeer.RunAsync(Path.Combine(folder, "theirs"), script), round);
            hashed.Add(await OursAsync(request), last, round);
            cold.Add(await OursAsync(Empty(request, folder)), last, round);
        }
        Add(table, "minimal, filled cache", warm, "0.05");
        Add(table, "the same, and its SHA-256", hashed, "");
        Add(table, "minimal, empty cache", cold, "0.5");
    }

    private static async Task RaceDebianAsync(string folder, ImageRequest request, int rounds, MarkdownTable table)
    {
        var debian = request with { Shape = ApplianceConfig.Debian, Packages = ["openssh-server"], Lock = Path.Combine(folder, "debian.lock.json") };
        await ImageProcess.RunAsync(debian);
        // Its initial RAM disk is made by a script of a package, which ours does without.
        var script = DebianPeer.Tree("custom", [.. DebianPeer.Names(debian.Lock), "initramfs-tools"], Suite) + "cp -r ../app root/app\ncp -L root/boot/initrd.img-* initrd\n" + DebianPeer.Disk(["initrd"], FreeMebibytes);
        var times = new Pair();
        for (var round = 0; round < rounds; round++) await times.RunAsync(() => OursAsync(debian), () => DebianPeer.RunAsync(Path.Combine(folder, "theirs"), script), round);
        Add(table, "debian with SSH, filled cache", times, "0.08");
    }

    /// <summary>The compressed disk beside what its two parts have, each compressed in one stream: the partition that the firmware reads, and an archive of the root file system.</summary>
    private static async Task SizeAsync(ImageRequest request)
    {
        var all = request with { Formats = ["qcow2", "raw", "tar"] };
        await ImageProcess.RunAsync(all);
        await using var disk = File.OpenRead(ImageProcess.PathOf(all, "raw"));
        await using var archive = File.OpenRead(ImageProcess.PathOf(all, "tar"));
        var parts = Compressed(disk, RootOffset(disk)) + Compressed(archive, archive.Length);
        var image = new FileInfo(ImageProcess.PathOf(all, "qcow2")).Length;
        Console.WriteLine($"\nSize: qcow2 with zlib {MarkdownTable.Mebibytes(image)} MiB, its parts with zlib {MarkdownTable.Mebibytes(parts)} MiB, ratio {MarkdownTable.Ratio(image / (double)parts)} (goal: 1.05)");
    }

    /// <summary>Where the second partition begins (UEFI specification, GUID partition entry array: LBA 2, 128 bytes each, the first LBA at 32).</summary>
    private static long RootOffset(FileStream disk)
    {
        Span<byte> first = stackalloc byte[sizeof(long)];
        disk.Position = 2 * SectorLength + 128 + 32;
        disk.ReadExactly(first);
        disk.Position = 0;
        return BinaryPrimitives.ReadInt64LittleEndian(first) * SectorLength;
    }

    private static long Compressed(FileStream stream, long length)
    {
        var counted = new CountingStream();
        using (var zlib = new ZLibStream(counted, CompressionLevel.Optimal, leaveOpen: true))
        {
            var buffer = new byte[1 << 20];
            for (var left = length; left > 0;)
            {
                var read = stream.ReadAtLeast(buffer.AsSpan(0, (int)Math.Min(buffer.Length, left)), 1);
                zlib.Write(buffer, 0, read);
                left -= read;
            }
        }
        return counted.Length;
    }

    private static async Task MemoryAsync(ImageRequest request)
    {
        var large = request with { App = request.App + "-large", Output = request.Output + "-large" };
        Directory.CreateDirectory(large.App);
        foreach (var path in Directory.EnumerateFiles(request.App)) File.Copy(path, Path.Combine(large.App, Path.GetFileName(path)), overwrite: true);
        var random = new Random(1);
        var piece = new byte[1 << 20];
        for (var file = 0; file < LargeFiles; file++)
        {
            await using var stream = File.Create(Path.Combine(large.App, $"data{file}"));
            for (var done = 0; done < LargeFileMebibytes; done++)
            {
                random.NextBytes(piece);
                await stream.WriteAsync(piece);
            }
        }
        var table = new MarkdownTable("image", "disk, MiB", "peak memory, MiB", "goal, MiB");
        foreach (var each in (ImageRequest[])[request, large, large with { Formats = ["qcow2"] }, large with { Formats = ["vmdk"] }])
        {
            var cost = await ImageProcess.RunAsync(each);
            var path = ImageProcess.PathOf(each, each.Formats[0]);
            table.Add(each.Formats[0], MarkdownTable.Mebibytes(new FileInfo(path).Length), MarkdownTable.Mebibytes(cost.PeakBytes), each == request ? "" : "150");
            File.Delete(path);
        }
        Console.WriteLine();
        table.Print();
        Directory.Delete(large.App, recursive: true);
    }

    private static async Task<double> OursAsync(ImageRequest request)
    {
        var seconds = (await ImageProcess.RunAsync(request)).Seconds;
        File.Delete(ImageProcess.PathOf(request, request.Formats[0]));
        return seconds;
    }

    /// <summary>The same with nothing in the cache and no lock file.</summary>
    private static ImageRequest Empty(ImageRequest request, string folder)
    {
        var cold = request with { Cache = Path.Combine(folder, "empty"), Lock = Path.Combine(folder, "empty.lock.json") };
        if (Directory.Exists(cold.Cache)) Directory.Delete(cold.Cache, recursive: true);
        File.Delete(cold.Lock);
        return cold;
    }

    // Theirs has no program that makes one of the packages alone, so it takes ours.
    private static string InitialRamDisk(ImageRequest request) => Directory.EnumerateFiles(Path.Combine(request.Cache, "appliance-initrd")).MaxBy(path => new FileInfo(path).Length)!;

    private static void Add(MarkdownTable table, string name, Pair times, string goal) =>
        table.Add(name, MarkdownTable.Seconds(times.Ours), MarkdownTable.Seconds(times.Theirs), MarkdownTable.Ratio(times.Ratio), goal);
}
