namespace Packer.Debian;

/// <summary>The mirrors that a Debian host is set up to use; null where its configuration names none.</summary>
internal sealed record HostMirrors(Uri? Archive, Uri? Security);

/// <summary>
/// Reads the mirror addresses of the host's apt configuration (sources.list(5), both formats), so that a Debian host needs no setting of its
/// own. Only the addresses are taken: the suite of the image has nothing to do with the suite of the host.
/// </summary>
internal static class HostAptConfiguration
{
    private static readonly string[] DebianSuites =
    [
        "stable", "oldstable", "oldoldstable", "testing", "unstable", "experimental",
        "buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid",
    ];

    private static readonly string[] SuiteSuffixes = ["", "-updates", "-security", "/updates", "-backports", "-proposed-updates"];

    /// <summary>The first main and the first security mirror of the configuration, or null on a host that is not Debian.</summary>
    /// <param name="root">The root folder of the host.</param>
    public static HostMirrors? Find(string root = "/")
    {
        Uri? archive = null, security = null;
        foreach (var entry in Files(Path.Combine(root, "etc", "apt")).SelectMany(Read))
        {
            if (!entry.Suites.Any(IsDebianSuite)) continue;
            if (!Uri.TryCreate(entry.Address, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) continue;
            // The folder's name tells Debian's own archives from those of other vendors, which use Debian's suite names too.
            var path = address.AbsolutePath.TrimEnd('/');
            if (path.EndsWith("/debian", StringComparison.Ordinal)) archive ??= address;
            else if (path.EndsWith("/debian-security", StringComparison.Ordinal)) security ??= address;
        }

        return archive is null && security is null ? null : new HostMirrors(archive, security);
    }

    private sealed record Entry(string Address, IReadOnlyList<string> Suites);

    private static bool IsDebianSuite(string suite) =>
        DebianSuites.Any(name => suite.StartsWith(name, StringComparison.Ordinal) && SuiteSuffixes.Contains(suite[name.Length..], StringComparer.Ordinal));

    private static IEnumerable<string> Files(string folder)
    {
        yield return Path.Combine(folder, "sources.list");
        var parts = Path.Combine(folder, "sources.list.d");
        if (!Directory.Exists(parts)) yield break;
        foreach (var file in Directory.GetFiles(parts).Order(StringComparer.Ordinal))
            if (file.EndsWith(".list", StringComparison.Ordinal) || file.EndsWith(".sources", StringComparison.Ordinal))
                yield return file;
    }

    private static IEnumerable<Entry> Read(string file)
    {
        try
        {
            if (!File.Exists(file)) return [];
            var text = File.ReadAllText(file);
            return file.EndsWith(".sources", StringComparison.Ordinal) ? ReadParagraphs(text, file) : ReadLines(text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DebianException)
        {
            // The file is the host's, not ours: apt reports what is wrong with it, here it only names no mirror.
            return [];
        }
    }

    private static List<Entry> ReadParagraphs(string text, string file)
    {
        var entries = new List<Entry>();
        foreach (var paragraph in ControlParagraph.Parse(text, file))
        {
            if (!Words(paragraph["Types"]).Contains("deb", StringComparer.Ordinal)) continue;
            if (paragraph["Enabled"] is { } enabled && enabled.ToLowerInvariant() is "no" or "false" or "without" or "off" or "disable") continue;
            entries.AddRange(Words(paragraph["URIs"]).Select(address => new Entry(address, Words(paragraph["Suites"]))));
        }

        return entries;
    }

    private static List<Entry> ReadLines(string text)
    {
        var entries = new List<Entry>();
        foreach (var line in text.Split('\n'))
        {
            var end = line.IndexOf('#', StringComparison.Ordinal);
            var content = (end < 0 ? line : line[..end]).Trim();
            if (!content.StartsWith("deb ", StringComparison.Ordinal) && !content.StartsWith("deb\t", StringComparison.Ordinal)) continue;
            content = content[3..].TrimStart();
            if (content.StartsWith('[')) content = content[(content.IndexOf(']', StringComparison.Ordinal) + 1)..];
            var words = Words(content);
            if (words.Length >= 2) entries.Add(new Entry(words[0], [words[1]]));
        }

        return entries;
    }

    private static string[] Words(string? value) => (value ?? "").Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
