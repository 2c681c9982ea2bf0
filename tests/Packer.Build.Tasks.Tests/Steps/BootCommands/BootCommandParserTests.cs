using Packer.Steps.BootCommands;
using Packer.Steps.Keyboards;

namespace Packer.Tests.Steps.BootCommands;

[TestClass]
public sealed class BootCommandParserTests
{
    private static readonly string[] SpecialNames =
    [
        "bs", "del", "enter", "return", "esc", "tab", "spacebar", "insert", "home", "end", "pageUp", "pageDown", "up", "down", "left", "right", "menu",
        "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12",
        "leftAlt", "rightAlt", "leftCtrl", "rightCtrl", "leftShift", "rightShift", "leftSuper", "rightSuper",
        "leftCommand", "rightCommand", "leftOption", "rightOption",
    ];

    [TestMethod]
    public void Every_special_key_is_read_alone_and_with_On_and_Off_in_any_letter_case()
    {
        foreach (var name in SpecialNames)
        {
            Assert.AreEqual($"[{name}]", Show($"<{name}>"));
            Assert.AreEqual($"[{name}]", Show($"<{name.ToUpperInvariant()}>"));
            Assert.AreEqual($"[{name}+]", Show($"<{name}On>"));
            Assert.AreEqual($"[{name}+]", Show($"<{name}oN>"));
            Assert.AreEqual($"[{name}-]", Show($"<{name}Off>"));
        }
        CollectionAssert.AreEquivalent(SpecialNames, Keys.Named.Keys.ToArray());
    }

    [TestMethod]
    [DataRow("bs", 0xFF08u)]
    [DataRow("tab", 0xFF09u)]
    [DataRow("enter", 0xFF0Du)]
    [DataRow("return", 0xFF0Du)]
    [DataRow("esc", 0xFF1Bu)]
    [DataRow("del", 0xFFFFu)]
    [DataRow("home", 0xFF50u)]
    [DataRow("left", 0xFF51u)]
    [DataRow("up", 0xFF52u)]
    [DataRow("right", 0xFF53u)]
    [DataRow("down", 0xFF54u)]
    [DataRow("pageUp", 0xFF55u)]
    [DataRow("pageDown", 0xFF56u)]
    [DataRow("end", 0xFF57u)]
    [DataRow("insert", 0xFF63u)]
    [DataRow("menu", 0xFF67u)]
    [DataRow("f1", 0xFFBEu)]
    [DataRow("f12", 0xFFC9u)]
    [DataRow("leftShift", 0xFFE1u)]
    [DataRow("rightShift", 0xFFE2u)]
    [DataRow("leftCtrl", 0xFFE3u)]
    [DataRow("rightCtrl", 0xFFE4u)]
    [DataRow("leftAlt", 0xFFE9u)]
    [DataRow("rightAlt", 0xFFEAu)]
    [DataRow("leftSuper", 0xFFEBu)]
    [DataRow("rightSuper", 0xFFECu)]
    [DataRow("leftCommand", 0xFFE9u)]
    [DataRow("rightCommand", 0xFFEAu)]
    [DataRow("leftOption", 0xFFE7u)]
    [DataRow("rightOption", 0xFFE8u)]
    [DataRow("spacebar", 0x20u)]
    public void Special_keys_have_Packers_keysyms(string name, uint keysym) => Assert.AreEqual(keysym, Keys.Named[name].Keysym);

    [TestMethod]
    [DataRow("<wait>", "{1s}")]
    [DataRow("<wait5>", "{5s}")]
    [DataRow("<wait1m20s>", "{80s}")]
    [DataRow("<wait1.5s>", "{1.5s}")]
    [DataRow("<wait300ms>", "{0.3s}")]
    [DataRow("<wait10us>", "{1E-05s}")]
    [DataRow("<wait10µs>", "{1E-05s}")]
    [DataRow("a<wait>b", "a{1s}b")]
    [DataRow("<WAIT>", "<WAIT>")]
    [DataRow("<wait5S>", "<wait5S>")]
    [DataRow("<wait05>", "<wait05>")]
    [DataRow("<wait-5>", "<wait-5>")]
    [DataRow("<wait 5>", "<wait 5>")]
    [DataRow("<wait1m20>", "<wait1m20>")]
    [DataRow("<waitx>", "<waitx>")]
    [DataRow("<wait", "<wait")]
    public void Waits_are_read_as_Packer_reads_them(string text, string expected) => Assert.AreEqual(expected, Show(text));

