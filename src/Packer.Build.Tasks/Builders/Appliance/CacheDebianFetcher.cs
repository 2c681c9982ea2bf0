using System.Collections.Concurrent;
using System.Text;
using Packer.Debian;
using Packer.Engine;

namespace Packer.Builders.Appliance;

/// <summary>
/// Lets the Debian layer fetch through the cache of the user. Signed indexes are fetched anew in each build, once; all else is known by its hash.
/// </summary>
internal sealed class CacheDebianFetcher(ICache cache, IUi ui, FileCacheOptions? options = null) : IDebianFetcher, IDisposable
{
    private readonly DetailUi details = new(ui);
    private readonly HttpFetcher http = new(options ?? new FileCacheOptions());
    private readonly ConcurrentDictionary<Uri, Task<byte[]>> fetched = new();

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    /// <inheritdoc/>
    public Task<byte[]> GetAsync(Uri address, long maximumLength, CancellationToken token) => fetched.GetOrAdd(address, _ => FetchAsync(address, maximumLength, token));

    /// <inheritdoc/>
    public async Task<string> GetFileAsync(IReadOnlyList<Uri> addresses, string sha256, long length, string description, CancellationToken token)
    {
        try
        {
            return await cache.DownloadAsync(new DownloadRequest(addresses, "sha256:" + sha256, description) { Length = length }, details, token).ConfigureAwait(false);
        }
        catch (PackerException exception) when (exception.Code == DiagnosticCodes.ChecksumMismatch)
        {
            throw new DebianException(DebianError.HashMismatch, exception.Message, exception);
        }
        catch (PackerException exception) when (exception.Code == DiagnosticCodes.DownloadFailed)
        {
            throw new DebianException(SaysNotFound(exception.Message) ? DebianError.NotFound : DebianError.Unreachable, exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public Task<string> GetDerivedAsync(string category, string key, Func<string, CancellationToken, Task> produce, CancellationToken token) =>
        cache.GetOrAddAsync(category, key, produce, token);

    private async Task<byte[]> FetchAsync(Uri address, long maximumLength, CancellationToken token)
    {
        byte[] content;
        try
        {
            content = address.IsFile
                ? await System.IO.File.ReadAllBytesAsync(address.LocalPath, token).ConfigureAwait(false)
                // These files are texts in UTF-8, so nothing that a signature could cover is lost on the way.
                : Encoding.UTF8.GetBytes(await http.FetchTextAsync(address, details, token).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is FetchException or IOException or UnauthorizedAccessException)
        {
            throw new DebianException(SaysNotFound(exception.Message) || exception is FileNotFoundException or DirectoryNotFoundException ? DebianError.NotFound : DebianError.Unreachable,
                $"{DebianArchive.Show(address)} cannot be fetched: {exception.Message.TrimEnd('.')}. Check the keys DebianSuite, DebianMirror and DebianSecurityMirror, and the network.", exception);
        }

        return content.Length <= maximumLength ? content : throw new DebianException(DebianError.TooLarge,
            $"{DebianArchive.Show(address)} has {content.Length} bytes, and {maximumLength} are the most that such a file may have. Use another mirror.");
    }

    // The cache tells what went wrong in words only: the status of HTTP, or that there is no such file.
    private static bool SaysNotFound(string message) =>
        message.Contains("answered 404", StringComparison.Ordinal) || message.Contains("answered 410", StringComparison.Ordinal) || message.Contains("does not exist", StringComparison.Ordinal);
}
