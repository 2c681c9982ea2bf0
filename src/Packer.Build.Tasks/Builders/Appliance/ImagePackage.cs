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
    private const string ScriptsCategory = "debian-scripts";

    /// <summary>Names of its maintainer scripts (Debian Policy 6): <c>preinst</c>, <c>postinst</c> and those that run when it is removed.</summary>
    public IReadOnlyList<string> Scripts { get; init; } = [];

    /// <summary>The content of its control files by name, such as <c>postinst</c> and <c>conffiles</c>; none where nobody asked for them.</summary>
    public IReadOnlyDictionary<string, byte[]> ControlFiles { get; init; } = new Dictionary<string, byte[]>();

    /// <summary>Of a kernel, the indexes of its modules by their paths; none where nobody asked for them.</summary>
    public IReadOnlyDictionary<string, byte[]> ModuleIndex { get; init; } = new Dictionary<string, byte[]>();

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
            var scripts = await fetcher.GetDerivedAsync(ScriptsCategory, package.Sha256, WriteScripts, token).ConfigureAwait(false);
            result[index] = new ImagePackage(package.Name, package.Sha256, tars[index], await System.IO.File.ReadAllTextAsync(control, token).ConfigureAwait(false))
            {
                Scripts = await System.IO.File.ReadAllLinesAsync(scripts, token).ConfigureAwait(false),
            };

            async Task WriteControl(string path, CancellationToken t)
            {
                var read = await store.ReadControlAsync(package, t).ConfigureAwait(false);
                await System.IO.File.WriteAllBytesAsync(path, read.Files["control"], t).ConfigureAwait(false);
            }

            async Task WriteScripts(string path, CancellationToken t)
            {
                var read = await store.ReadControlAsync(package, t).ConfigureAwait(false);
                await System.IO.File.WriteAllLinesAsync(path, read.Files.Keys.Where(MaintainerScripts.IsOne).Order(StringComparer.Ordinal), t).ConfigureAwait(false);
            }
        }
        return result;
    }
}
