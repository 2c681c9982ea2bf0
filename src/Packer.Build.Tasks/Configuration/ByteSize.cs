using System.Globalization;

namespace Packer;

/// <summary>
/// A size in bytes. As text: a number, a decimal fraction allowed when the result is whole, and a unit <c>K</c>, <c>M</c>, <c>G</c> or <c>T</c>, which are
/// powers of 1024 as in QEMU, also written <c>KB</c> or <c>KiB</c>; <c>B</c> or no unit is bytes: <c>40G</c>, <c>512M</c>, <c>10 GiB</c>, <c>1.5G</c>.
/// </summary>
/// <param name="Bytes">The number of bytes.</param>
public readonly record struct ByteSize(long Bytes) : IComparable<ByteSize>
{
    private const string Units = "KMGT";

    /// <summary>Reads a size; see <see cref="ByteSize"/> for the form.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The size.</returns>
    /// <exception cref="FormatException">The text is no size, is negative, is no whole number of bytes or exceeds 8 EiB.</exception>
    public static ByteSize Parse(string text) => TryParse(text, out var size) ? size : throw new FormatException($"'{text}' is no size such as 40G or 512M.");

    /// <summary>Reads a size; see <see cref="ByteSize"/> for the form.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">The size, or 0 bytes.</param>
    /// <returns>False when the text is no size.</returns>
    public static bool TryParse(string? text, out ByteSize size)
    {
        size = default;
        var rest = text.AsSpan().Trim();
        var length = 0;
        while (length < rest.Length && (char.IsAsciiDigit(rest[length]) || rest[length] == '.'))
        {
            length++;
        }

        if (length == 0 || length > 40 || !TryParseUnit(rest[length..].TrimStart(), out var shift) ||
            !char.IsAsciiDigit(rest[0]) || !char.IsAsciiDigit(rest[length - 1]) ||
            !decimal.TryParse(rest[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        if (number > long.MaxValue >> shift)
        {
            return false;
        }

        var bytes = number * (1L << shift);
        if (bytes != decimal.Truncate(bytes) || bytes > long.MaxValue)
        {
            return false;
        }

        size = new ByteSize((long)bytes);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    /// <summary>The shortest exact text, such as <c>40G</c> or <c>1000</c>.</summary>
    /// <returns>A text that <see cref="Parse"/> reads.</returns>
    public override string ToString()
    {
        var (number, unit) = (Bytes, -1);
        while (number != 0 && unit + 1 < Units.Length && number % 1024 == 0)
        {
            number /= 1024;
            unit++;
        }

        var digits = number.ToString(CultureInfo.InvariantCulture);
        return unit < 0 ? digits : digits + Units[unit];
    }

    private static bool TryParseUnit(ReadOnlySpan<char> unit, out int shift)
    {
        shift = 0;
        if (unit.IsEmpty || unit.Equals("B", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        shift = 10 * (Units.IndexOf(char.ToUpperInvariant(unit[0]), StringComparison.Ordinal) + 1);
        var suffix = unit[1..];
        return shift > 0 && (suffix.IsEmpty || suffix.Equals("B", StringComparison.OrdinalIgnoreCase) || suffix.Equals("iB", StringComparison.OrdinalIgnoreCase));
    }
}
