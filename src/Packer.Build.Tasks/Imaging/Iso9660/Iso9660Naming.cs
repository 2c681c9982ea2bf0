using System.Text;

namespace Packer.Imaging;

/// <summary>The rules of one hierarchy for names.</summary>
internal abstract class Iso9660Naming
{
    /// <summary>Whether this hierarchy shows nodes of a type.</summary>
    public abstract bool Holds(NodeType type);

    /// <summary>The bytes of an identifier as a directory record has them, with a version number where there is one.</summary>
    public abstract byte[] Encode(string identifier, bool isFolder);

    /// <summary>The identifier that comes nearest to a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="isFolder">Whether it is that of a folder.</param>
    /// <param name="suffix">What is put at the end of the name, before its extension, to make it unlike others; may be empty.</param>
    protected abstract string Make(string name, bool isFolder, string suffix);

    /// <summary>
    /// Gives each name of a folder an identifier of its own, without a version number. A name that is an identifier as it is keeps it, whatever
    /// comes before; the others that meet get <c>_1</c>, <c>_2</c>… in ordinal order.
    /// </summary>
    public IReadOnlyDictionary<string, string> Assign(IReadOnlyDictionary<string, Node> children)
    {
        var names = children.Where(child => Holds(child.Value.Type)).Select(child => (Name: child.Key, IsFolder: child.Value.Type == NodeType.Directory)).ToList();
        var identifiers = new Dictionary<string, string>(StringComparer.Ordinal);
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, isFolder) in names)
        {
            // A dot at the end is no part of the name that readers see.
            var identifier = Make(name, isFolder, "");
            if (identifier.TrimEnd('.') == name && used.Add(name)) identifiers.Add(name, identifier);
        }
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, isFolder) in names)
        {
            if (identifiers.ContainsKey(name)) continue;
            var first = Make(name, isFolder, "");
            var number = numbers.GetValueOrDefault(first);
            var identifier = first;
            if (number > 0 || !used.Add(first.TrimEnd('.')))
            {
                do identifier = Make(name, isFolder, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"_{++number}"));
                while (!used.Add(identifier.TrimEnd('.')));
            }
            numbers[first] = number;
            identifiers.Add(name, identifier);
        }
        return identifiers;
    }

    /// <summary>Splits a name at its last dot; one at the start begins no extension, and an extension that is too long is none.</summary>
    protected static (string First, string Extension) Split(string name, int maximumExtension)
    {
        var dot = name.LastIndexOf('.');
        return dot <= 0 || name.Length - dot - 1 > maximumExtension ? (name, "") : (name[..dot], name[(dot + 1)..]);
    }

    /// <summary>Replaces every character that is not allowed, also each byte that is not UTF-8, by <c>_</c>.</summary>
    protected static string Replace(string text, Func<Rune, bool> isAllowed)
    {
        var result = new StringBuilder(text.Length);
        Span<char> characters = stackalloc char[2];
        for (var index = 0; index < text.Length;)
        {
            var valid = Rune.TryGetRuneAt(text, index, out var rune);
            if (valid && isAllowed(rune)) result.Append(characters[..rune.EncodeToUtf16(characters)]);
            else result.Append('_');
            index += valid ? rune.Utf16SequenceLength : 1;
        }
        return result.ToString();
    }
}
