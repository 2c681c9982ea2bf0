using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Packer.Configuration;

/// <summary>
/// Weak typing as in Packer (mapstructure, WeaklyTypedInput): texts, numbers and booleans become one another. Stricter than there: a number with a fraction
/// is no whole number, leading zeros are refused (they would silently mean octal), a bare number is no duration, enumerations are named, not numbered,
/// and an empty text is 0 or false only for numbers and booleans of a JSON file.
/// </summary>
internal static class ScalarDecoder
{
    /// <summary>Decodes a text that has been rendered and trimmed; not for <see cref="ConfigShape.Text"/> and <see cref="ConfigShape.Secret"/>.</summary>
    public static bool TryFromText(ConfigValueType type, string text, out object? value)
    {
        value = null;
        switch (type.Shape)
        {
            case ConfigShape.Boolean:
                value = Boolean(text);
                break;
            case ConfigShape.Integer when text.Length == 0:
                return TryIntegerOf(false, 0, type.Type, out value);
            case ConfigShape.Integer:
                return TryParseInteger(text, out var negative, out var magnitude) && TryIntegerOf(negative, magnitude, type.Type, out value);
            case ConfigShape.Number:
                return TryParseNumber(text.Length == 0 ? "0" : text, type.Type, out value);
            case ConfigShape.Duration when DurationFormat.TryParse(text, out var duration):
                value = duration;
                break;
            case ConfigShape.Size when ByteSize.TryParse(text, out var size):
                value = size;
                break;
            case ConfigShape.Enumeration:
                value = Member(type, text);
                break;
            case ConfigShape.Address when Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var address):
                value = address;
                break;
        }