    [TestMethod]
    [DataRow("<aOn>", "(a+)")]
    [DataRow("<aOff>", "(a-)")]
    [DataRow("<Aon>", "(A+)")]
    [DataRow("<5OFF>", "(5-)")]
    [DataRow("<<On>", "(<+)")]
    [DataRow("<>Off>", "(>-)")]
    [DataRow("<éOn>", "(é+)")]
    [DataRow("<😀On>", "(😀+)")]
    [DataRow("<leftCtrlOn>c<leftCtrlOff>", "[leftCtrl+]c[leftCtrl-]")]
    [DataRow("<abOn>", "<abOn>")]
    [DataRow("<On>", "<On>")]
    [DataRow("<unknown>", "<unknown>")]
    [DataRow("<f13>", "<f13>")]
    [DataRow("<enter >", "<enter >")]
    [DataRow("<<enter>>", "<[enter]>")]
    [DataRow("<enter", "<enter")]
    [DataRow("<", "<")]
    [DataRow("", "")]
    [DataRow("linux cfg={{ .HTTPIP }}", "linux cfg={{ .HTTPIP }}")]
    [DataRow("<waitSerialX>", "<waitSerialX>")]
    [DataRow("<waitingForNothing>", "<waitingForNothing>")]
    public void Characters_toggles_and_unknown_names(string text, string expected) => Assert.AreEqual(expected, Show(text));

    [TestMethod]
    [DataRow("<waitSerial \"login:\" 60s>", "{serial 'login:' 60s}")]
    [DataRow("<waitserial 'say \"yes\"' 1m30s>", "{serial 'say \"yes\"' 90s}")]
    [DataRow("<waitSerial \"a \"\"b\"\" > c\" 10>", "{serial 'a \"b\" > c' 10s}")]
    [DataRow("<waitSerial \"x\">", "{serial 'x' 300s}")]
    [DataRow("<waitSerial\"x\">", "{serial 'x' 300s}")]
    [DataRow("<waitScreen stable 2s 60s>", "{stable 2s 60s}")]
    [DataRow("<waitScreen Stable>", "{stable 2s 300s}")]
    [DataRow("<waitScreen stable 500ms>", "{stable 0.5s 300s}")]
    [DataRow("<waitScreen \"menu.png\" 0.9 30s>", "{picture 'menu.png' 0.9 30s}")]
    [DataRow("<waitScreen 'menu.png' 30s>", "{picture 'menu.png' 0.95 30s}")]
    [DataRow("<waitScreen 'menu.png' 1>", "{picture 'menu.png' 1 300s}")]
    [DataRow("<waitScreen 'menu.png'>ok", "{picture 'menu.png' 0.95 300s}ok")]
    public void Waits_for_consoles(string text, string expected) => Assert.AreEqual(expected, Show(text));

    [TestMethod]
    [DataRow("<wait0>", 0, "the time must be above 0 and at most 168h")]
    [DataRow("ab<wait-5s>", 2, "the time must be above 0")]
    [DataRow("<wait99999999999999999999999>", 0, "the time must be above 0")]
    [DataRow("<wait200h>", 0, "at most 168h")]
    [DataRow("a<waitSerial login: 60s>", 1, "must stand in quotes")]
    [DataRow("<waitSerial>", 0, "must stand in quotes")]
    [DataRow("<waitSerial", 0, "must stand in quotes")]
    [DataRow("<waitSerial \"login:>", 0, "the quote \" is not closed")]
    [DataRow("<waitSerial \"\" 5s>", 0, "is empty")]
    [DataRow("<waitSerial \"x\" soon>", 0, "'soon' is no time")]
    [DataRow("<waitSerial \"x\" 0s>", 0, "'0s' is no time")]
    [DataRow("<waitSerial \"x\" 5s 6s>", 0, "'6s' is too much")]
    [DataRow("<waitSerial \"x\" 5s", 0, "no '>'")]
    [DataRow("<waitScreen>", 0, "write <waitScreen stable 2s 60s>")]
    [DataRow("<waitScreen 5s>", 0, "write <waitScreen stable 2s 60s>")]
    [DataRow("<waitScreen stable 10s 5s>", 0, "longer than is waited")]
    [DataRow("<waitScreen \"a.png\" 1.5 5s>", 0, "'1.5' is no share")]
    [DataRow("<waitScreen \"a.png\" 0 5s>", 0, "'0' is no share")]
    [DataRow("<waitScreen \"\">", 0, "is empty")]
    public void Malformed_waits_are_errors_with_their_place(string text, int position, string message)
    {
        var error = BootCommandParser.Parse(text).Errors.First();
        Assert.AreEqual(DiagnosticCodes.BootCommandMalformed, error.Code);
        Assert.AreEqual(position, error.Position);
        StringAssert.Contains(error.Message, message);
        StringAssert.Contains(error.Message, $"at character {position + 1} of the boot command");
    }

