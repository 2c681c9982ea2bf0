using Packer.Debian;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>What an image is composed of. Nothing is copied: it refers to the files of the app and the cache.</summary>
/// <param name="Root">The root file system.</param>
/// <param name="Disk">The disk; null where no format asks for one.</param>
/// <param name="Unified">The unified kernel image; null where there is none.</param>
/// <param name="Packages">Its Debian packages.</param>
/// <param name="Architecture">The processor that it is for.</param>
/// <param name="Contents">What takes the room in the disk; empty where there is none.</param>
internal sealed record ApplianceParts(RootTree Root, SparseImage? Disk, SparseImage? Unified, IReadOnlyList<ImagePackage> Packages, MachineArchitecture Architecture, IReadOnlyList<ContentsEntry> Contents);

/// <summary>One image from its settings to its disk: packages, boot files, root file system, partitions. Every format is written from the same parts.</summary>
/// <param name="name">The name of the image.</param>
/// <param name="config">The settings.</param>
/// <param name="app">The published app.</param>
/// <param name="host">The mirrors of the host's apt, or null where it has none.</param>
internal sealed class ApplianceImage(string name, ApplianceConfig config, AppContent app, HostMirrors? host)
{
    private const string BusyBoxPackage = "busybox-static";
    private const string ReleaseFile = "/usr/lib/os-release";

    private bool IsDebian => config.Shape == ApplianceConfig.Debian;

    private bool IsUnified => config.BootMode == ApplianceConfig.Unified;

    /// <summary>Fetches what the cache lacks and composes the image. It is read from the files of the app and the cache as it is written.</summary>
    /// <param name="fetcher">The network and the cache.</param>
    /// <param name="ui">Is told what is done.</param>
    /// <param name="files">Keeps files open while the disk is written.</param>
    /// <param name="locked">The packages that the lock file pins (<see cref="PackageLock"/>); null to take the archives' present ones.</param>
    /// <param name="token">Ends the work.</param>
    /// <exception cref="PackerException">The app or the settings do not fit.</exception>
    /// <exception cref="DebianException">The packages cannot be had.</exception>
    /// <exception cref="ImagingException">Something cannot be part of a disk.</exception>
    public async Task<ApplianceParts> ComposeAsync(IDebianFetcher fetcher, IUi ui, FilePool files, string? locked, CancellationToken token)
    {
        foreach (var content in app.AddedApps.Select(added => added.Content).Prepend(app)) AppFiles.Check(content);
        ApplianceFormats.Check(config, Architecture);
        var archives = DebianMirrors.Archives(config, host);
        var set = Wanted;
        var chosen = locked is null ? await ChooseAsync(fetcher, token).ConfigureAwait(false) : PackageLock.PinnedPackages(locked, config.DebianSuite, Architecture, set.Names);
        ui.Say($"Composing the image of the app and {chosen.Count} packages of Debian {config.DebianSuite}");
        foreach (var package in chosen) ui.Message(package.ToString());
        var packages = await ImagePackage.GetAsync(fetcher, archives, chosen, token).ConfigureAwait(false);
        if (IsDebian) packages = await Systemd.PackageControl.AddAsync(fetcher, archives, chosen, packages, token).ConfigureAwait(false);
        else if (MaintainerScripts.Warning(packages) is { } warning) ui.Warn(DiagnosticCodes.ScriptsDoNotRun, warning);
        return await Task.Run(() => ComposeAsync(fetcher, packages, set, files, token), token).ConfigureAwait(false);
    }

    /// <summary>Chooses the packages by the present state of the archives and returns what pins them.</summary>
    /// <param name="fetcher">The network and the cache.</param>
    /// <param name="token">Ends the work.</param>
    /// <exception cref="DebianException">The packages cannot be chosen.</exception>
    public async Task<PackageLock> LockAsync(IDebianFetcher fetcher, CancellationToken token) =>
        new(config.DebianSuite, Wanted.Names, await ChooseAsync(fetcher, token).ConfigureAwait(false));

    // Culture data is left out only where nobody would look for it.
    private PackageSet Wanted => IsDebian
        ? Systemd.SystemdPackages.For(NeedsNoCultures, config.Packages, Architecture, config.KernelPackage, IsUnified, config.CloudMetadata)
        : PackageSet.For(NeedsNoCultures, config.Packages, Architecture, config.KernelPackage, IsUnified);

    private MachineArchitecture Architecture => MachineArchitecture.Of(app.RuntimeIdentifier);

    private bool NeedsNoCultures => app.InvariantGlobalization && app.AddedApps.All(added => added.Content.InvariantGlobalization);

    private Task<IReadOnlyList<ResolvedPackage>> ChooseAsync(IDebianFetcher fetcher, CancellationToken token) =>
        new PackageSelection(fetcher, DebianMirrors.Archives(config, host), config.DebianKeyring).SelectAsync(Wanted, DateTimeOffset.UtcNow, token);

    /// <summary>Composes the image of packages that are at hand.</summary>
    internal async Task<ApplianceParts> ComposeAsync(IDebianFetcher fetcher, IReadOnlyList<ImagePackage> packages, PackageSet set, FilePool files, CancellationToken token)
    {
        var contents = new ApplianceContents();
        var timestamp = config.SourceDateEpoch ?? ApplianceConfig.DefaultSourceDateEpoch;
        var root = RootTree.Create(packages, set, config, name, app, timestamp, files, contents);
        if (!ApplianceFormats.NeedBoot(config)) return new ApplianceParts(root, null, null, packages, Architecture, []);
        var kernel = PackageSet.KernelOf(packages);
        var busybox = packages.Single(package => package.Name == BusyBoxPackage);
        var inMemory = config.Root == ApplianceConfig.InMemory;
        var initialRamDisk = await InitialRamDisk.GetAsync(fetcher, Architecture, kernel, inMemory ? null : busybox, timestamp, token).ConfigureAwait(false);
        if (inMemory) initialRamDisk = new ConcatSource([initialRamDisk, await RamRoot.CreateAsync(fetcher, root.Layers, token).ConfigureAwait(false)]);
        var identity = new ImageIdentity(name, config.DebianSuite);
        var verified = config.Verity ? VerifiedRoot.Create(identity, root.Tree, timestamp, token) : null;
        var commandLine = identity.KernelCommandLine(config, Architecture, verified?.Hashes.RootHash);
        using var signer = SigningKey.Load(config);
        var unified = IsUnified ? BootTree.CreateUnified(packages, Architecture, initialRamDisk, commandLine, root.Tree.Get(ReleaseFile).Data, signer, timestamp, files) : null;
        if (!ApplianceFormats.NeedDisk(config)) return new ApplianceParts(root, null, unified, packages, Architecture, []);
        var boot = unified is not null ? BootTree.Create(unified, Architecture, timestamp) : BootTree.Create(packages, Architecture, initialRamDisk, commandLine, timestamp, files);
        contents.ClaimBoot(boot, IsUnified);
        var disk = DiskComposer.Compose(identity, boot, inMemory ? null : root.Tree, verified, commandLine, Architecture, config, timestamp);
        return new ApplianceParts(root, disk, unified, packages, Architecture, inMemory ? contents.Entries(disk, boot) : contents.Entries(disk, boot, root.Tree));
    }
}
