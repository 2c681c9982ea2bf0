using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Packer.Configuration;

namespace Packer.Engine.Planning;

/// <summary>Hashes what an image depends on, part by part. Paths below the project folder count relative to it: a moved project stays up to date.</summary>
internal sealed class PartHasher(string projectDirectory)
{
    /// <summary>Raised when the way in which parts are computed changes; every image is then out of date once.</summary>
    private const string Schema = "packer plan 1";

    private const int ShortLength = 16;

    private readonly string plainPrefix = projectDirectory;
    private readonly string jsonPrefix = projectDirectory.Replace("\\", "\\\\", StringComparison.Ordinal);

    public string Short(string text) => Hex(text)[..ShortLength];

    public string OfConfig(MergedConfig config) => Short(Json(config.WriteImageTo));

    public string OfValue(MergedValue value) => Short(Json(writer => value.Value.WriteTo(writer)));

    public static string Total(IReadOnlyDictionary<string, string> parts)
    {
        var text = new StringBuilder(Schema).Append('\n');
        var names = new List<string>(parts.Keys);
        names.Sort(StringComparer.Ordinal);
        foreach (var name in names) text.Append(name).Append('\n').Append(parts[name]).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private string Hex(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Relative(text))));

    private string Relative(string text) =>
        text.Replace(jsonPrefix, ".", StringComparison.Ordinal).Replace(plainPrefix, ".", StringComparison.Ordinal);

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, PlanJson.Options with { Indented = false })) write(writer);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
