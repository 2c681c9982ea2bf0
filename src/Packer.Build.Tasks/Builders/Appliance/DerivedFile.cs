using System.Security.Cryptography;
using System.Text;
using Packer.Debian;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>A file that this code makes of others and keeps in the cache.</summary>
internal static class DerivedFile
{
    /// <summary>The file, made where the cache lacks it.</summary>
    /// <param name="fetcher">The cache.</param>
    /// <param name="category">What kind of file it is.</param>
    /// <param name="identity">All that it depends on besides this code.</param>
    /// <param name="produce">Writes it to a path, on a thread of its own.</param>
    /// <param name="token">Ends the work.</param>
    public static async Task<Source> GetAsync(IDebianFetcher fetcher, string category, string identity, Action<string, CancellationToken> produce, CancellationToken token)
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{CodeVersion.Current} {identity}")));
        var path = await fetcher.GetDerivedAsync(category, key, (target, t) => Task.Run(() => produce(target, t), t), token).ConfigureAwait(false);
        return new FileSource(path, 0, new FileInfo(path).Length);
    }
}
