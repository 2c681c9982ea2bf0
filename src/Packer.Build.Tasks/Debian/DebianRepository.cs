namespace Packer.Debian;

/// <summary>
/// The archives of a Debian release, opened and verified: chooses packages and fetches them. Every byte that it uses is vouched for by a trusted
/// key: the signature covers the Release file, that the index's hash, and that the package's.
/// </summary>
internal sealed class DebianRepository
{
    private const long MaximumInRelease = 16 << 20;
    private const string IndexCategory = "debian-index";

    // The extensions of an index that can be read.
    private static readonly string[] Extensions = [".xz", ".gz", ".zst", ""];

    private readonly PackageCatalog _catalog;

    private DebianRepository(PackageCatalog catalog, DebianPackageStore store) => (_catalog, Store) = (catalog, store);

    /// <summary>Fetches packages by their hash, also those of a lock file.</summary>
    public DebianPackageStore Store { get; }

    /// <summary>The names of the packages that every complete Debian system has, in ordinal order: to be resolved with the others where wanted.</summary>
    public IReadOnlyList<string> EssentialNames => _catalog.EssentialNames;

    /// <summary>Fetches and verifies the state of each archive, and its index of packages where the cache lacks it.</summary>
    /// <param name="fetcher">The network and the cache.</param>
    /// <param name="archives">The archives; of equal versions the first one's is taken.</param>
    /// <param name="architecture">Debian's name of the architecture, such as <c>amd64</c>.</param>
    /// <param name="keyring">The trusted keys.</param>
    /// <param name="now">The present time.</param>
    /// <param name="token">Ends the work.</param>
    /// <exception cref="DebianException">Of any kind but <see cref="DebianError.Unsatisfiable"/> and <see cref="DebianError.Conflict"/>.</exception>
    public static async Task<DebianRepository> OpenAsync(
        IDebianFetcher fetcher, IReadOnlyList<DebianArchive> archives, string architecture, ArchiveKeyring keyring, DateTimeOffset now, CancellationToken token)
    {
        var indexes = new (DebianArchive, PackageIndex)[archives.Count];
        await Parallel.ForAsync(0, archives.Count, token,
            async (i, t) => indexes[i] = (archives[i], await OpenAsync(fetcher, archives[i], architecture, keyring, now, t).ConfigureAwait(false))).ConfigureAwait(false);
        return new DebianRepository(new PackageCatalog(indexes, architecture), new DebianPackageStore(fetcher, archives));
    }

    /// <summary>Chooses the packages that these names need, ordered by name. See <see cref="Resolver.Resolve"/>.</summary>
    public IReadOnlyList<ResolvedPackage> Resolve(IReadOnlyCollection<string> names, IReadOnlySet<string> exclusions)
    {
        // The catalog remembers what it has decoded.
        lock (_catalog)
            return [.. Resolver.Resolve(_catalog, names, exclusions).Select(package => ResolvedPackage.Of(package.Entry, package.Archive.Suite))];
    }

    /// <summary>See <see cref="DebianPackageStore.FetchAsync"/>.</summary>
    public Task<IReadOnlyList<string>> FetchAsync(IReadOnlyList<ResolvedPackage> packages, CancellationToken token) => Store.FetchAsync(packages, token);

    /// <summary>See <see cref="DebianPackageStore.ExpandAsync"/>.</summary>
    public Task<IReadOnlyList<string>> ExpandAsync(IReadOnlyList<ResolvedPackage> packages, CancellationToken token) => Store.ExpandAsync(packages, token);

    private static async Task<PackageIndex> OpenAsync(
        IDebianFetcher fetcher, DebianArchive archive, string architecture, ArchiveKeyring keyring, DateTimeOffset now, CancellationToken token)
    {
        var where = DebianArchive.Show(archive.InRelease);
        var content = await fetcher.GetAsync(archive.InRelease, MaximumInRelease, token).ConfigureAwait(false);
        var release = ReleaseFile.Parse(ClearSignedFile.Verify(content, keyring, now, where).Text, where);
        release.Check(archive.Suite, now, where);

        var path = $"{archive.Component}/binary-{architecture}/Packages";
        var packed = Extensions.Select(extension => release.Find(path + extension)).OfType<ReleaseEntry>().OrderBy(entry => entry.Length).ToArray();
        if (packed.Length == 0)
            throw new DebianException(DebianError.NotFound,
                $"{where} lists no packages of the component '{archive.Component}' for {architecture}: its architectures are {string.Join(", ", release.Architectures)}. Choose one of these, or another mirror.");

        // The hash of the expanded index, or where the archive does not give it, of the smallest packed one.
        var key = $"{(release.Find(path) ?? packed[0]).Sha256}-{PackageIndex.FormatVersion}";
        var cached = await fetcher.GetDerivedAsync(IndexCategory, key, Produce, token).ConfigureAwait(false);
        if (PackageIndex.TryRead(await File.ReadAllBytesAsync(cached, token).ConfigureAwait(false)) is { } index) return index;

        // Damaged after it was made, by the disk or by a hand: make it again.
        File.Delete(cached);
        cached = await fetcher.GetDerivedAsync(IndexCategory, key, Produce, token).ConfigureAwait(false);
        return PackageIndex.TryRead(await File.ReadAllBytesAsync(cached, token).ConfigureAwait(false))
            ?? throw DebianException.Damaged(cached, "its digest does not match, although it was just written");

        async Task Produce(string target, CancellationToken t)
        {
            var built = await BuildIndexAsync(fetcher, archive, release, packed, path, t).ConfigureAwait(false);
            await File.WriteAllBytesAsync(target, built.Image, t).ConfigureAwait(false);
        }
    }

    private static async Task<PackageIndex> BuildIndexAsync(
        IDebianFetcher fetcher, DebianArchive archive, ReleaseFile release, IReadOnlyList<ReleaseEntry> packed, string path, CancellationToken token)
    {
        DebianException? notFound = null;
        foreach (var entry in packed)
        {
            var addresses = new List<Uri>();
            // By its hash first: the file of that name may already be of the mirror's next state.
            if (release.AcquireByHash) addresses.Add(archive.InSuite($"{entry.Path[..entry.Path.LastIndexOf('/')]}/by-hash/SHA256/{entry.Sha256}"));
            addresses.Add(archive.InSuite(entry.Path));
            try
            {
                var file = await fetcher.GetFileAsync(addresses, entry.Sha256, entry.Length, $"index of {archive}", token).ConfigureAwait(false);
                return await Task.Run(() => ReadIndex(file, entry, release.Find(path), DebianArchive.Show(archive.InSuite(entry.Path)), token), token).ConfigureAwait(false);
            }
            catch (DebianException exception) when (exception.Error == DebianError.NotFound)
            {
                // Release files list forms of the index that the archive does not keep.
                notFound ??= exception;
            }
        }

        throw notFound!;
    }

    private static PackageIndex ReadIndex(string file, ReleaseEntry packed, ReleaseEntry? expanded, string where, CancellationToken token)
    {
        using var stream = File.OpenRead(file);
        using var content = ExpandingStream.Open(stream, packed.Path, expanded?.Length ?? DebFile.ExpandedLimit(packed.Length), where);
        var index = PackageIndex.Build(content, where, token);
        if (expanded is not null && content.Position != expanded.Length) throw DebianException.Damaged(where, $"it expands to {content.Position} bytes instead of {expanded.Length}");
        return index;
    }
}
