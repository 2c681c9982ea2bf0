using System.Globalization;
using System.Text;

namespace Packer.Tests.Steps.Keyboards;

/// <summary>
/// Reads scan codes as a guest with a layout would, by the tables that QEMU's authors made of the X Keyboard Extension's data: independent of those
/// of this repository.
/// </summary>
internal sealed class QemuKeymap
{
    public const string Folder = "/usr/share/qemu/keymaps";

    private static readonly Dictionary<string, char> Names = new(StringComparer.Ordinal)
    {
        ["space"] = ' ', ["exclam"] = '!', ["quotedbl"] = '"', ["numbersign"] = '#', ["dollar"] = '$', ["percent"] = '%', ["ampersand"] = '&',
        ["apostrophe"] = '\'', ["parenleft"] = '(', ["parenright"] = ')', ["asterisk"] = '*', ["plus"] = '+', ["comma"] = ',', ["minus"] = '-',
        ["period"] = '.', ["slash"] = '/', ["colon"] = ':', ["semicolon"] = ';', ["less"] = '<', ["equal"] = '=', ["greater"] = '>', ["question"] = '?',
        ["at"] = '@', ["bracketleft"] = '[', ["backslash"] = '\\', ["bracketright"] = ']', ["asciicircum"] = '^', ["underscore"] = '_', ["grave"] = '`',
        ["braceleft"] = '{', ["bar"] = '|', ["braceright"] = '}', ["asciitilde"] = '~',
        ["dead_grave"] = '\u02CB', ["dead_circumflex"] = '\u02C6', ["dead_tilde"] = '\u02DC',
        ["EuroSign"] = '€', ["sterling"] = '£', ["section"] = '§', ["degree"] = '°', ["ssharp"] = 'ß', ["mu"] = 'µ', ["currency"] = '¤', ["notsign"] = '¬',
        ["twosuperior"] = '²', ["threesuperior"] = '³', ["onehalf"] = '½', ["exclamdown"] = '¡', ["questiondown"] = '¿', ["periodcentered"] = '·',
        ["masculine"] = 'º', ["ordfeminine"] = 'ª', ["cent"] = '¢', ["ccedilla"] = 'ç', ["Ccedilla"] = 'Ç', ["ntilde"] = 'ñ', ["Ntilde"] = 'Ñ',
        ["adiaeresis"] = 'ä', ["odiaeresis"] = 'ö', ["udiaeresis"] = 'ü', ["Adiaeresis"] = 'Ä', ["Odiaeresis"] = 'Ö', ["Udiaeresis"] = 'Ü',
        ["eacute"] = 'é', ["egrave"] = 'è', ["agrave"] = 'à', ["ugrave"] = 'ù', ["igrave"] = 'ì', ["ograve"] = 'ò', ["Egrave"] = 'È',
        ["aring"] = 'å', ["Aring"] = 'Å',
    };

    private readonly HashSet<(int ScanCode, bool Shift, bool AltGr, char Character)> keys = [];

    private QemuKeymap()
    {
    }

    public static QemuKeymap Read(string name)
    {
        var map = new QemuKeymap();
        foreach (var words in File.ReadLines(Path.Combine(Folder, name)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (words.Length < 2 || !words[1].StartsWith("0x", StringComparison.Ordinal)) continue;
            var character = words[0].Length == 1 ? words[0][0] : Names.GetValueOrDefault(words[0]);
            if (character == 0) continue;
            var code = int.Parse(words[1].AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            map.keys.Add((code, words.Contains("shift"), words.Contains("altgr"), character));
            if (words.Contains("addupper")) map.keys.Add((code, true, false, char.ToUpperInvariant(character)));
        }
        return map;
    }

    /// <summary>Says whether the guest would read the scan codes as that character.</summary>
    public bool Gives(string scanCodes, char expected)
    {
        var (shift, altGr, prefix) = (false, false, false);
        var struck = new List<(int ScanCode, bool Shift, bool AltGr)>();
        foreach (var word in scanCodes.Split(' '))
        {
            var code = int.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (code == 0xE0) prefix = true;
            else if ((code & 0x7F) == 0x2A) shift = code < 0x80;
            else if (prefix && (code & 0x7F) == 0x38) (altGr, prefix) = (code < 0x80, false);
            else if (code < 0x80) struck.Add((code, shift, altGr));
        }
        if (shift || altGr) return false;
        return struck switch
        {
            [var one] => keys.Contains((one.ScanCode, one.Shift, one.AltGr, expected)),
            // Some of the tables are those of the variant without dead keys.
            [var dead, (0x39, false, false)] => keys.Contains((dead.ScanCode, dead.Shift, dead.AltGr, Dead(expected))) || keys.Contains((dead.ScanCode, dead.Shift, dead.AltGr, expected)),
            _ => false,
        };
    }

    private static char Dead(char alone) => alone switch { '`' => '\u02CB', '^' => '\u02C6', '~' => '\u02DC', _ => '\0' };
}
