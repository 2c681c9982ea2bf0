namespace Packer.Debian;

/// <summary>
/// Fetches packages that are already chosen: needs the archives' addresses and the cache, but no index, so that a build from a lock file asks
/// the network only for what the cache lacks.
/// </summary>
internal sealed class DebianPackageStore(IDebianFetcher fetcher, IReadOnlyList<DebianArchive> archives)
{
    private const int ParallelTransfers = 8;
    private const string TarCategory = "debian-tar";

    /// <summary>Fetches the packages, several at a time.</summary>
    /// <returns>The paths of the package files, in the order of the packages.</returns>
    /// <exception cref="DebianException">What went wrong with the first package that failed.</exception>
    public Task<IReadOnlyList<string>> FetchAsync(IReadOnlyList<ResolvedPackage> packages, CancellationToken token) =>
        ForEachAsync(packages, ParallelTransfers, FetchOneAsync, token);

    /// <summary>Fetches the packages and expands their files, several at a time; a package that was expanded before is not even fetched.</summary>
    /// <returns>The paths of uncompressed tar archives in the cache, in the order of the packages.</returns>
    /// <exception cref="DebianException">What went wrong with the first package that failed.</exception>
    public Task<IReadOnlyList<string>> ExpandAsync(IReadOnlyList<ResolvedPackage> packages, CancellationToken token) =>
        ForEachAsync(packages, ParallelTransfers, ExpandOneAsync, token);

    /// <summary>Fetches a package and reads its control part.</summary>
    public async Task<DebControl> ReadControlAsync(ResolvedPackage package, CancellationToken token) =>
        await DebFile.ReadControlAsync(await FetchOneAsync(package, token).ConfigureAwait(false), token).ConfigureAwait(false);

    private async Task<string> FetchOneAsync(ResolvedPackage package, CancellationToken token)
    {
        package.Validate();
        // The archive that it was chosen from first; security updates move into the main archive with the next point release.
        var addresses = archives.OrderByDescending(archive => archive.Suite == package.Suite).Select(archive => archive.InPool(package.Filename)).Distinct().ToArray();
        try
        {
            return await fetcher.GetFileAsync(addresses, package.Sha256, package.Size, package.ToString(), token).ConfigureAwait(false);
        }
        catch (DebianException exception) when (exception.Error == DebianError.NotFound)
        {
            throw new DebianException(DebianError.NotFound,
                $"The package {package} is no longer at {string.Join(" or ", addresses.Select(DebianArchive.Show))}: mirrors drop a version when a newer one takes its place. Have the packages chosen anew (update the lock file), or use a mirror that keeps old versions.",
                exception);
        }
    }

    private Task<string> ExpandOneAsync(ResolvedPackage package, CancellationToken token)
    {
        package.Validate();
        return fetcher.GetDerivedAsync(TarCategory, package.Sha256,
            async (path, t) => await DebFile.ExpandDataAsync(await FetchOneAsync(package, t).ConfigureAwait(false), path, t).ConfigureAwait(false), token);
    }

    private static async Task<IReadOnlyList<string>> ForEachAsync(
        IReadOnlyList<ResolvedPackage> packages, int parallel, Func<ResolvedPackage, CancellationToken, Task<string>> work, CancellationToken token)
    {
        var paths = new string[packages.Count];
        await Parallel.ForAsync(0, packages.Count, new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = token },
            async (i, t) => paths[i] = await work(packages[i], t).ConfigureAwait(false)).ConfigureAwait(false);
        return paths;
    }
}
