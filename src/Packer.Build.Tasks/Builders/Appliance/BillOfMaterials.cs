using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Debian;
using Packer.Engine;
using Packer.Engine.Planning;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>
/// What an image is made of, for scanners: Debian's packages, the NuGet packages of the app as its <c>deps.json</c> names them, and the app's files. Form: CycloneDX 1.6
/// (ECMA-424), JSON; names of packages: package URL (purl-spec, types deb and nuget). The same image gives the same bytes.
/// </summary>
internal static class BillOfMaterials
{
    /// <summary>What follows the image's name in that of the file.</summary>
    public const string Ending = ".cdx.json";

    private const string RuntimePackPrefix = "runtimepack.";

    /// <summary>Makes the text of the file.</summary>
    /// <param name="image">The name of the image.</param>
    /// <param name="config">The settings.</param>
    /// <param name="app">The published app.</param>
    /// <param name="packages">The packages of the image.</param>
    /// <param name="tree">The files of the image.</param>
    public static string Create(string image, ApplianceConfig config, AppContent app, IEnumerable<ImagePackage> packages, FileTree tree)
    {
        var apps = app.AddedApps.Select(added => App(added.Content, "app/" + added.Name)).Prepend(App(app, "app")).ToList();
        // Inside of each app: they are what it is made of. Debian's files are told by their packages, and one of those is told by its hash.
        foreach (var (component, folder) in apps.Select(each => each.App).Zip(app.AddedApps.Select(added => SystemPaths.AddedApp(added.Name)).Prepend(SystemPaths.App)))
        {
            if (Files(tree, folder) is { Count: > 0 } files) component["components"] = new JsonArray([.. files]);
        }
        // What two apps have in common is one component.
        var libraries = apps.SelectMany(each => each.Libraries).DistinctBy(Reference, StringComparer.Ordinal).OrderBy(Reference, StringComparer.Ordinal).ToList();
        List<JsonObject> components = [OperatingSystem(config.DebianSuite), .. packages.OrderBy(package => package.Name, StringComparer.Ordinal).Select(package => Debian(package, config.DebianSuite)), .. apps.Select(each => each.App), .. libraries];
        var epoch = config.SourceDateEpoch ?? ApplianceConfig.DefaultSourceDateEpoch;
        var bom = new JsonObject
        {
            ["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json",
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["timestamp"] = DateTimeOffset.FromUnixTimeSeconds(epoch).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
                ["tools"] = new JsonObject { ["components"] = new JsonArray(new JsonObject { ["type"] = "application", ["name"] = "Packer.Sdk", ["version"] = SdkVersion.Text }) },
                ["component"] = new JsonObject { ["type"] = "platform", ["bom-ref"] = "image", ["name"] = image },
            },
            ["components"] = new JsonArray([.. components]),
            ["dependencies"] = new JsonArray(
            [
                Dependency("image", components.Except(libraries).Select(Reference)),
                .. apps.Select(each => Dependency(Reference(each.App), each.Libraries.Select(Reference))),
            ]),
        };
        // Of the content, so that another image has another number and the same image the same.
        bom.Insert(3, "serialNumber", $"urn:uuid:{DeterministicGuid.Create(bom.ToJsonString())}");
        return bom.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n", Encoder = PlanJson.Options.Encoder }) + "\n";
    }

    /// <summary>The files of an app as the image has them, with the paths that they have in it.</summary>
    private static List<JsonObject> Files(FileTree tree, string folder) =>
    [
        .. tree.Walk().Where(entry => entry.Node.Type == NodeType.File && entry.Path.StartsWith(folder + "/", StringComparison.Ordinal)).OrderBy(entry => entry.Path, StringComparer.Ordinal)
            .Select(entry => new JsonObject { ["type"] = "file", ["bom-ref"] = "file:" + entry.Path, ["name"] = entry.Path, ["hashes"] = Hashes(entry.Node.Data.ComputeSha256(CancellationToken.None)) }),
    ];

