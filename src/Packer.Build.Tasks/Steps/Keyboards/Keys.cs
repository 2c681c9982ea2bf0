namespace Packer.Steps.Keyboards;

/// <summary>
/// The keys of a PC keyboard with 105 keys, but for the number pad. Keysyms: X11/keysymdef.h; scan codes: IBM PC scan code set 1;
/// names: QEMU's qapi/ui.json.
/// </summary>
internal static class Keys
{
    public static readonly Key Backspace = new("bs", 0xFF08, 0x0E, "backspace");
    public static readonly Key Tab = new("tab", 0xFF09, 0x0F, "tab");
    public static readonly Key Enter = new("enter", 0xFF0D, 0x1C, "ret");
    public static readonly Key Escape = new("esc", 0xFF1B, 0x01, "esc");
    public static readonly Key Spacebar = new("spacebar", 0x20, 0x39, "spc");
    public static readonly Key LeftShift = new("leftShift", 0xFFE1, 0x2A, "shift");
    public static readonly Key RightShift = new("rightShift", 0xFFE2, 0x36, "shift_r");
    public static readonly Key RightAlt = new("rightAlt", 0xFFEA, 0xE038, "alt_r");

    /// <summary>The keys that a boot command can name, by the names that Packer gives them; letter case does not count.</summary>
    public static readonly IReadOnlyDictionary<string, Key> Named = CreateNamed();

    /// <summary>
    /// The rows of keys that give characters, top down and from left to right: the number row from the key below Escape, the row of Q and the key
    /// that stands at its end or below it (backslash on a US keyboard), the row of A, and the row of Z from the key that only keyboards with 105 keys have.
    /// </summary>
    public static readonly IReadOnlyList<IReadOnlyList<Key>> CharacterRows =
    [
        Row([0x29, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D], "`1234567890-=",
            "grave_accent", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "minus", "equal"),
        Row([0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x2B], @"qwertyuiop[]\",
            "q", "w", "e", "r", "t", "y", "u", "i", "o", "p", "bracket_left", "bracket_right", "backslash"),
        Row([0x1E, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28], "asdfghjkl;'",
            "a", "s", "d", "f", "g", "h", "j", "k", "l", "semicolon", "apostrophe"),
        // The first key gives '<' like the one of ',' does; the broken bar (with Shift and AltGr) is on no other key.
        Row([0x56, 0x2C, 0x2D, 0x2E, 0x2F, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35], "¦zxcvbnm,./",
            "less", "z", "x", "c", "v", "b", "n", "m", "comma", "dot", "slash"),
    ];

    private static Key[] Row(int[] scanCodes, string keysyms, params string[] names) =>
        [.. scanCodes.Select((code, index) => new Key(keysyms[index].ToString(), keysyms[index], code, names[index]))];

    private static Dictionary<string, Key> CreateNamed()
    {
        Key[] keys =
        [
            Backspace, Tab, Enter, Escape, Spacebar, LeftShift, RightShift, RightAlt,
            new("return", 0xFF0D, 0x1C, "ret"),
            new("del", 0xFFFF, 0xE053, "delete"),
            new("insert", 0xFF63, 0xE052, "insert"),
            new("home", 0xFF50, 0xE047, "home"),
            new("end", 0xFF57, 0xE04F, "end"),
            new("pageUp", 0xFF55, 0xE049, "pgup"),
            new("pageDown", 0xFF56, 0xE051, "pgdn"),
            new("up", 0xFF52, 0xE048, "up"),
            new("down", 0xFF54, 0xE050, "down"),
            new("left", 0xFF51, 0xE04B, "left"),
            new("right", 0xFF53, 0xE04D, "right"),
            new("menu", 0xFF67, 0xE05D, "compose"),
            new("leftCtrl", 0xFFE3, 0x1D, "ctrl"),
            new("rightCtrl", 0xFFE4, 0xE01D, "ctrl_r"),
            new("leftAlt", 0xFFE9, 0x38, "alt"),
            new("leftSuper", 0xFFEB, 0xE05B, "meta_l"),
            new("rightSuper", 0xFFEC, 0xE05C, "meta_r"),
            // What a Macintosh calls Command and Option is one key on a PC; the keysyms are Packer's.
            new("leftCommand", 0xFFE9, 0x38, "alt"),
            new("rightCommand", 0xFFEA, 0xE038, "alt_r"),
            new("leftOption", 0xFFE7, 0x38, "alt"),
            new("rightOption", 0xFFE8, 0xE038, "alt_r"),
            .. Enumerable.Range(1, 10).Select(number => new Key($"f{number}", 0xFFBDu + (uint)number, 0x3A + number, $"f{number}")),
            new("f11", 0xFFC8, 0x57, "f11"),
            new("f12", 0xFFC9, 0x58, "f12"),
        ];
        return keys.ToDictionary(key => key.Name, StringComparer.OrdinalIgnoreCase);
    }
}
