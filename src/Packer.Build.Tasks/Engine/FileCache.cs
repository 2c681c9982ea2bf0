using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Packer.Engine;

/// <summary>The cache: a folder a category, a file an entry, a lock file an entry while it is made.</summary>
internal sealed class FileCache : ICache, IDisposable
{
    private const string Downloads = "downloads";

    /// <summary>Made when first needed: most builds download nothing, and the runtime's HTTP stack takes long to start.</summary>
    private readonly Lazy<HttpFetcher> fetcher;

    /// <summary>Files that were verified by this instance, and as what. One instance lives as long as one build.</summary>
    private readonly ConcurrentDictionary<VerifiedFile, bool> verified = new();

    /// <summary>Makes a cache in a folder, which is made when first needed.</summary>
    /// <param name="directory">Full path.</param>
    /// <param name="options">How patient downloads are.</param>
    public FileCache(string directory, FileCacheOptions? options = null)
    {
        DirectoryPath = directory;
        fetcher = new Lazy<HttpFetcher>(() => new HttpFetcher(options ?? new FileCacheOptions()));
    }

    /// <inheritdoc />
    public string DirectoryPath { get; }

    /// <summary>
    /// The folder that is used where nothing is set: <c>PACKER_CACHE_DIR</c>, else the user's cache folder and <c>packer</c>
    /// (on Linux by the XDG Base Directory Specification).
    /// </summary>
    public static string DefaultDirectory()
    {
        if (Environment.GetEnvironmentVariable("PACKER_CACHE_DIR") is { } set && Path.IsPathFullyQualified(set)) return set;
        if (OperatingSystem.IsWindows())
        {
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "packer", "cache");
        }
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsMacOS()) return Path.Combine(home, "Library", "Caches", "packer");
        // The specification has paths ignored that are not full ones.
        return Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } caches && Path.IsPathFullyQualified(caches)
            ? Path.Combine(caches, "packer")
            : Path.Combine(home, ".cache", "packer");
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (fetcher.IsValueCreated) fetcher.Value.Dispose();
    }

    /// <inheritdoc />
    public async Task<string> DownloadAsync(DownloadRequest request, IUi ui, CancellationToken token)
    {
        if (request.Addresses.Count == 0) throw new PackerException(DiagnosticCodes.DownloadFailed, $"No address of the {request.Description} is given.");
        var checksum = await ResolveChecksumAsync(request, ui, token);
        var path = Path.Combine(DirectoryPath, Downloads, FileName(request, checksum));
        var failures = new List<Failure>();

        // What is here already is better than any address; local sources are as good, but may have changed.
        if (await IsUsableAsync(path, request, checksum, token, whenKnown: true)) return path;
        foreach (var address in request.Addresses.TakeWhile(address => address.IsFile))
        {
            if (await UseLocalAsync(address, request, checksum, failures, token) is { } local) return local;
        }
        await using var held = await AcquireAsync(path, token, owner => ui.Say(owner is { } id
            ? $"Waiting for process {id}, which is getting the {request.Description} too."
            : $"Waiting for another process, which is getting the {request.Description} too."));
        try
        {
            return await GetAsync(path, request, checksum, failures, ui, token);
        }
        catch (IOException exception) when (FileErrors.IsDiskFull(exception))
        {
            // What was fetched takes the very space that is missing.
            new PartialDownload(path).Delete();
            throw FileErrors.DiskFull(path, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotUsable(exception);
        }
    }

    /// <inheritdoc />
    public async Task<string> GetOrAddAsync(string category, string key, Func<string, CancellationToken, Task> produce, CancellationToken token)
    {
        var path = Path.Combine(DirectoryPath, CheckName(category, nameof(category)), CheckName(key, nameof(key)));
        if (File.Exists(path)) return path;
        await using var held = await AcquireAsync(path, token);
        if (File.Exists(path)) return path;
        var temporary = path + ".partial";
        try
        {
            // A killed process may have left one.
            File.Delete(temporary);
            await produce(temporary, token);
            AtomicFile.Flush(temporary);
            AtomicFile.Publish(temporary, path);
            return path;
        }
        catch (Exception exception)
        {
            File.Delete(temporary);
            if (FileErrors.IsDiskFull(exception)) throw FileErrors.DiskFull(path, exception);
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<IAsyncDisposable> LockAsync(string name, CancellationToken token) =>
        await AcquireAsync(Path.Combine(DirectoryPath, "locks", CheckName(name, nameof(name))), token);

    private async Task<FileLock> AcquireAsync(string path, CancellationToken token, Action<int?>? waiting = null)
    {
        try
        {
            return await FileLock.AcquireAsync(path + ".lock", token, waiting);
        }
        catch (IOException exception) when (FileErrors.IsDiskFull(exception))
        {
            throw FileErrors.DiskFull(path, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotUsable(exception);
        }
    }

    private PackerException NotUsable(Exception cause) => new(DiagnosticCodes.CacheNotUsable,
        $"The cache '{DirectoryPath}' cannot be used: {cause.Message} Set PackerCacheDir to a folder that can be written.", cause);

    /// <summary>Finds or fetches the file while its lock is held.</summary>
    private async Task<string> GetAsync(string path, DownloadRequest request, Checksum? checksum, List<Failure> failures, IUi ui, CancellationToken token)
    {
        if (File.Exists(path))
        {
            if (await IsUsableAsync(path, request, checksum, token)) return path;
            ui.Say($"The cached {request.Description} '{path}' is damaged; it is fetched again.");
            File.Delete(path);
        }
        var part = new PartialDownload(path);
        ui.Say($"Retrieving {request.Description}");
        foreach (var address in request.Addresses.Skip(failures.Count))
        {
            token.ThrowIfCancellationRequested();
            if (address.IsFile)
            {
                if (await UseLocalAsync(address, request, checksum, failures, token) is { } local) return local;
                continue;
            }
            if (await FetchAsync(address, part, request, checksum, failures, ui, token))
            {
                part.Publish();
                Remember(path, checksum);
                return path;
            }
        }
        throw Failed(request, failures);
    }

    private async Task<bool> FetchAsync(
        Uri address, PartialDownload part, DownloadRequest request, Checksum? checksum, List<Failure> failures, IUi ui, CancellationToken token)
    {
        if (address.Scheme is not ("http" or "https"))
        {
            failures.Add(new Failure(address, $"addresses of the kind '{address.Scheme}:' are not known; use https:, http: or file:"));
            return false;
        }
        ui.Message($"Trying {Address.Display(address)}");
        try
        {
            while (true)
            {
                var resumed = await fetcher.Value.FetchAsync(address, part, request.Length, request.Description, ui, token);
                var mismatch = await FindMismatchAsync(part.FilePath, request, checksum, token);
                if (mismatch is null) return true;
                part.Delete();
                if (!resumed)
                {
                    ui.Message($"{Address.Display(address)}: {mismatch}.");
                    failures.Add(new Failure(address, mismatch, IsMismatch: true));
                    return false;
                }
                // Bytes that an earlier try left may have suffered in a crash. That is not the server's fault.
                ui.Message($"The resumed {request.Description} is not right; it is fetched from the start.");
            }
        }
        catch (FetchException exception)
        {
            ui.Message($"{Address.Display(address)}: {exception.Message}.");
            failures.Add(new Failure(address, exception.Message));
            return false;
        }
    }

    /// <summary>Uses a file where it lies, or notes why it cannot be. It belongs to the user, so it is never deleted.</summary>
    private async Task<string?> UseLocalAsync(Uri address, DownloadRequest request, Checksum? checksum, List<Failure> failures, CancellationToken token)
    {
        var path = address.LocalPath;
        try
        {
            if (!File.Exists(path))
            {
                failures.Add(new Failure(address, Directory.Exists(path) ? "is a folder" : "does not exist"));
                return null;
            }
            if (IsRemembered(path, checksum)) return path;
            if (await FindMismatchAsync(path, request, checksum, token) is { } mismatch)
            {
                failures.Add(new Failure(address, mismatch, IsMismatch: true));
                return null;
            }
            Remember(path, checksum);
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            failures.Add(new Failure(address, exception.Message.TrimEnd('.')));
            return null;
        }
    }

    private async Task<bool> IsUsableAsync(string path, DownloadRequest request, Checksum? checksum, CancellationToken token, bool whenKnown = false)
    {
        if (!File.Exists(path)) return false;
        if (IsRemembered(path, checksum)) return true;
        // Only the holder of the lock verifies, since only it may delete what is damaged.
        if (whenKnown || await FindMismatchAsync(path, request, checksum, token) is not null) return false;
        Remember(path, checksum);
        return true;
    }

    /// <summary>Says in what a file is not the one asked for; null where it is.</summary>
    private static async Task<string?> FindMismatchAsync(string path, DownloadRequest request, Checksum? checksum, CancellationToken token)
    {
        var length = new FileInfo(path).Length;
        if (request.Length is { } expected && expected != length) return $"the file has {length} bytes, not {expected}";
        if (checksum is null) return null;
        var actual = await Checksum.ComputeAsync(checksum.Kind, path, token);
        return actual == checksum ? null : $"the checksum is {actual}, not {checksum}";
    }

    private bool IsRemembered(string path, Checksum? checksum) => verified.ContainsKey(VerifiedFile.Of(path, checksum));

    private void Remember(string path, Checksum? checksum) => verified[VerifiedFile.Of(path, checksum)] = true;

    private static PackerException Failed(DownloadRequest request, List<Failure> failures)
    {
        var mismatch = failures.Any(failure => failure.IsMismatch);
        var text = new StringBuilder($"The {request.Description} could not be had from any of its addresses:");
        foreach (var failure in failures) text.Append($"{Environment.NewLine}  {Address.Display(failure.Address)}: {failure.Reason}");
        text.Append(Environment.NewLine).Append(mismatch
            ? "Find out whether the file or the checksum is out of date; do not remove the checksum to get on."
            : "Check the addresses and the network, then build again.");
        return new PackerException(mismatch ? DiagnosticCodes.ChecksumMismatch : DiagnosticCodes.DownloadFailed, text.ToString());
    }

    private async Task<Checksum?> ResolveChecksumAsync(DownloadRequest request, IUi ui, CancellationToken token)
    {
        var setting = ChecksumSetting.Parse(request.Checksum);
        if (setting.File is not { } file) return setting.Digest;
        var place = Locate(file, request);
        try
        {
            var content = place.IsFile ? await File.ReadAllTextAsync(place.LocalPath, token) : await fetcher.Value.FetchTextAsync(place, ui, token);
            return ChecksumFile.Find(content, request.Addresses, Address.Display(place));
        }
        catch (Exception exception) when (exception is FetchException or IOException or UnauthorizedAccessException)
        {
            throw new PackerException(DiagnosticCodes.DownloadFailed,
                $"The checksum file '{Address.Display(place)}' of the {request.Description} could not be read: {exception.Message.TrimEnd('.')}. "
                + "Check its address, or write the digest itself as 'sha256:…'.", exception);
        }
    }

    private static Uri Locate(string file, DownloadRequest request)
    {
        if (Path.IsPathFullyQualified(file)) return Address.OfFile(file);
        if (Uri.TryCreate(file, UriKind.Absolute, out var absolute) && absolute.Scheme is "http" or "https" or "file") return absolute;
        if (request.ProjectDirectory is { } project && Path.Combine(project, file) is var local && File.Exists(local)) return Address.OfFile(local);
        return new Uri(request.Addresses[0], file);
    }

    private static string FileName(DownloadRequest request, Checksum? checksum)
    {
        var first = request.Addresses[0];
        var name = checksum is null
            ? "url-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(first.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped))))
            : $"{checksum.Kind.ToString().ToLowerInvariant()}-{checksum.Hex}";
        var extension = (request.Extension ?? Path.GetExtension(Address.PathOf(first)).TrimStart('.')).ToLowerInvariant();
        return extension.Length > 0 && extension.All(IsNameCharacter) ? $"{name}.{extension}" : name;
    }

    private static string CheckName(string name, string parameter) => name.Length > 0 && name[0] != '.' && name.All(IsNameCharacter) ? name
        : throw new ArgumentException($"'{name}' is no name in the cache: letters, digits, '.', '_' and '-' are allowed, and no '.' at its start.", parameter);

    private static bool IsNameCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-';

    private sealed record Failure(Uri Address, string Reason, bool IsMismatch = false);

    private sealed record VerifiedFile(string Path, long Length, DateTime Written, Checksum? Checksum)
    {
        public static VerifiedFile Of(string path, Checksum? checksum)
        {
            var file = new FileInfo(path);
            return file.Exists ? new VerifiedFile(path, file.Length, file.LastWriteTimeUtc, checksum) : new VerifiedFile(path, -1, default, checksum);
        }
    }
}