    [TestMethod]
    public void Characters_that_the_layout_lacks_are_errors()
    {
        var errors = BootCommandParser.Parse("aé\né").Check(KeyboardLayouts.Us).ToList();
        Assert.HasCount(2, errors);
        StringAssert.Contains(errors[0].Message, "'é' (U+00E9, at character 2), which no key of the keyboard layout 'us' gives");
        StringAssert.Contains(errors[1].Message, "Write '<enter>'");
        Assert.IsEmpty(BootCommandParser.Parse("aé").Check(KeyboardLayouts.Find("FR")!));
    }

    [TestMethod]
    public void Pictures_are_listed_once()
    {
        var command = BootCommandParser.Parse("<waitScreen 'a.png'><waitScreen 'b.png'><waitScreen 'a.png'><waitSerial 'x'>");
        CollectionAssert.AreEqual(new[] { "a.png", "b.png" }, command.Pictures.ToArray());
        Assert.IsTrue(command.NeedsScreen);
        Assert.IsTrue(command.NeedsSerialConsole);
    }

    [TestMethod]
    public void Anything_can_be_read() => Fuzz(20_000);

    [TestMethod]
    [TestCategory("Soak")]
    public void Very_much_of_anything_can_be_read() => Fuzz(1_000_000);

    private static void Fuzz(int count)
    {
        string[] pieces = ["<", ">", "wait", "Serial", "Screen", "stable", "\"", "'", " ", "5s", "1m", "0.9", "On", "Off", "enter", "f1", "leftAlt", "a", "é", "\uD83D", "\uDE00", "\0", "\n", "-", "µs", "99999999999999"];
        var random = new Random(20221);
        for (var round = 0; round < count; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => pieces[random.Next(pieces.Length)]));
            var command = BootCommandParser.Parse(text);
            var places = command.Tokens.Select(token => token.Position).Concat(command.Errors.Select(error => error.Position)).ToList();
            Assert.AreEqual(text.Length > 0, places.Count > 0, text);
            Assert.HasCount(places.Distinct().Count(), places, text);
            Assert.IsTrue(places.All(place => place < text.Length), text);
            _ = command.Check(KeyboardLayouts.Us).Count();
        }
    }

    private static string Show(string text)
    {
        var command = BootCommandParser.Parse(text);
        Assert.IsEmpty(command.Errors, string.Join('\n', command.Errors.Select(error => error.Message)));
        return string.Concat(command.Tokens.Select(Show));
    }

    private static string Show(BootToken token) => FormattableString.Invariant(token switch
    {
        WaitToken wait => $"{{{wait.Duration.TotalSeconds}s}}",
        KeyToken key => $"[{key.Key.Name}{Mark(key.Action)}]",
        CharacterToken { Action: KeyAction.Tap } character => $"{character.Character}",
        CharacterToken character => $"({character.Character}{Mark(character.Action)})",
        WaitSerialToken wait => $"{{serial '{wait.Text}' {wait.Timeout.TotalSeconds}s}}",
        WaitStableToken wait => $"{{stable {wait.Unchanged.TotalSeconds}s {wait.Timeout.TotalSeconds}s}}",
        WaitPictureToken wait => $"{{picture '{wait.File}' {wait.Share} {wait.Timeout.TotalSeconds}s}}",
        _ => $"?",
    });

    private static string Mark(KeyAction action) => action switch { KeyAction.Press => "+", KeyAction.Release => "-", _ => "" };
}
