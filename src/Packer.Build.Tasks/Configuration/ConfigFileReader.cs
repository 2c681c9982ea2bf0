using System.Text.Json.Nodes;

namespace Packer.Configuration;

/// <summary>
/// Reads the file that <c>ConfigFile</c> names: one JSON object, keys in any spelling, comments and trailing commas allowed. All that is wrong is
/// <c>PKR0015</c> with line and column. An empty string in it is a value. <c>$schema</c> is for editors and no key.
/// </summary>
internal static class ConfigFileReader
{
    private const string SchemaKey = "$schema";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="name">The path as the user wrote it, for messages.</param>
    /// <param name="owner">Whose config it is, such as <c>image 'web'</c>.</param>
    /// <returns>The layer, empty when there are errors.</returns>
    public static (ConfigLayer Layer, IReadOnlyList<Diagnostic> Errors) Read(string path, string name, string owner)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var error = Diagnostic.Error(
                DiagnosticCodes.ConfigFileUnreadable,
                $"{DecodePass.Capitalize(owner)}: the ConfigFile '{name}' cannot be read: {exception.Message} " +
                "Correct the path: it is relative to the project directory.");
            return (new ConfigLayer(ConfigLayerKind.ConfigFile, name), [error]);
        }

        return Parse(bytes, path, name, owner);
    }

    /// <summary>As <see cref="Read"/> with the contents given.</summary>
    public static (ConfigLayer Layer, IReadOnlyList<Diagnostic> Errors) Parse(ReadOnlySpan<byte> utf8, string path, string name, string owner)
    {
        var layer = new ConfigLayer(ConfigLayerKind.ConfigFile, name);
        var errors = new List<ConfigJsonError>();
        var places = new Dictionary<string, (int Line, int Column)>(StringComparer.Ordinal);
        var json = ConfigJson.Parse(utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8, errors, places);
        if (errors.Count == 0 && json is not JsonObject)
        {
            errors.Add(new ConfigJsonError("It must be one object, such as { \"memory\": 2048 }.", 1, 1));
        }

        if (errors.Count > 0)
        {
            return (layer, errors.ConvertAll(error => Diagnostic.Error(
                DiagnosticCodes.ConfigFileUnreadable,
                $"{DecodePass.Capitalize(owner)}: the ConfigFile '{name}' is wrong at line {error.Line}, column {error.Column}: {error.Message}",
                new SourceLocation(path, error.Line, error.Column))));
        }

        foreach (var (key, value) in (JsonObject)json!)
        {
            if (key == SchemaKey) continue;
            var (line, column) = places[key];
            layer.Add(key, value, new SourceLocation(path, line, column));
        }

        return (layer, []);
    }
}
