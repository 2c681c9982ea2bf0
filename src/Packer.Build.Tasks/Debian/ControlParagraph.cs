using System.Diagnostics.CodeAnalysis;

namespace Packer.Debian;

/// <summary>
/// One paragraph of a control file: fields with case-insensitive names; a multi-line value keeps its line breaks, without the leading blank
/// of each continuation line (Debian Policy 5.1 "Syntax of control files"; deb822(5)).
/// </summary>
internal sealed class ControlParagraph
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase);

    private ControlParagraph()
    {
    }

    /// <summary>The names of the fields, in the order of the file.</summary>
    public IEnumerable<string> Names => _fields.Keys;

    /// <summary>The value of a field, or null where the paragraph has no such field.</summary>
    public string? this[string name] => _fields.GetValueOrDefault(name);

    /// <summary>The value of a field, when there is one.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out string? value) => _fields.TryGetValue(name, out value);

    /// <summary>The paragraphs of a control file; lines that begin with # are comments.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="where">The path or address of the file, for messages.</param>
    /// <exception cref="DebianException"><see cref="DebianError.Damaged"/>: a line that is no field, or a field that stands twice.</exception>
    public static IReadOnlyList<ControlParagraph> Parse(string text, string where)
    {
        var paragraphs = new List<ControlParagraph>();
        ControlParagraph? paragraph = null;
        string? name = null;
        var value = new List<string>();
        var number = 0;

        // Only the line feed ends a line: EnumerateLines would also split at other Unicode line ends inside of a value.
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var raw = text.AsSpan()[range];
            number++;
            var line = raw.TrimEnd(" \t\r");
            if (raw.Length > 0 && raw[0] == '#') continue;
            if (line.IsEmpty)
            {
                EndField();
                paragraph = null;
            }
            else if (raw[0] is ' ' or '\t')
            {
                if (name is null) throw DebianException.Damaged(where, $"line {number} continues a field, but none is open");
                value.Add(line[1..].ToString());
            }
            else
            {
                EndField();
                var colon = line.IndexOf(':');
                if (colon <= 0 || line[..colon].ContainsAnyExceptInRange('!', '~') || line[0] == '-')
                    throw DebianException.Damaged(where, $"line {number} is not of the form 'Name: value'");
                if (paragraph is null) paragraphs.Add(paragraph = new ControlParagraph());
                name = line[..colon].ToString();
                value.Add(line[(colon + 1)..].Trim(" \t").ToString());
            }
        }

        EndField();
        return paragraphs;

        void EndField()
        {
            if (name is not null && !paragraph!._fields.TryAdd(name, string.Join('\n', value)))
                throw DebianException.Damaged(where, $"the field '{name}' stands twice, the second time above line {number}");
            name = null;
            value.Clear();
        }
    }

    /// <summary>The only paragraph of a file that must have exactly one.</summary>
    public static ControlParagraph ParseSingle(string text, string where)
    {
        var paragraphs = Parse(text, where);
        return paragraphs.Count == 1 ? paragraphs[0] : throw DebianException.Damaged(where, $"it has {paragraphs.Count} paragraphs instead of one");
    }
}
