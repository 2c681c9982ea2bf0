namespace Packer;

/// <summary>
/// The least and the greatest value allowed, both included, for a number, a duration or a size; in a list it holds for each element.
/// Outside of it is <c>PKR0011</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigRangeAttribute : ConfigAttribute
{
    /// <summary>A range of numbers.</summary>
    /// <param name="minimum">The least value.</param>
    /// <param name="maximum">The greatest value.</param>
    public ConfigRangeAttribute(double minimum, double maximum) => (Minimum, Maximum) = (minimum, maximum);

    /// <summary>A range of durations (<c>"1s"</c>, <c>"1h"</c>) or of sizes (<c>"1M"</c>, <c>"2T"</c>), according to the property's type.</summary>
    /// <param name="minimum">The least value.</param>
    /// <param name="maximum">The greatest value.</param>
    public ConfigRangeAttribute(string minimum, string maximum) => (Minimum, Maximum) = (minimum, maximum);

    /// <summary>The least value: a <see cref="double"/> or a <see cref="string"/>.</summary>
    public object Minimum { get; }

    /// <summary>The greatest value: a <see cref="double"/> or a <see cref="string"/>.</summary>
    public object Maximum { get; }
}

/// <summary>The values that a string may have, compared exactly; in a list it holds for each element. Another value is <c>PKR0011</c>.</summary>
/// <param name="choices">The values.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigChoiceAttribute(params string[] choices) : ConfigAttribute
{
    /// <summary>The values.</summary>
    public IReadOnlyList<string> Choices { get; } = choices;
}
