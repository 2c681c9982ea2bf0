using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Packer.Builders.Appliance;
using Packer.Debian;
using Packer.Engine;
using Packer.Imaging;

namespace Packer.Bench;

/// <summary>An image that is to be made, by the library's own code, in a process that begins with nothing compiled.</summary>
internal sealed record ImageRequest
{
    /// <summary>Full path of the folder of the published app.</summary>
    public required string App { get; init; }

    /// <summary>Name of the program in it.</summary>
    public required string Program { get; init; }

    /// <summary>Full path of the cache.</summary>
    public required string Cache { get; init; }

    /// <summary>Full path of the folder that gets the files.</summary>
    public required string Output { get; init; }

    /// <summary>Full path of the lock file: read where it is there, else written.</summary>
    public required string Lock { get; init; }

    public string Shape { get; init; } = ApplianceConfig.Minimal;

    public IReadOnlyList<string> Formats { get; init; } = ["raw"];

    public IReadOnlyList<string> Packages { get; init; } = [];

    public IReadOnlyList<string> KernelArguments { get; init; } = [];

    /// <summary>Whether the SHA-256 of each file is computed, as a build does.</summary>
    public bool Hashes { get; init; } = true;

    /// <summary>The settings of the builder.</summary>
    public ApplianceConfig ToConfig() => new()
    {
        Shape = Shape,
        Formats = Formats,
        Packages = Packages,
        KernelArguments = KernelArguments,
    };
}

/// <summary>What making an image took.</summary>
/// <param name="Seconds">From the start of the process to its end.</param>
/// <param name="PeakBytes">The most memory that it had (<c>VmHWM</c>).</param>
internal readonly record struct ImageCost(double Seconds, double PeakBytes);

/// <summary>This program as its own child, which makes one image, with the library as the package has it: compiled ahead for this processor.</summary>
internal static class ImageProcess
{
    private const string Library = "Packer.Build.Tasks.dll";

    private static readonly Lazy<string> Program = new(Prepare);

    /// <summary>The argument that makes this program do so.</summary>
    public const string Argument = "make-image";

    private const string Name = "bench";
    private const string PeakOfMemory = "VmHWM:";

    /// <summary>Makes an image in a child and waits for its end.</summary>
    public static async Task<ImageCost> RunAsync(ImageRequest request)
    {
        Directory.CreateDirectory(request.Output);
        var path = Path.Combine(request.Output, "request");
        // Plain lines: nothing for the child to compile that is not the library's.
        await File.WriteAllLinesAsync(path,
        [
            request.App, request.Program, request.Cache, request.Output, request.Lock, request.Shape,
            string.Join(';', request.Formats), string.Join(';', request.Packages), string.Join(';', request.KernelArguments), request.Hashes.ToString(),
        ]);
        var peak = double.NaN;
        var seconds = await new Command("dotnet", [Program.Value, Argument, path], request.Output, new Dictionary<string, string?>()).RunAsync(line => peak = double.Parse(line, CultureInfo.InvariantCulture));
        return new ImageCost(seconds, peak);
    }

    /// <summary>The child: makes the image and says how much memory it had.</summary>
    public static async Task MakeAsync(string path)
    {
        var lines = File.ReadAllLines(path);
        var request = new ImageRequest
        {
            App = lines[0], Program = lines[1], Cache = lines[2], Output = lines[3], Lock = lines[4], Shape = lines[5],
            Formats = List(lines[6]), Packages = List(lines[7]), KernelArguments = List(lines[8]), Hashes = bool.Parse(lines[9]),
        };
        var app = new AppContent(request.App, request.Program, "linux-x64") { InvariantGlobalization = true };
        using var cache = new FileCache(request.Cache);
        var ui = new SilentUi();
        using var fetcher = new CacheDebianFetcher(cache, ui);
        var config = request.ToConfig();
        var image = new ApplianceImage(Name, config, app, HostAptConfiguration.Find());
        if (!File.Exists(request.Lock)) await File.WriteAllTextAsync(request.Lock, (await image.LockAsync(fetcher, CancellationToken.None)).ToJson());
        var options = new DiskWriteOptions { ComputeSha256 = request.Hashes };
        using var files = new FilePool();
        var parts = await image.ComposeAsync(fetcher, ui, files, await File.ReadAllTextAsync(request.Lock), CancellationToken.None);
        await DiskWriter.WriteAsync(parts.Disk!, ApplianceFormats.Disks(config, Name, request.Output), options, CancellationToken.None);
        if (request.Formats.Contains(ApplianceFormats.Tar)) await DiskWriter.WriteAsync(TarImage.Create(parts.Root.Tree.Walk()), new RawFormat(), PathOf(request, ApplianceFormats.Tar), options, CancellationToken.None);
        var status = File.ReadLines("/proc/self/status").First(line => line.StartsWith(PeakOfMemory, StringComparison.Ordinal));
        Console.WriteLine(double.Parse(status[PeakOfMemory.Length..^"kB".Length], CultureInfo.InvariantCulture) * 1024);
    }

    private static string[] List(string text) => text.Split(';', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Full path of a file that it makes.</summary>
    public static string PathOf(ImageRequest request, string format) => Path.Combine(request.Output, $"{Name}.{format}");

    /// <summary>A copy of this program with the package's library, and the path of it.</summary>
    private static string Prepare()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Sandbox.Folder, "image-process")).FullName;
        foreach (var path in Directory.EnumerateFiles(AppContext.BaseDirectory)) File.Copy(path, Path.Combine(folder, Path.GetFileName(path)));
        using var package = ZipFile.OpenRead(Sandbox.PackagePath());
        package.GetEntry($"tasks/net10.0/{RuntimeInformation.RuntimeIdentifier}/{Library}")?.ExtractToFile(Path.Combine(folder, Library), overwrite: true);
        return Path.Combine(folder, Path.GetFileName(typeof(ImageProcess).Assembly.Location));
    }

    private sealed class SilentUi : IUi
    {
        public bool CanAsk => false;

        public void Say(string message)
        {
        }

        public void Message(string message)
        {
        }

        public void Error(string message)
        {
        }

        public void Warn(string code, string message)
        {
        }

        public void Machine(string category, params string[] arguments)
        {
        }

        public Task<string> AskAsync(string query, CancellationToken token) => throw new UnreachableException();

        public Stream TrackProgress(string name, long current, long total, Stream stream) => stream;
    }
}
