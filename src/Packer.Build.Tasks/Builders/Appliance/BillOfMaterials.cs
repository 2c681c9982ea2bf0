using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Debian;
using Packer.Engine;
using Packer.Engine.Planning;
using Packer.Imaging;

namespace Packer.Builders.Appliance;

/// <summary>
/// What an image is made of, for scanners: Debian's packages, and the NuGet packages of the app as its <c>deps.json</c> names them. Form: CycloneDX 1.6
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
    public static string Create(string image, ApplianceConfig config, AppContent app, IEnumerable<ImagePackage> packages)
    {
        var apps = app.AddedApps.Select(added => App(added.Content, "app/" + added.Name)).Prepend(App(app, "app")).ToList();
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

    private static string Reference(JsonObject component) => (string)component["bom-ref"]!;

    private static JsonObject Dependency(string reference, IEnumerable<string> on) =>
        new() { ["ref"] = reference, ["dependsOn"] = new JsonArray([.. on.Select(other => (JsonNode)other)]) };

    private static JsonObject OperatingSystem(string suite) => new() { ["type"] = "operating-system", ["bom-ref"] = "debian", ["name"] = "debian", ["version"] = suite };

    private static JsonObject Debian(ImagePackage package, string suite)
    {
        var control = ControlParagraph.ParseSingle(package.Control, package.Name);
        var version = control["Version"] ?? "";
        var url = $"pkg:deb/debian/{Uri.EscapeDataString(package.Name)}@{Uri.EscapeDataString(version)}?arch={Uri.EscapeDataString(control["Architecture"] ?? "")}&distro={Uri.EscapeDataString(suite)}";
        var component = new JsonObject
        {
            ["type"] = "library",
            ["bom-ref"] = url,
            ["name"] = package.Name,
            ["version"] = version,
            ["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-256", ["content"] = package.Sha256 }),
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
