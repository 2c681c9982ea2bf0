namespace Packer.Steps.Keyboards;

/// <summary>
/// The layouts that are known: ASCII in full, and what else is printed on such keyboards. Source: the default variants in the symbols of the X Keyboard
/// Extension's data (xkeyboard-config 2.35: us, de, fr, gb, es, it, se, ch).
/// </summary>
internal static class KeyboardLayouts
{
    public static readonly KeyboardLayout Us = new("us",
        ["`1234567890-=", @"qwertyuiop[]\", "asdfghjkl;'", " zxcvbnm,./"],
        ["~!@#$%^&*()_+", "QWERTYUIOP{}|", "ASDFGHJKL:\"", " ZXCVBNM<>?"]);

    private static readonly KeyboardLayout[] All =
    [
        Us,
        new("de",
            ["\u02C61234567890ß ", "qwertzuiopü+#", "asdfghjklöä", "<yxcvbnm,.-"],
            ["°!\"§$%&/()=?\u02CB", "QWERTZUIOPÜ*'", "ASDFGHJKLÖÄ", ">YXCVBNM;:_"],
            ["  ²³   {[]}\\ ", "@ €        ~ ", "           ", "|      µ   "]),
        // The key below Escape gives '~' with Shift only in this source; AltGr and 2 gives it everywhere.
        new("fr",
            ["²&é\"'(-è_çà)=", "azertyuiop\u02C6$*", "qsdfghjklmù", "<wxcvbn,;:!"],
            [" 1234567890°+", "AZERTYUIOP £µ", "QSDFGHJKLM%", ">WXCVBN?./§"],
            ["  ~#{[|`\\^@]}", "  €        ¤ ", "           ", "           "]),
        new("gb",
            ["`1234567890-=", "qwertyuiop[]#", "asdfghjkl;'", "\\zxcvbnm,./"],
            ["¬!\"£$%^&*()_+", "QWERTYUIOP{}~", "ASDFGHJKL:@", "|ZXCVBNM<>?"],
            ["    €        "]),
        new("es",
            ["º1234567890'¡", "qwertyuiop\u02CB+ç", "asdfghjklñ ", "<zxcvbnm,.-"],
            ["ª!\"·$%&/()=?¿", "QWERTYUIOP\u02C6*Ç", "ASDFGHJKLÑ ", ">ZXCVBNM;:_"],
            ["\\|@#~        ", "  €       []}", "          {", "           "]),
        new("it",
            ["\\1234567890'ì", "qwertyuiopè+ù", "asdfghjklòà", "<zxcvbnm,.-"],
            ["|!\"£$%&/()=?^", "QWERTYUIOPé*§", "ASDFGHJKLç°", ">ZXCVBNM;:_"],
            ["       {[]}`~", "  €       [] ", "         @#", "           "]),
        new("se",
            ["§1234567890+ ", "qwertyuiopå '", "asdfghjklöä", "<zxcvbnm,.-"],
            ["½!\"#¤%&/()=?\u02CB", "QWERTYUIOPÅ\u02C6*", "ASDFGHJKLÖÄ", ">ZXCVBNM;:_"],
            ["  @£$  {[]}\\ ", "  €        \u02DC ", "           ", "|      µ   "]),
        // AltGr and 1 gives '|' in this source too, but on Windows another character.
        new("ch",
            ["§1234567890'\u02C6", "qwertzuiopü $", "asdfghjklöä", "<yxcvbnm,.-"],
            ["°+\"*ç%&/()=?\u02CB", "QWERTZUIOPè!£", "ASDFGHJKLéà", ">YXCVBNM;:_"],
            ["  @#   |¢]} \u02DC", "  €       []}", "          {", "\\          "]),
    ];

    /// <summary>The names of the layouts.</summary>
    public static IEnumerable<string> Names => All.Select(layout => layout.Name);

    /// <summary>The layout of a name, in any letter case; null where there is none.</summary>
    public static KeyboardLayout? Find(string name) => All.FirstOrDefault(layout => layout.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
