using Packer.Debian;

namespace Packer.Builders.Appliance;

/// <summary>A package whose files are at hand.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sha256">Hash of the package file, in lower-case hexadecimal digits.</param>
/// <param name="TarPath">Full path of an uncompressed tar archive of its files.</param>
/// <param name="Control">Its control paragraph, as the package has it.</param>
internal sealed record ImagePackage(string Name, string Sha256, string TarPath, string Control)
{
    private const string ControlCategory = "debian-control";

    /// <summary>Fetches and expands packages, several at a time; what was expanded before is not fetched again.</summary>
    /// <exception cref="DebianException">A package cannot be had, or is damaged.</exception>
    public static async Task<IReadOnlyList<ImagePackage>> GetAsync(
        IDebianFetcher fetcher, IReadOnlyList<DebianArchive> archives, IReadOnlyList<ResolvedPackage> packages, CancellationToken token)
    {
        var store = new DebianPackageStore(fetcher, archives);
        var tars = await store.ExpandAsync(packages, token).ConfigureAwait(false);
        var result = new ImagePackage[packages.Count];
        for (var index = 0; index < result.Length; index++)
        {
            var package = packages[index];
            var control = await fetcher.GetDerivedAsync(ControlCategory, package.Sha256, WriteControl, token).ConfigureAwait(false);
            result[index] = new ImagePackage(package.Name, package.Sha256, tars[index], await System.IO.File.ReadAllTextAsync(control, token).ConfigureAwait(false));

            async Task WriteControl(string path, CancellationToken t)
            {
                var read = await store.ReadControlAsync(package, t).ConfigureAwait(false);
                await System.IO.File.WriteAllBytesAsync(path, read.Files["control"], t).ConfigureAwait(false);
            }
        }
        return result;
    }
}
