using System.Text;

namespace Packer.Configuration;

/// <summary>The spellings of keys: <c>IsoUrl</c>, <c>isoUrl</c>, <c>iso_url</c> and <c>iso-url</c> are one key.</summary>
internal static class KeyName
{
    /// <summary>The form by which keys are compared: lower case, without <c>_</c> and <c>-</c>.</summary>
    public static string Fold(string key)
    {
        Span<char> folded = key.Length <= 128 ? stackalloc char[key.Length] : new char[key.Length];
        var length = 0;
        foreach (var character in key)
        {
            if (character is not ('_' or '-'))
            {
                folded[length++] = char.ToLowerInvariant(character);
            }
        }

        return new string(folded[..length]);
    }

    /// <summary>
    /// The canonical key of a name. A word begins at an upper case letter after a lower case letter or digit, and at the last of several upper case
    /// letters when a lower case one follows: <c>ISOUrl</c> is <c>iso_url</c>, <c>Http2Port</c> is <c>http2_port</c>.
    /// </summary>
    public static string ToSnakeCase(string name)
    {
        var key = new StringBuilder(name.Length + 8);
        for (var index = 0; index < name.Length; index++)
        {
            var character = name[index];
            if (char.IsUpper(character) && index > 0 && name[index - 1] is not ('_' or '-') &&
                (!char.IsUpper(name[index - 1]) || (index + 1 < name.Length && char.IsLower(name[index + 1]))))
            {
                key.Append('_');
            }

            key.Append(character == '-' ? '_' : char.ToLowerInvariant(character));
        }

        return key.ToString();
    }

    /// <summary>Spells a canonical key as project files do: <c>iso_url</c> is <c>IsoUrl</c>.</summary>
    public static string ToPascalCase(string canonical)
    {
        var name = new StringBuilder(canonical.Length);
        var upper = true;
        foreach (var character in canonical)
        {
            if (character == '_')
            {
                upper = true;
                continue;
            }

            name.Append(upper ? char.ToUpperInvariant(character) : character);
            upper = false;
        }

        return name.ToString();
    }

    /// <summary>Spells a canonical key in the style of a key that the user wrote.</summary>
    public static string InStyleOf(string written, string canonical)
    {
        if (written.Length == 0 || char.IsUpper(written[0]))
        {
            return ToPascalCase(canonical);
        }

        foreach (var character in written)
        {
            if (char.IsUpper(character))
            {
                var pascal = ToPascalCase(canonical);
                return char.ToLowerInvariant(pascal[0]) + pascal[1..];
            }
        }

        return canonical;
    }
}
