namespace Packer.Steps;

/// <summary>The <c>EnvVarFormat</c> of scripts: a text in which the name and the value of a variable take the places of the two <c>%s</c>.</summary>
internal static class VariableFormat
{
    private const string Place = "%s";

    /// <summary>Whether the format has a place for the name and one for the value, and no third one.</summary>
    public static bool IsValid(string format) => format.Split(Place).Length == 3;

    /// <summary>Puts a variable into a format. The value stands there as it is: the caller quotes it for the shell.</summary>
    public static string Fill(string format, string name, string value)
    {
        var first = format.IndexOf(Place, StringComparison.Ordinal);
        if (first < 0) return format;
        var second = format.IndexOf(Place, first + Place.Length, StringComparison.Ordinal);
        return second < 0
            ? format[..first] + name + format[(first + Place.Length)..]
            : format[..first] + name + format[(first + Place.Length)..second] + value + format[(second + Place.Length)..];
    }

    /// <summary>Text inside single quotes of a POSIX shell (IEEE Std 1003.1, Shell Command Language, 2.2.2).</summary>
    public static string InSingleQuotes(string value) => value.Replace("'", "'\"'\"'", StringComparison.Ordinal);
}
