using System.Globalization;
using System.Text;

namespace Packer.Configuration.Templates;

/// <summary>Formats times as the template functions <c>isotime</c> (layouts of Go's package time) and <c>strftime</c> (C) do. All times are UTC.</summary>
internal static class TimeFormats
{
    // The pieces of Go's layouts (package time, constants "stdLongMonth" and following), longer ones before their prefixes,
    // with the custom format of .NET that means the same.
    private static readonly (string Piece, string Format)[] s_goPieces =
    [
        ("January", "MMMM"), ("Jan", "MMM"), ("Monday", "dddd"), ("Mon", "ddd"), ("MST", "'UTC'"),
        ("2006", "yyyy"), ("Z07:00:00", "'Z'"), ("Z07:00", "'Z'"), ("Z070000", "'Z'"), ("Z0700", "'Z'"), ("Z07", "'Z'"),
        ("-07:00:00", "'+00:00:00'"), ("-07:00", "'+00:00'"), ("-070000", "'+000000'"), ("-0700", "'+0000'"), ("-07", "'+00'"),
        ("002", "j"), ("01", "MM"), ("02", "dd"), ("03", "hh"), ("04", "mm"), ("05", "ss"), ("06", "yy"),
        ("15", "HH"), ("PM", "tt"), ("pm", "p"), ("_2", "_"), ("1", "%M"), ("2", "%d"), ("3", "%h"), ("4", "%m"), ("5", "%s"),
    ];

    /// <summary>Formats by a layout of Go, an example that shows how <c>Mon Jan 2 15:04:05 MST 2006</c> would look.</summary>
    public static string FormatGo(DateTimeOffset time, string layout)
    {
        var text = new StringBuilder();
        var position = 0;
        while (position < layout.Length)
        {
            var fraction = FractionLength(layout, position);
            if (fraction > 0)
            {
                AppendFraction(text, time, layout.AsSpan(position, fraction));
                position += fraction;
                continue;
            }

            var found = false;
            foreach (var (piece, format) in s_goPieces)
            {
                if (string.CompareOrdinal(layout, position, piece, 0, piece.Length) == 0)
                {
                    Append(text, time, format);
                    position += piece.Length;
                    found = true;
                    break;
                }
            }

            if (!found)
            {
                text.Append(layout[position++]);
            }
        }

        return text.ToString();
    }

    /// <summary>Formats by a format of C's strftime (ISO C 2011, section 7.27.3.5) in the C locale.</summary>
    /// <exception cref="FormatException">A conversion is not known.</exception>
    public static string FormatC(DateTimeOffset time, string format)
    {
        var text = new StringBuilder();
        for (var index = 0; index < format.Length; index++)
        {
            if (format[index] != '%')
            {
                text.Append(format[index]);
                continue;
            }

            var conversion = ++index < format.Length ? format[index] : '\0';
            Append(text, time, conversion switch
            {
                'Y' => "yyyy", 'y' => "yy", 'm' => "MM", 'd' => "dd", 'H' => "HH", 'I' => "hh", 'M' => "mm", 'S' => "ss", 'p' => "tt",
                'B' => "MMMM", 'b' or 'h' => "MMM", 'A' => "dddd", 'a' => "ddd", 'j' => "j", 'e' => "_",
                'F' => "yyyy-MM-dd", 'T' => "HH:mm:ss", 'R' => "HH:mm", 'D' => "MM/dd/yy", 'c' => "ddd MMM dd HH:mm:ss yyyy", 'x' => "MM/dd/yy",
                'X' => "HH:mm:ss", 'Z' => "'UTC'", 'z' => "'+0000'", 's' => "unix", 'n' => "'\n'", 't' => "'\t'", '%' => "'%'",
                _ => throw new FormatException($"the conversion '%{(conversion == '\0' ? "" : conversion)}' is not known"),
            });
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, DateTimeOffset time, string format) => text.Append(format switch
    {
        "j" => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        "_" => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        "p" => time.Hour < 12 ? "am" : "pm",
        "unix" => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        _ => time.ToString(format, CultureInfo.InvariantCulture),
    });

    /// <summary>A dot or comma, then only zeros or only nines, and no digit after: fractions of a second.</summary>
    private static int FractionLength(string layout, int position)
    {
        if (layout[position] is not ('.' or ',') || position + 1 >= layout.Length || layout[position + 1] is not ('0' or '9'))
        {
            return 0;
        }

        var end = position + 1;
        while (end < layout.Length && layout[end] == layout[position + 1])
        {
            end++;
        }

        return end < layout.Length && char.IsAsciiDigit(layout[end]) ? 0 : end - position;
    }

    private static void AppendFraction(StringBuilder text, DateTimeOffset time, ReadOnlySpan<char> piece)
    {
        var ticks = (time.Ticks % TimeSpan.TicksPerSecond).ToString("0000000", CultureInfo.InvariantCulture);
        var digits = ticks.PadRight(Math.Max(7, piece.Length), '0')[..(piece.Length - 1)];
        if (piece[1] == '9')
        {
            digits = digits.TrimEnd('0');
        }

        if (digits.Length > 0)
        {
            text.Append(piece[0]).Append(digits);
        }
    }
}