        return value is not null;
    }

    /// <summary>Decodes a number or a boolean of a JSON file.</summary>
    public static bool TryFromJson(ConfigValueType type, JsonNode json, out object? value)
    {
        value = null;
        var kind = json.GetValueKind();
        if (kind is JsonValueKind.True or JsonValueKind.False)
        {
            var isTrue = kind == JsonValueKind.True;
            switch (type.Shape)
            {
                case ConfigShape.Text:
                    value = isTrue ? "1" : "0";
                    return true;
                case ConfigShape.Boolean:
                    value = isTrue;
                    return true;
                case ConfigShape.Integer or ConfigShape.Number:
                    return TryFromText(type, isTrue ? "1" : "0", out value);
                default:
                    return false;
            }
        }

        if (kind != JsonValueKind.Number)
        {
            return false;
        }

        var text = NumberText(json);
        switch (type.Shape)
        {
            case ConfigShape.Text:
                value = text;
                return true;
            case ConfigShape.Boolean:
                value = text.AsSpan().ContainsAnyInRange('1', '9');
                return true;
            case ConfigShape.Integer or ConfigShape.Number or ConfigShape.Size or ConfigShape.Duration:
                return TryFromText(type, text, out value);
            default:
                return false;
        }
    }

    /// <summary>The decimal text of a JSON number: no exponent and no zeros at the end of a fraction, where a <see cref="decimal"/> can hold it.</summary>
    public static string NumberText(JsonNode json)
    {
        var raw = json.ToJsonString();
        return decimal.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && (number != 0 || !raw.AsSpan().ContainsAnyInRange('1', '9'))
            ? number.ToString("0.############################", CultureInfo.InvariantCulture)
            : raw;
    }

    /// <summary>What would be right, to follow "must be".</summary>
    public static string Expected(ConfigValueType type) => type.Shape switch
    {
        ConfigShape.Text or ConfigShape.Secret => "a text",
        ConfigShape.Boolean => "'true' or 'false'",
        ConfigShape.Integer => $"a whole number from {Limit(type.Type, "MinValue")} to {Limit(type.Type, "MaxValue")}, without leading zeros",
        ConfigShape.Number => "a number such as 0.5",
        ConfigShape.Duration => "a duration with its unit, such as 1m30s or 00:01:30",
        ConfigShape.Size => "a size such as 40G or 512M",
        ConfigShape.Enumeration => OneOf(type.Members.Select(static member => member.Name)),
        ConfigShape.Address => "a URL",
        ConfigShape.List => type.Element!.IsScalar ? "a list" : "a list in JSON",
        ConfigShape.Map => type.Element!.IsScalar ? "a map such as key=value;key2=value2" : "a map in JSON",
        _ => "an object in JSON",
    };

    /// <summary>Lists choices for a message.</summary>
    public static string OneOf(IEnumerable<string> choices) => "one of " + string.Join(", ", choices.Select(static choice => $"'{choice}'"));

    private static object? Boolean(string text) => text.ToUpperInvariant() switch
    {
        "1" or "T" or "TRUE" => true,
        "0" or "F" or "FALSE" or "" => false,
        _ => null,
    };

    private static object? Member(ConfigValueType type, string text)
    {
        var folded = KeyName.Fold(text);
        foreach (var member in type.Members)
        {
            if (member.Folded == folded)
            {
                return member.Value;
            }
        }

        return null;
    }

    /// <summary>Go's integer literals (language specification, "Integer literals") but for octals with a mere leading zero.</summary>
    private static bool TryParseInteger(string text, out bool negative, out ulong value)
    {
        value = 0;
        var rest = text.AsSpan();
        negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }

        var radix = 10;
        if (rest.Length > 1 && rest[0] == '0')
        {
            radix = char.ToLowerInvariant(rest[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 };
            rest = rest[2..];
        }

        if (radix == 0 || rest.IsEmpty || rest.Length > 80 || rest[0] == '_' || rest[^1] == '_' || rest.Contains("__", StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var character in rest)
        {
            if (character == '_')
            {
                continue;
            }

            var digit = char.IsAsciiHexDigit(character) ? Convert.ToInt32(character.ToString(), 16) : radix;
            if (digit >= radix || value > (ulong.MaxValue - (ulong)digit) / (ulong)radix)
            {
                return false;
            }

            value = (value * (ulong)radix) + (ulong)digit;
        }

        return true;
    }

    private static bool TryIntegerOf(bool negative, ulong magnitude, Type type, out object? value)
    {
        value = null;
        if (type == typeof(ulong))
        {
            value = negative && magnitude > 0 ? null : magnitude;
        }
        else if (magnitude <= (negative ? 1UL << 63 : long.MaxValue))
        {
            var wide = negative ? unchecked(-(long)magnitude) : (long)magnitude;
            value = Type.GetTypeCode(type) switch
            {
                TypeCode.Byte when wide is >= byte.MinValue and <= byte.MaxValue => (byte)wide,
                TypeCode.SByte when wide is >= sbyte.MinValue and <= sbyte.MaxValue => (sbyte)wide,
                TypeCode.Int16 when wide is >= short.MinValue and <= short.MaxValue => (short)wide,
                TypeCode.UInt16 when wide is >= ushort.MinValue and <= ushort.MaxValue => (ushort)wide,
                TypeCode.Int32 when wide is >= int.MinValue and <= int.MaxValue => (int)wide,
                TypeCode.UInt32 when wide is >= uint.MinValue and <= uint.MaxValue => (uint)wide,
                TypeCode.Int64 => (object)wide,
                _ => null,
            };
        }

        return value is not null;
    }

    private static bool TryParseNumber(string text, Type type, out object? value)
    {
        value = null;
        if (type == typeof(decimal))
        {
            value = decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) ? exact : null;
        }
        else if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            value = type == typeof(float) ? (float.IsFinite((float)number) ? (float)number : null) : (object)number;
        }

        return value is not null;
    }

    private static string Limit(Type type, string name) => Convert.ToString(type.GetField(name)!.GetValue(null), CultureInfo.InvariantCulture)!;
}
