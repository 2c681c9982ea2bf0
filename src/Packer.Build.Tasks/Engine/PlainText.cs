using System.Text;

namespace Packer.Engine;

/// <summary>Makes a guest's terminal output fit for a log.</summary>
internal static class PlainText
{
    private const char Escape = '\u001b';

    /// <summary>Drops ANSI escape sequences (ECMA-48, section 5.4: control sequences) and control characters other than tab and line feed.</summary>
    public static string WithoutControlCharacters(string text)
    {
        if (!NeedsWork(text)) return text;
        var result = new StringBuilder(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            if (character == Escape) index = EndOfSequence(text, index);
            else if (!char.IsControl(character) || character is '\t' or '\n') result.Append(character);
        }
        return result.ToString();
    }

    private static bool NeedsWork(string text)
    {
        foreach (var character in text)
        {
            if (char.IsControl(character) && character is not ('\t' or '\n')) return true;
        }
        return false;
    }

    /// <summary>Index of the last character of the sequence that begins at an escape.</summary>
    private static int EndOfSequence(string text, int start)
    {
        if (start + 1 >= text.Length) return start;
        switch (text[start + 1])
        {
            case '[':
                for (var index = start + 2; index < text.Length; index++)
                {
                    if (text[index] is >= '@' and <= '~') return index;
                    if (text[index] is < ' ' or > '~') return index - 1;
                }
                return text.Length - 1;
            case ']':
                for (var index = start + 2; index < text.Length; index++)
                {
                    if (text[index] == '\a') return index;
                    if (text[index] == Escape) return index + 1 < text.Length && text[index + 1] == '\\' ? index + 1 : index - 1;
                    if (text[index] == '\n') return index - 1;
                }
                return text.Length - 1;
            default:
                return start + 1;
        }
    }
}
