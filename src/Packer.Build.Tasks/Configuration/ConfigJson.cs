using System.Text.Json;
using System.Text.Json.Nodes;

namespace Packer.Configuration;

/// <summary>A defect of a JSON text, by its place; line and column are counted from 1.</summary>
internal readonly record struct ConfigJsonError(string Message, int Line, int Column);

/// <summary>
/// Reads JSON as people write it: comments and trailing commas are allowed; the same key twice in one object is an error, where the usual parsers keep
/// one of the two silently.
/// </summary>
internal ref struct ConfigJson
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly List<ConfigJsonError> _errors;
    private readonly Dictionary<string, (int Line, int Column)> _keys;
    private Utf8JsonReader _reader;

    private ConfigJson(ReadOnlySpan<byte> text, List<ConfigJsonError> errors, Dictionary<string, (int Line, int Column)> keys)
    {
        _text = text;
        _errors = errors;
        _keys = keys;
        _reader = new Utf8JsonReader(text, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
    }

    /// <summary>Reads one value.</summary>
    /// <param name="text">The text in UTF-8, without a byte order mark.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="keys">Takes the places of the outermost object's keys.</param>
    /// <returns>The value; null for JSON's null, and when the text is no JSON.</returns>
    public static JsonNode? Parse(ReadOnlySpan<byte> text, List<ConfigJsonError> errors, Dictionary<string, (int Line, int Column)> keys)
    {
        var parser = new ConfigJson(text, errors, keys);
        try
        {
            parser._reader.Read();
            var value = parser.ReadValue();
            parser._reader.Read();
            return value;
        }
        catch (JsonException exception)
        {
            // The exception repeats its place at the end of its message.
            var end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            errors.Add(new ConfigJsonError(
                end < 0 ? exception.Message : exception.Message[..end], (int)(exception.LineNumber ?? 0) + 1, (int)(exception.BytePositionInLine ?? 0) + 1));
        }
        catch (InvalidOperationException)
        {
            // A string that is no valid UTF-8, or half of a surrogate pair.
            var (line, column) = parser.Place();
            errors.Add(new ConfigJsonError("The string holds characters that are not valid.", line, column));
        }

        return null;
    }

    private JsonNode? ReadValue() => _reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(),
        JsonTokenType.StartArray => ReadArray(),
        JsonTokenType.String => JsonValue.Create(_reader.GetString()),
        JsonTokenType.True => JsonValue.Create(true),
        JsonTokenType.False => JsonValue.Create(false),
        JsonTokenType.Number => JsonNode.Parse(_reader.ValueSpan),
        _ => null,
    };

    private JsonArray ReadArray()
    {
        var array = new JsonArray();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            array.Add(ReadValue());
        }

        return array;
    }

    private JsonObject ReadObject()
    {
        var outermost = _reader.CurrentDepth == 0;
        var result = new JsonObject();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var key = _reader.GetString()!;
            if (outermost && !_keys.ContainsKey(key))
            {
                _keys.Add(key, Place());
            }

            if (result.ContainsKey(key))
            {
                var (line, column) = Place();
                _errors.Add(new ConfigJsonError($"The key '{key}' stands twice in one object.", line, column));
            }

            _reader.Read();
            result[key] = ReadValue();
        }

        return result;
    }

    private readonly (int Line, int Column) Place()
    {
        var before = _text[..(int)_reader.TokenStartIndex];
        return (before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
    }
}
