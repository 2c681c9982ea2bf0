using System.Globalization;
using System.Text;

namespace Packer.Configuration;

/// <summary>
/// Durations as text: Go's form (package time, ParseDuration: <c>1m30s</c>, <c>1.5h</c>, <c>-300ms</c>; units ns, us, µs, ms, s, m, h) or that of
/// <see cref="TimeSpan"/> (<c>00:01:30</c>, <c>1.02:00:00</c>). A number without a unit is refused, except 0. What is finer than 100 ns is cut off.
/// </summary>
internal static class DurationFormat
{
    /// <summary>Reads a duration; false when the text is none.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan().Trim();
        if (rest.Contains(':'))
        {
            return TimeSpan.TryParse(rest, CultureInfo.InvariantCulture, out duration);
        }

        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return true;
        }

        var ticks = 0m;
        do
        {
            if (!TryReadPart(ref rest, ref ticks))
            {
                return false;
            }
        }
        while (!rest.IsEmpty);

        duration = new TimeSpan((long)(negative ? -ticks : ticks));
        return true;
    }

    /// <summary>The text that stands for a duration in a plan, such as <c>1h30m</c>, <c>300ms</c> or <c>0s</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var ticks = Math.Abs((decimal)duration.Ticks);
        var text = new StringBuilder(duration < TimeSpan.Zero ? "-" : "");
        if (ticks < TimeSpan.TicksPerSecond)
        {
            return Append(text, ticks / TimeSpan.TicksPerMillisecond, "ms").ToString();
        }

        var hours = decimal.Truncate(ticks / TimeSpan.TicksPerHour);
        var minutes = decimal.Truncate(ticks % TimeSpan.TicksPerHour / TimeSpan.TicksPerMinute);
        Append(text, hours, "h");
        Append(text, minutes, "m");
        return Append(text, ticks % TimeSpan.TicksPerMinute / TimeSpan.TicksPerSecond, "s").ToString();
    }

    private static StringBuilder Append(StringBuilder text, decimal number, string unit) =>
        number == 0 ? text : text.Append(number.ToString("0.#######", CultureInfo.InvariantCulture)).Append(unit);

    private static bool TryReadPart(ref ReadOnlySpan<char> rest, ref decimal ticks)
    {
        var length = 0;
        while (length < rest.Length && (char.IsAsciiDigit(rest[length]) || rest[length] == '.'))
        {
            length++;
        }

        // Twenty characters hold every duration that fits; more could only overflow.
        if (length is 0 or > 20 || !decimal.TryParse(rest[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        rest = rest[length..];
        length = 0;
        while (length < rest.Length && !char.IsAsciiDigit(rest[length]) && rest[length] != '.')
        {
            length++;
        }

        var unit = rest[..length] switch
        {
            "ns" => 0.01m,
            "us" or "µs" or "μs" => 10m,
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => 0m,
        };
        rest = rest[length..];
        if (unit == 0 || number > long.MaxValue / unit)
        {
            return false;
        }

        ticks += number * unit;
        return ticks <= long.MaxValue;
    }
}
