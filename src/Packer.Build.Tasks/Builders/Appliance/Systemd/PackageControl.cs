using System.Text.Json;
using System.Text.Json.Serialization;
using Packer.Debian;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>
/// What an installed Debian needs of packages besides their files: their control files (scripts, check sums, lists of configuration files and triggers), which dpkg's
/// database keeps, and the indexes of a kernel's modules.
/// </summary>
internal static class PackageControl
{
    private const string Category = "debian-control-files";
    private const string ModulesCategory = "kernel-module-index";

    /// <summary>The same packages with their control files, from the cache where they were read before.</summary>
    /// <param name="fetcher">The network and the cache.</param>
    /// <param name="archives">Where the packages come from.</param>
    /// <param name="chosen">The packages.</param>
    /// <param name="packages">The same, in the same order, with their files at hand.</param>
    /// <param name="token">Ends the work.</param>
    /// <exception cref="DebianException">A package cannot be had, or is damaged.</exception>
    public static async Task<IReadOnlyList<ImagePackage>> AddAsync(
        IDebianFetcher fetcher, IReadOnlyList<DebianArchive> archives, IReadOnlyList<ResolvedPackage> chosen, IReadOnlyList<ImagePackage> packages, CancellationToken token)
    {
        var store = new DebianPackageStore(fetcher, archives);
        var result = new ImagePackage[packages.Count];
        for (var index = 0; index < result.Length; index++)
        {
            var package = chosen[index];
            var path = await fetcher.GetDerivedAsync(Category, package.Sha256, Write, token).ConfigureAwait(false);
            result[index] = packages[index] with { ControlFiles = await ReadAsync(path, token).ConfigureAwait(false) };
            if (PackageSet.IsKernel(package.Name))
            {
                var kernel = packages[index];
                var modules = await fetcher.GetDerivedAsync(ModulesCategory, $"{ModuleIndex.FormatVersion}-{package.Sha256}", (target, t) => WriteAsync(target, ModuleIndex.Create(kernel.TarPath, t), t), token).ConfigureAwait(false);
                result[index] = result[index] with { ModuleIndex = await ReadAsync(modules, token).ConfigureAwait(false) };
            }

            async Task Write(string target, CancellationToken t)
            {
                var read = await store.ReadControlAsync(package, t).ConfigureAwait(false);
                await WriteAsync(target, read.Files, t).ConfigureAwait(false);
            }
        }
        return result;
    }

    private static Task WriteAsync(string target, IReadOnlyDictionary<string, byte[]> files, CancellationToken token) => System.IO.File.WriteAllBytesAsync(target,
        JsonSerializer.SerializeToUtf8Bytes(new SortedDictionary<string, byte[]>(files.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal), ControlFilesJson.Default.SortedDictionaryStringByteArray), token);

    private static async Task<IReadOnlyDictionary<string, byte[]>> ReadAsync(string path, CancellationToken token)
    {
        try
        {
            return JsonSerializer.Deserialize(await System.IO.File.ReadAllBytesAsync(path, token).ConfigureAwait(false), ControlFilesJson.Default.SortedDictionaryStringByteArray) ?? throw new JsonException("null is no list of files");
        }
        catch (JsonException exception)
        {
            throw DebianException.Damaged(path, exception.Message.TrimEnd('.'), exception);
        }
    }
}

[JsonSerializable(typeof(SortedDictionary<string, byte[]>))]
internal sealed partial class ControlFilesJson : JsonSerializerContext;
