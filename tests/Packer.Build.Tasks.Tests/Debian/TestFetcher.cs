using System.Net;
using System.Security.Cryptography;
using Packer.Debian;

namespace Packer.Tests.Debian;

/// <summary>The fetcher at its simplest: HTTP, and a folder as the cache.</summary>
internal sealed class TestFetcher(string cache, TimeSpan? timeout = null) : IDebianFetcher, IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = timeout ?? TimeSpan.FromMinutes(2) };

    /// <summary>The files of the cache, relative to it.</summary>
    public string[] Files => Directory.Exists(cache) ? [.. Directory.GetFiles(cache, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(cache, file))] : [];

    public void Dispose() => _client.Dispose();

    public Task<byte[]> GetAsync(Uri address, long maximumLength, CancellationToken token) => DownloadAsync(address, maximumLength, token);

    public async Task<string> GetFileAsync(IReadOnlyList<Uri> addresses, string sha256, long length, string description, CancellationToken token)
    {
        var path = Path.Combine(cache, "files", sha256);
        if (File.Exists(path)) return path;
        DebianException? failure = null;
        foreach (var address in addresses)
        {
            try
            {
                var content = await DownloadAsync(address, length, token);
                if (content.Length != length || Convert.ToHexStringLower(SHA256.HashData(content)) != sha256)
                    throw new DebianException(DebianError.HashMismatch, $"{address} is not the {description} that was asked for. Use another mirror.");
                return await PublishAsync(path, temporary => File.WriteAllBytesAsync(temporary, content, token));
            }
            catch (DebianException exception)
            {
                // Of several failures the most telling: that a file is not there says the least.
                if (failure is null || failure.Error == DebianError.NotFound) failure = exception;
            }
        }

        throw failure!;
    }

    public async Task<string> GetDerivedAsync(string category, string key, Func<string, CancellationToken, Task> produce, CancellationToken token)
    {
        var path = Path.Combine(cache, category, key);
        if (File.Exists(path)) return path;
        return await PublishAsync(path, temporary => produce(temporary, token));
    }

    private static async Task<string> PublishAsync(string path, Func<string, Task> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + "." + Guid.NewGuid().ToString("N");
        try
        {
            await write(temporary);
            File.Move(temporary, path, overwrite: true);
            return path;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task<byte[]> DownloadAsync(Uri address, long maximumLength, CancellationToken token)
    {
        try
        {
            using var response = await _client.GetAsync(address, HttpCompletionOption.ResponseContentRead, token);
            if (response.StatusCode == HttpStatusCode.NotFound) throw new DebianException(DebianError.NotFound, $"There is no {address}.");
            response.EnsureSuccessStatusCode();
            var content = await response.Content.ReadAsByteArrayAsync(token);
            return content.Length <= maximumLength ? content : throw new DebianException(DebianError.TooLarge, $"{address} is longer than {maximumLength} bytes.");
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !token.IsCancellationRequested))
        {
            throw new DebianException(DebianError.Unreachable, $"{address} did not answer: {exception.Message}", exception);
        }
    }
}
