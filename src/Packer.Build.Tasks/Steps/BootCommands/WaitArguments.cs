using System.Globalization;
using System.Text;
using Packer.Configuration;

namespace Packer.Steps.BootCommands;

/// <summary>Reads what stands between the name of a wait and its <c>&gt;</c>. After the first fault nothing more is read.</summary>
internal sealed class WaitArguments(string text, int position)
{
    private int position = position;

    /// <summary>What is wrong; null while nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Where the text goes on after the wait: after its <c>&gt;</c>, or at the end where it has none.</summary>
    public int End { get; private set; }

    /// <summary>Notes a fault; the wait ends at the next <c>&gt;</c>.</summary>
    public void Fail(string fault)
    {
        if (Fault is not null) return;
        Fault = fault;
        var close = text.IndexOf('>', position);
        End = close < 0 ? text.Length : close + 1;
    }

    /// <summary>Reads the end.</summary>
    public void Close()
    {
        SkipSpace();
        if (Fault is not null) return;
        if (position == text.Length) Fail("it has no '>' at its end");
        else if (text[position] != '>') Fail($"'{Rest()}' is too much or not understood");
        else End = position + 1;
    }

    /// <summary>Reads a word if it is the next one.</summary>
    public bool Word(string word)
    {
        SkipSpace();
        if (Fault is not null || !Rest().Equals(word, StringComparison.OrdinalIgnoreCase)) return false;
        position += word.Length;
        return true;
    }

    /// <summary>Reads a text in quotes.</summary>
    public string? Quoted(string expected)
    {
        SkipSpace();
        if (Fault is not null) return null;
        if (position == text.Length || text[position] is not ('"' or '\''))
        {
            Fail(expected);
            return null;
        }
        var quote = text[position];
        var value = new StringBuilder();
        for (var index = position + 1; index < text.Length; index++)
        {
            if (text[index] != quote)
            {
                value.Append(text[index]);
            }
            else if (index + 1 < text.Length && text[index + 1] == quote)
            {
                value.Append(text[index++]);
            }
            else
            {
                position = index + 1;
                return value.ToString();
            }
        }
        Fail($"the quote {quote} is not closed");
        return null;
    }

    /// <summary>Reads a duration, or takes the default where there is none.</summary>
    public TimeSpan Duration(TimeSpan ifMissing)
    {
        SkipSpace();
        var word = Rest();
        if (Fault is not null || word.Length == 0) return ifMissing;
        if (!BootCommandParser.TryDuration(word, "", out var duration))
        {
            Fail($"'{word}' is no time, such as 60s or 1m30s, above 0 and at most {DurationFormat.Format(BootCommandParser.LongestWait)}");
        }
        position += word.Length;
        return duration;
    }

    /// <summary>Reads a share above 0 and at most 1, or takes the default where the next word is no plain number below or equal to 1.</summary>
    public double Share(double ifMissing)
    {
        SkipSpace();
        var word = Rest();
        if (Fault is not null || !(word.Contains('.') || word is "0" or "1") || word.Any(char.IsAsciiLetter)) return ifMissing;
        if (!double.TryParse(word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) || share is not (> 0 and <= 1))
        {
            Fail($"'{word}' is no share of equal pixels, which is above 0 and at most 1");
        }
        position += word.Length;
        return share;
    }

    /// <summary>What stands before the next space or <c>&gt;</c>.</summary>
    private string Rest()
    {
        var end = position;
        while (end < text.Length && text[end] != '>' && !char.IsWhiteSpace(text[end])) end++;
        return text[position..end];
    }

    private void SkipSpace()
    {
        while (position < text.Length && char.IsWhiteSpace(text[position])) position++;
    }
}
