using System.Text;

namespace Packer.Imaging;

/// <summary>Checks the names of a folder and gives each its short alias (Microsoft FAT specification 1.03, sections 6.1 and 7).</summary>
internal static class FatNames
{
    public const int ShortNameLength = 11;
    public const int MaximumLongNameLength = 255;

    private const int BaseLength = 8;
    private const int ExtensionLength = 3;
    private const int MaximumTail = 999_999;
    private const string ShortNameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'()-@^_`{}~";
    private const string ForbiddenCharacters = "\"*/:<>?\\|";

    /// <summary>The short name of each name, 11 characters; where a name is a short name itself, it needs no long one.</summary>
    /// <exception cref="ImagingException">FAT cannot hold one of the names, or two differ in case only.</exception>
    public static IReadOnlyDictionary<string, string> Assign(string folder, IEnumerable<string> names)
    {
        var list = names.ToList();
        Check(folder, list);
        var aliases = new Dictionary<string, string>(StringComparer.Ordinal);
        var used = new HashSet<string>(StringComparer.Ordinal);
        var tails = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in list)
        {
            // Names that differ from a short name in case at most keep it; their upper-case forms are known to be distinct.
            if (ToShortName(name.ToUpperInvariant()) is not { } shortName) continue;
            aliases.Add(name, shortName);
            used.Add(shortName);
        }
        foreach (var name in list)
        {
            if (!aliases.ContainsKey(name)) aliases.Add(name, WithTail(folder, name, used, tails));
        }
        return aliases;
    }

    /// <summary>Tells whether a name is exactly what its short name says.</summary>
    public static bool IsShort(string name) => ToShortName(name) is not null;

    /// <summary>The label of a volume as it is stored, 11 characters.</summary>
    /// <exception cref="ImagingException">The label is not possible.</exception>
    public static string CheckLabel(string label)
    {
        if (label.Length > ShortNameLength || label.Any(character => character != ' ' && !ShortNameCharacters.Contains(character, StringComparison.Ordinal)))
            throw new ImagingException($"The label '{label}' is not possible on FAT. Take at most {ShortNameLength} of {ShortNameCharacters} and spaces.");
        return label.PadRight(ShortNameLength);
    }

    private static void Check(string folder, List<string> names)
    {
        var upper = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (FileNames.HasEscapes(name)) throw Impossible(folder, name, "it is not UTF-8");
            if (name.Length > MaximumLongNameLength) throw Impossible(folder, name, $"it is longer than {MaximumLongNameLength} characters");
            if (name.Any(character => character < ' ' || ForbiddenCharacters.Contains(character, StringComparison.Ordinal))) throw Impossible(folder, name, $"it has a control character or one of {ForbiddenCharacters}");
            if (name[0] == ' ' || name[^1] is ' ' or '.') throw Impossible(folder, name, "it begins with a space, or ends with a space or a dot");
            if (!upper.TryAdd(name.ToUpperInvariant(), name)) throw Impossible(folder, name, $"it differs from '{upper[name.ToUpperInvariant()]}' in case only");
        }
    }

    private static ImagingException Impossible(string folder, string name, string reason) => new($"'{folder}/{name}' is not possible on FAT: {reason}. Rename it.");

    private static string? ToShortName(string name)
    {
        var dot = name.LastIndexOf('.');
        var (first, extension) = dot < 0 ? (name, "") : (name[..dot], name[(dot + 1)..]);
        if (first.Length is 0 or > BaseLength || extension.Length > ExtensionLength || (dot >= 0 && extension.Length == 0)) return null;
        return (first + extension).All(character => ShortNameCharacters.Contains(character, StringComparison.Ordinal)) ? Join(first, extension) : null;
    }

    private static string WithTail(string folder, string name, HashSet<string> used, Dictionary<string, int> tails)
    {
        var dot = name.LastIndexOf('.');
        var first = Simplify(dot <= 0 ? name : name[..dot], BaseLength);
        var extension = dot <= 0 ? "" : Simplify(name[(dot + 1)..], ExtensionLength);
        for (var number = tails.GetValueOrDefault(Join(first, extension)) + 1; number <= MaximumTail; number++)
        {
            var tail = "~" + number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var alias = Join(first[..Math.Min(first.Length, BaseLength - tail.Length)] + tail, extension);
            if (!used.Add(alias)) continue;
            tails[Join(first, extension)] = number;
            return alias;
        }
        throw new ImagingException($"The folder '{folder}' has too many names like '{name}' for FAT. Spread them over several folders.");
    }

    private static string Simplify(string part, int length)
    {
        var text = new StringBuilder();
        foreach (var rune in part.ToUpperInvariant().EnumerateRunes())
        {
            if (rune.Value is ' ' or '.') continue;
            text.Append(rune.IsAscii && ShortNameCharacters.Contains((char)rune.Value, StringComparison.Ordinal) ? (char)rune.Value : '_');
        }
        if (text.Length == 0) text.Append('_');
        return text.ToString(0, Math.Min(text.Length, length));
    }

    private static string Join(string first, string extension) => first.PadRight(BaseLength) + extension.PadRight(ExtensionLength);
}