    private static JsonArray Hashes(string sha256) => new(new JsonObject { ["alg"] = "SHA-256", ["content"] = sha256 });

    private static string Reference(JsonObject component) => (string)component["bom-ref"]!;

    private static JsonObject Dependency(string reference, IEnumerable<string> on) =>
        new() { ["ref"] = reference, ["dependsOn"] = new JsonArray([.. on.Select(other => (JsonNode)other)]) };

    private static JsonObject OperatingSystem(string suite) => new() { ["type"] = "operating-system", ["bom-ref"] = "debian", ["name"] = "debian", ["version"] = suite };

    /// <summary>A package of Debian for the provenance of the image.</summary>
    /// <param name="package">The package.</param>
    /// <param name="suite">The suite that it is of.</param>
    public static ResolvedDependency Describe(ImagePackage package, string suite) => new(package.Name)
    {
        Uri = PackageUrl(package, ControlParagraph.ParseSingle(package.Control, package.Name), suite),
        Digests = new Dictionary<string, string> { ["sha256"] = package.Sha256 },
    };

    private static string PackageUrl(ImagePackage package, ControlParagraph control, string suite) =>
        $"pkg:deb/debian/{Uri.EscapeDataString(package.Name)}@{Uri.EscapeDataString(control["Version"] ?? "")}?arch={Uri.EscapeDataString(control["Architecture"] ?? "")}&distro={Uri.EscapeDataString(suite)}";

    private static JsonObject Debian(ImagePackage package, string suite)
    {
        var control = ControlParagraph.ParseSingle(package.Control, package.Name);
        var version = control["Version"] ?? "";
        var url = PackageUrl(package, control, suite);
        var component = new JsonObject
        {
            ["type"] = "library",
            ["bom-ref"] = url,
            ["name"] = package.Name,
            ["version"] = version,
            ["hashes"] = Hashes(package.Sha256),
            ["purl"] = url,
        };
        if (control["Homepage"] is { } address && Uri.IsWellFormedUriString(address, UriKind.Absolute)) component["externalReferences"] = new JsonArray(new JsonObject { ["type"] = "website", ["url"] = address });
        return component;
    }

    /// <summary>The app, and the packages that are in it; none where it is one file, which names them nowhere.</summary>
    private static (JsonObject App, IReadOnlyList<JsonObject> Libraries) App(AppContent app, string reference)
    {
        var name = Path.GetFileName(app.EntryPoint);
        var component = new JsonObject { ["type"] = "application", ["bom-ref"] = reference, ["name"] = name };
        var path = Path.Combine(app.Directory, name + ".deps.json");
        if (!System.IO.File.Exists(path)) return (component, []);
        var libraries = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        using var dependencies = JsonDocument.Parse(System.IO.File.ReadAllBytes(path));
        if (!dependencies.RootElement.TryGetProperty("libraries", out var entries)) return (component, []);
        foreach (var entry in entries.EnumerateObject())
        {
            var (id, version) = entry.Name.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? (entry.Name[..slash], entry.Name[(slash + 1)..]) : (entry.Name, "");
            var kind = entry.Value.TryGetProperty("type", out var type) ? type.GetString() : null;
            if (kind == "project" && id == name && version.Length > 0) component["version"] = version;
            if (kind is not ("package" or "runtimepack")) continue;
            if (kind == "runtimepack" && id.StartsWith(RuntimePackPrefix, StringComparison.Ordinal)) id = id[RuntimePackPrefix.Length..];
            var url = $"pkg:nuget/{Uri.EscapeDataString(id)}@{Uri.EscapeDataString(version)}";
            libraries[url] = new JsonObject { ["type"] = "library", ["bom-ref"] = url, ["name"] = id, ["version"] = version, ["purl"] = url };
        }
        return (component, [.. libraries.Values]);
    }
}
