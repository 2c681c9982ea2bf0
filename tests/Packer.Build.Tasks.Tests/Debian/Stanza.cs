using System.Globalization;
using System.Text;
using Packer.Debian;

namespace Packer.Tests.Debian;

/// <summary>Writes packages into an index for tests.</summary>
internal static class Stanza
{
    public static readonly DebianArchive Archive = new(new Uri("http://mirror.example.test/debian"), "trixie");

    /// <summary>"name version | Depends: a, b | Provides: c": a line a package.</summary>
    public static string Expand(string lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = line.Split(';', StringSplitOptions.TrimEntries);
            var words = parts[0].Split(' ');
            text.Append(CultureInfo.InvariantCulture, $"Package: {words[0]}\nVersion: {words[1]}\n");
            if (!parts.Any(part => part.StartsWith("Architecture:", StringComparison.Ordinal))) text.Append("Architecture: amd64\n");
            foreach (var field in parts[1..]) text.Append(field).Append('\n');
            text.Append(CultureInfo.InvariantCulture, $"Filename: pool/{words[0]}.deb\nSize: 12\nSHA256: {new string('a', 64)}\n\n");
        }

        return text.ToString();
    }

    public static PackageIndex Index(string text) => PackageIndex.Build(new MemoryStream(Encoding.UTF8.GetBytes(text)), "Packages", CancellationToken.None);

    public static PackageCatalog Catalog(params string[] archives) =>
        new([.. archives.Select((lines, i) => (new DebianArchive(Archive.Address, i == 0 ? "trixie" : $"trixie-{i}"), Index(Expand(lines))))], "amd64");
}
