using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Debian;

namespace Packer.Builders.Appliance;

/// <summary>What the lock file says of an image: which packages were asked for, of which suite, and which were chosen.</summary>
/// <param name="Suite">Suite or codename of the Debian release.</param>
/// <param name="Requested">Names of the packages that were asked for.</param>
/// <param name="Packages">The packages that were chosen for them.</param>
internal sealed record PackageLock(string Suite, IReadOnlyList<string> Requested, IReadOnlyList<ResolvedPackage> Packages)
{
    private const string Where = "the lock file";

    // What a package says that fits every processor (Debian Policy 5.6.8).
    private const string AllArchitectures = "all";

    /// <summary>The entry as JSON.</summary>
    public string ToJson() => new JsonObject
    {
        ["suite"] = Suite,
        ["requested"] = new JsonArray([.. Requested.Select(name => (JsonNode?)JsonValue.Create(name))]),
        ["packages"] = JsonNode.Parse(ResolvedPackage.ToJson(Packages)),
    }.ToJsonString();

    /// <summary>The packages that an entry of the lock file pins.</summary>
    /// <param name="json">The entry.</param>
    /// <param name="suite">The suite that the image is made of now.</param>
    /// <param name="architecture">The processor that it is for now.</param>
    /// <param name="requested">Names of the packages that it needs now.</param>
    /// <exception cref="PackerException">The entry is damaged, or is for other packages, another suite or another processor.</exception>
    public static IReadOnlyList<ResolvedPackage> PinnedPackages(string json, string suite, MachineArchitecture architecture, IReadOnlyList<string> requested)
    {
        PackageLock entry;
        try
        {
            var node = JsonNode.Parse(json)!;
            entry = new PackageLock((string)node["suite"]!, [.. node["requested"]!.AsArray().Select(name => (string)name!)], ResolvedPackage.FromJson(node["packages"]!.ToJsonString(), Where));
        }
        catch (Exception exception) when (exception is JsonException or DebianException or NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new PackerException(DiagnosticCodes.LockFileUnreadable,
                $"The entry of the image in the lock file cannot be read: {exception.Message.TrimEnd('.')}. Take the file from version control again, or build with -p:PackerUpdateLock=true, which writes it anew.", exception);
        }
        if (entry.Suite != suite) throw OutOfDate($"it is for Debian {entry.Suite}, and the image is made of {suite}");
        if (entry.Packages.Select(package => package.Architecture).FirstOrDefault(other => other != AllArchitectures && other != architecture.Debian) is { } other)
            throw OutOfDate($"it has packages for {other}, and the image is for {architecture.Debian}");
        var missing = requested.Except(entry.Requested, StringComparer.Ordinal).ToList();
        if (missing.Count > 0) throw OutOfDate($"it was made without {string.Join(", ", missing)}");
        var needless = entry.Requested.Except(requested, StringComparer.Ordinal).ToList();
        return needless.Count > 0 ? throw OutOfDate($"it has {string.Join(", ", needless)}, which the image does not need any more") : entry.Packages;
    }

    private static PackerException OutOfDate(string why) => new(DiagnosticCodes.LockFileOutOfDate,
        $"The lock file does not fit the image any more: {why}. Build with -p:PackerUpdateLock=true and commit the file.");
}
