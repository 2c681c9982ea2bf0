using System.Globalization;

namespace Packer.Configuration;

/// <summary>Compares values with a <see cref="ConfigRangeAttribute"/>.</summary>
internal static class ValueRange
{
    /// <summary>What is allowed, to follow "must be", when the value is outside; else null.</summary>
    public static string? Violation(ConfigRangeAttribute range, object value)
    {
        var number = value switch
        {
            TimeSpan duration => duration.Ticks,
            ByteSize size => size.Bytes,
            _ => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        };
        return number >= Bound(range.Minimum, value) && number <= Bound(range.Maximum, value)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"from {range.Minimum} to {range.Maximum}");
    }

    private static double Bound(object bound, object value) => (bound, value) switch
    {
        (double number, not TimeSpan) => number,
        (string text, TimeSpan) when DurationFormat.TryParse(text, out var duration) => duration.Ticks,
        (string text, ByteSize) when ByteSize.TryParse(text, out var size) => size.Bytes,
        _ => throw new InvalidOperationException($"The range bound '{bound}' does not fit a value of type '{value.GetType()}'."),
    };
}
