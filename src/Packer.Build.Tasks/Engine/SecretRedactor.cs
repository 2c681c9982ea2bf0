using System.Text;

namespace Packer;

/// <summary>Replaces registered secrets in text, in plain, base64 and URL-escaped form.</summary>
public sealed class SecretRedactor
{
    private const string Replacement = "<sensitive>";

    /// <summary>Shorter values are not replaced: they would mangle every line.</summary>
    private const int MinimumLength = 4;

    private readonly Lock gate = new();
    private string[] patterns = [];

    /// <summary>Registers a value. Values of fewer than four characters are left alone, as replacing them would mangle every line.</summary>
    /// <param name="value">The secret text; each of its lines counts as a secret of its own, too.</param>
    public void Add(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var found = new HashSet<string>(StringComparer.Ordinal);
        AddForms(found, value);
        foreach (var line in value.Split('\n')) AddForms(found, line.Trim());
        lock (gate)
        {
            found.UnionWith(patterns);
            // Longest first, so that a form that contains another is replaced whole.
            patterns = [.. found.OrderByDescending(pattern => pattern.Length).ThenBy(pattern => pattern, StringComparer.Ordinal)];
        }
    }

    /// <summary>Returns the text with every registered secret replaced by <c>&lt;sensitive&gt;</c>.</summary>
    /// <param name="text">Any text.</param>
    public string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var pattern in Volatile.Read(ref patterns)) text = text.Replace(pattern, Replacement, StringComparison.Ordinal);
        return text;
    }

    private static void AddForms(HashSet<string> forms, string value)
    {
        if (value.Length < MinimumLength) return;
        forms.Add(value);
        forms.Add(value.Replace("\n", "\r\n", StringComparison.Ordinal));
        forms.Add(Uri.EscapeDataString(value));
        forms.Add(Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal));
        AddBase64(forms, value);
    }

    /// <summary>
    /// Base64 of a longer text that contains the secret shows it shifted by 0, 1 or 2 bytes; in each shift the characters that depend on the
    /// secret alone are the pattern.
    /// </summary>
    private static void AddBase64(HashSet<string> forms, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        for (var shift = 0; shift < 3; shift++)
        {
            var padded = new byte[shift + bytes.Length];
            bytes.CopyTo(padded, shift);
            var text = Convert.ToBase64String(padded);
            var first = (shift * 8 + 5) / 6;
            var last = padded.Length * 8 / 6;
            if (last - first < 6) continue;
            var inner = text[first..last];
            forms.Add(inner);
            forms.Add(inner.Replace('+', '-').Replace('/', '_'));
        }
        forms.Add(Convert.ToBase64String(bytes));
    }
}
