using System.Globalization;
using System.Text;

namespace Packer.Configuration;

/// <summary>
/// Text of a project file. MSBuild hands metadata and properties over in <em>escaped</em> form, in which <c>%3B</c> is a semicolon that does not
/// split a list; so lists are split first and each element is unescaped after.
/// </summary>
internal sealed class ConfigText
{
    private readonly string _escaped;

    private ConfigText(string escaped) => _escaped = escaped;

    /// <summary>True: "not set", since MSBuild cannot tell the two apart.</summary>
    public bool IsEmpty => _escaped.Length == 0;

    /// <summary>True: nothing but white space, as between two tags.</summary>
    public bool IsBlank => string.IsNullOrWhiteSpace(_escaped);

    /// <summary>Takes text as MSBuild's escaped accessors give it (<c>GetMetadataValueEscaped</c>, <c>EvaluatedIncludeEscaped</c>, …).</summary>
    public static ConfigText FromEscaped(string? escaped) => new(escaped ?? "");

    /// <summary>Takes text that is meant literally: a <c>;</c> in it does not split.</summary>
    public static ConfigText FromLiteral(string? text) =>
        new((text ?? "").Replace("%", "%25", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal));

    /// <summary>The whole text, unescaped.</summary>
    public string Unescape() => Unescape(_escaped);

    /// <summary>The elements of a list: split at <c>;</c>, trimmed of white space, empty ones dropped, then unescaped.</summary>
    public List<string> SplitList()
    {
        var elements = new List<string>();
        foreach (var part in Parts())
        {
            elements.Add(Unescape(part));
        }

        return elements;
    }

    /// <summary>
    /// The entries of a map <c>k=v;k2=v2</c>. The first <c>=</c> splits, the value may hold more of them; white space round key and value is trimmed.
    /// An entry without <c>=</c> has a null value.
    /// </summary>
    public List<KeyValuePair<string, string?>> SplitMap()
    {
        var entries = new List<KeyValuePair<string, string?>>();
        foreach (var part in Parts())
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            entries.Add(equals < 0
                ? new(Unescape(part), null)
                : new(Unescape(part[..equals].TrimEnd()), Unescape(part[(equals + 1)..].TrimStart())));
        }

        return entries;
    }

    /// <summary>Shows nothing, since the text may be a secret.</summary>
    public override string ToString() => nameof(ConfigText);

    private List<string> Parts()
    {
        var parts = new List<string>();
        foreach (var part in _escaped.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            parts.Add(part);
        }

        return parts;
    }

    /// <summary>Undoes MSBuild's escapes: <c>%</c> and two hexadecimal digits; any other <c>%</c> stands for itself.</summary>
    private static string Unescape(string escaped)
    {
        var percent = escaped.IndexOf('%', StringComparison.Ordinal);
        if (percent < 0)
        {
            return escaped;
        }

        var text = new StringBuilder(escaped.Length).Append(escaped, 0, percent);
        for (var index = percent; index < escaped.Length; index++)
        {
            if (escaped[index] == '%' && index + 2 < escaped.Length && char.IsAsciiHexDigit(escaped[index + 1]) && char.IsAsciiHexDigit(escaped[index + 2]))
            {
                text.Append((char)byte.Parse(escaped.AsSpan(index + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                index += 2;
            }
            else
            {
                text.Append(escaped[index]);
            }
        }

        return text.ToString();
    }
}
