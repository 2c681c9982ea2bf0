using System.Text.RegularExpressions;

namespace Packer.Engine;

/// <summary>
/// Finds the digest of a file in a checksum file: GNU coreutils' form (<c>digest  name</c>, <c>digest *name</c>), the BSD form
/// (<c>SHA256 (name) = digest</c>), or a digest alone. Signatures, headers and comments around them are passed over.
/// </summary>
internal static partial class ChecksumFile
{
    /// <summary>Finds the digest of a file that lies at one of some addresses; the strongest where there are several.</summary>
    /// <param name="content">Text of the checksum file.</param>
    /// <param name="addresses">Where the file is to be had.</param>
    /// <param name="name">What to call the checksum file in a message.</param>
    /// <exception cref="PackerException"><see cref="DiagnosticCodes.ChecksumMalformed"/>: no line, or lines that contradict each other, are about the file.</exception>
    public static Checksum Find(string content, IReadOnlyList<Uri> addresses, string name)
    {
        var entries = content.Split('\n').Select(ParseLine).OfType<Entry>().ToList();
        var paths = addresses.Select(Address.PathOf).ToList();

        // A name that the address ends in is about the file; the longer the more surely: 'amd64/disk.iso' before 'disk.iso'.
        var named = entries.Where(entry => entry.Name is not null && paths.Any(path => EndsInName(path, entry.Name))).ToList();
        if (named.Count > 0)
        {
            var longest = named.Max(entry => entry.Name!.Length);
            named.RemoveAll(entry => entry.Name!.Length < longest);
        }
        // A mirror may have the file in other folders than those that the names tell: then the last part must do.
        else named = [.. entries.Where(entry => entry.Name is not null && paths.Any(path => BaseName(path) == BaseName(entry.Name)))];
        if (named.Count == 0) named = [.. entries.Where(entry => entry.Name is null)];

        var fileName = addresses.Count > 0 ? BaseName(paths[0]) : "";
        if (named.Count == 0)
        {
            throw new PackerException(DiagnosticCodes.ChecksumMalformed, entries.Count == 0
                ? $"The checksum file '{name}' has no line of the form 'digest  name' or 'SHA256 (name) = digest'. Check its address, or write the digest as 'sha256:…'."
                : $"The checksum file '{name}' lists {entries.Count} files, but not '{fileName}'. Check the names in it, or write the digest as 'sha256:…'.");
        }
        var strongest = named.Max(entry => entry.Checksum.Kind);
        var found = named.Where(entry => entry.Checksum.Kind == strongest).Select(entry => entry.Checksum).Distinct().ToList();
        return found.Count == 1 ? found[0] : throw new PackerException(DiagnosticCodes.ChecksumMalformed,
            $"The checksum file '{name}' has {found.Count} different digests for '{fileName}'. Write the right one as 'sha256:…'.");
    }

    private static Entry? ParseLine(string raw)
    {
        var line = raw.Trim('\r', '\uFEFF').TrimEnd();
        var start = line.TrimStart();
        if (start.Length == 0 || start[0] is '#' or '-') return null;
        if (Bsd().Match(start) is { Success: true } bsd)
        {
            return Checksum.TryParseKind(bsd.Groups["kind"].Value) is { } kind && Checksum.TryCreate(kind, bsd.Groups["hex"].Value) is { } checksum
                ? new Entry(checksum, Normalize(bsd.Groups["name"].Value)) : null;
        }
        var end = start.IndexOfAny([' ', '\t']);
        if (Checksum.TryCreate(end < 0 ? start : start[..end]) is not { } digest) return null;
        var name = end < 0 ? "" : start[end..].TrimStart();
        if (name.StartsWith('*')) name = name[1..];
        return new Entry(digest, name.Length == 0 ? null : Normalize(name));
    }

    private static string Normalize(string name)
    {
        name = name.Trim().Replace('\\', '/');
        while (name.StartsWith("./", StringComparison.Ordinal)) name = name[2..].TrimStart('/');
        return name;
    }

    private static bool EndsInName(string path, string name) =>
        path.EndsWith(name, StringComparison.Ordinal) && (path.Length == name.Length || name[0] == '/' || path[^(name.Length + 1)] == '/');

    private static string BaseName(string path) => path[(path.LastIndexOf('/') + 1)..];

    [GeneratedRegex(@"^(?<kind>[A-Za-z0-9-]+) ?\((?<name>.+)\) ?= ?(?<hex>[0-9A-Fa-f]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Bsd();

    private sealed record Entry(Checksum Checksum, string? Name);
}
