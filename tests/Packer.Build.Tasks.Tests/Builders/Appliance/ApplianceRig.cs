using System.Collections.Concurrent;
using System.Diagnostics;
using Packer.Builders.Appliance;
using Packer.Debian;
using Packer.Engine;
using Packer.Imaging;
using Packer.Tests.Engine;

namespace Packer.Tests.Builders.Appliance;

/// <summary>What the tests of a class share that make images from the mirror of this machine's apt configuration: a folder with a cache, and the app.</summary>
internal sealed class ApplianceRig : IDisposable
{
    // QEMU without KVM corrupts a flag around this instruction, and the kernel panics now and then. Real processors do not.
    public const string EmulatorWorkaround = "clearcpuid=cx16";

    private readonly FilePool files = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> made = new();

    private ApplianceRig(TemporaryFolder folder, AppContent app)
    {
        Folder = folder;
        App = app;
    }

    public TemporaryFolder Folder { get; }

    /// <summary>The app of the images.</summary>
    public AppContent App { get; }

    /// <summary>Publishes the app; null where there is no mirror.</summary>
    /// <param name="publish">Publishes it below a folder.</param>
    public static async Task<ApplianceRig?> CreateAsync(Func<TemporaryFolder, Task<AppContent>> publish)
    {
        if (HostAptConfiguration.Find() is not { Archive: not null, Security: not null }) return null;
        var folder = new TemporaryFolder();
        return new ApplianceRig(folder, await publish(folder));
    }

    /// <summary>The rig, or the end of the test that needs it.</summary>
    public static ApplianceRig Require(ApplianceRig? rig)
    {
        if (rig is null) Rig.Require("a Debian mirror in apt's configuration");
        return rig!;
    }

    public async Task<ApplianceParts> ComposeAsync(ApplianceConfig config, AppContent content, CancellationToken token, string? cacheFolder = null)
    {
        using var cache = new FileCache(cacheFolder ?? Folder["cache"]);
        var ui = new TestUi();
        using var fetcher = new CacheDebianFetcher(cache, ui);
        return await new ApplianceImage("web", config, content, HostAptConfiguration.Find()).ComposeAsync(fetcher, ui, files, locked: null, token);
    }

    /// <summary>Makes a raw disk and returns its path.</summary>
    /// <param name="context">The test, in whose output the times go.</param>
    /// <param name="name">The name of a folder for it.</param>
    /// <param name="config">The settings.</param>
    /// <param name="content">The app; null for <see cref="App"/>.</param>
    /// <param name="cacheFolder">Another cache.</param>
    public async Task<string> BuildAsync(TestContext context, string name, ApplianceConfig config, AppContent? content = null, string? cacheFolder = null)
    {
        var clock = Stopwatch.StartNew();
        var parts = await ComposeAsync(config, content ?? App, context.CancellationToken, cacheFolder);
        var composed = clock.Elapsed;
        var path = Path.Combine(Directory.CreateDirectory(Folder[name]).FullName, "web.raw");
        var written = await DiskWriter.WriteAsync(parts.Disk!, new RawFormat(), path, new DiskWriteOptions { ComputeSha256 = true }, context.CancellationToken);
        Assert.AreEqual(await PartitionedDisk.FileHashAsync(path), written.Sha256);
        context.WriteLine($"Composed in {composed.TotalSeconds:F2} s, written in {(clock.Elapsed - composed).TotalSeconds:F2} s: {written}");
        return path;
    }

    /// <summary>The same for a disk that several tests start: the first makes it.</summary>
    public Task<string> BuildOnceAsync(TestContext context, string name, ApplianceConfig config) =>
        made.GetOrAdd(name, _ => new Lazy<Task<string>>(() => BuildAsync(context, name, config))).Value;

    /// <summary>Starts a machine, once more where it fails: an emulator under load is no measure.</summary>
    /// <param name="options">How.</param>
    /// <param name="check">What is to be true.</param>
    /// <param name="again">Is called before it is started once more.</param>
    public static async Task BootAsync(QemuOptions options, Func<QemuGuest, Task> check, Action? again = null)
    {
        try
        {
            await using var guest = QemuGuest.Start(options);
            await check(guest);
        }
        catch (AssertFailedException)
        {
            again?.Invoke();
            await using var guest = QemuGuest.Start(options);
            await check(guest);
        }
    }

    public void Dispose()
    {
        files.Dispose();
        Folder.Dispose();
    }
}
