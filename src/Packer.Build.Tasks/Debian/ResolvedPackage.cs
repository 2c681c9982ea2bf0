using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Packer.Debian;

/// <summary>A package that was chosen: all that is needed to fetch exactly it again, without any index.</summary>
/// <param name="Name">The name of the package.</param>
/// <param name="Version">Its version.</param>
/// <param name="Architecture">Its architecture, or <c>all</c>.</param>
/// <param name="Suite">The suite of the archive that has it, such as <c>trixie-security</c>. The address of the archive is not kept: it is the
/// mirror's, and another machine may use another.</param>
/// <param name="Filename">The path of the file relative to the archive's base address.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Size">The length of the file in bytes.</param>
/// <param name="Source">The name of the source package.</param>
/// <param name="SourceVersion">The version of the source package.</param>
internal sealed record ResolvedPackage(
    string Name, string Version, string Architecture, string Suite, string Filename, string Sha256, long Size, string Source, string SourceVersion)
{
    /// <summary>The package of an index entry.</summary>
    /// <exception cref="DebianException"><see cref="DebianError.Damaged"/>: the entry has values that cannot be.</exception>
    public static ResolvedPackage Of(IndexedPackage package, string suite)
    {
        // Field Source: "name" or "name (version)" (Debian Policy 5.6.1).
        var source = package.Source.Length == 0 ? package.Name : package.Source;
        var open = source.IndexOf('(', StringComparison.Ordinal);
        var sourceVersion = open < 0 ? package.Version.ToString() : source[(open + 1)..].TrimEnd(')', ' ');
        var resolved = new ResolvedPackage(package.Name, package.Version.ToString(), package.Architecture, suite, package.Filename, package.Sha256, package.Size,
            open < 0 ? source : source[..open].TrimEnd(), sourceVersion);
        resolved.Validate();
        return resolved;
    }

    /// <summary>The packages as JSON, for a lock file: a list in the given order, indented, with line feeds.</summary>
    public static string ToJson(IReadOnlyList<ResolvedPackage> packages) => JsonSerializer.Serialize(packages, ResolvedPackageJson.Readable.IReadOnlyListResolvedPackage);

    /// <summary>The packages of such JSON.</summary>
    /// <exception cref="DebianException"><see cref="DebianError.Damaged"/>.</exception>
    public static IReadOnlyList<ResolvedPackage> FromJson(string json, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var packages = new List<ResolvedPackage>();
            foreach (var element in document.RootElement.EnumerateArray()) packages.Add(Read(element));
            foreach (var package in packages) package.Validate();
            return packages;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DebianException(DebianError.Damaged, $"{where} is not a list of packages: {exception.Message} Delete it to have the packages chosen anew.", exception);
        }
    }

    // By hand: each build reads a list, and the serializer would have to be compiled for it each time.
    private static ResolvedPackage Read(JsonElement element)
    {
        return new ResolvedPackage(Text("name"), Text("version"), Text("architecture"), Text("suite"), Text("filename"), Text("sha256"), element.GetProperty("size").GetInt64(), Text("source"), Text("sourceVersion"));

        string Text(string name) => element.GetProperty(name).GetString() ?? throw new JsonException($"'{name}' is null.");
    }

    /// <summary>Refuses values that could lead out of the archive or the cache.</summary>
    public void Validate()
    {
        // The address is built from the path: it must stay below the archive.
        var plain = Filename.Length > 0 && Filename.Split('/').All(part => part.Length > 0 && part is not ("." or "..")) && !Filename.Any(c => c is '\\' or '?' or '#' || char.IsControl(c));
        if (!plain || !Sha256Digest.IsValid(Sha256) || Size < 0)
            throw new DebianException(DebianError.Damaged, $"The package {Name} {Version} of {Suite} has a path, size or hash that cannot be: '{Filename}', {Size}, '{Sha256}'. Use another mirror.");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Version} ({Architecture})";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(IReadOnlyList<ResolvedPackage>))]
internal sealed partial class ResolvedPackageJson : JsonSerializerContext
{
    /// <summary>For people to read: indented, and with the plus signs of versions as they are, because it is never put into HTML.</summary>
    public static ResolvedPackageJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
