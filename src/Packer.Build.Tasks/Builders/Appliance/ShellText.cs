namespace Packer.Builders.Appliance;

/// <summary>Writes text into scripts.</summary>
internal static class ShellText
{
    /// <summary>A word that a POSIX shell reads as exactly this text (POSIX.1-2017, Shell Command Language, 2.2.2 "Single-Quotes").</summary>
    public static string Quote(string text) => "'" + text.Replace("'", @"'\''", StringComparison.Ordinal) + "'";
}
