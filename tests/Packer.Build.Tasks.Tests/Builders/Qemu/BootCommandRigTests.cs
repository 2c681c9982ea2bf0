using Packer.Builders.Qemu.Qmp;
using Packer.Imaging.Pictures;
using Packer.Steps.BootCommands;
using Packer.Steps.Keyboards;
using Packer.Tests.Steps.Keyboards;

namespace Packer.Tests.Builders.Qemu;

/// <summary>Types on a real machine, whose program tells which scan codes arrive.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class BootCommandRigTests
{
    private static readonly BootTiming Timing = new(TimeSpan.FromMilliseconds(15), TimeSpan.Zero);

    /// <summary>Every key that has a name, with what a PC keyboard sends for it (scan code set 1).</summary>
    private static readonly (string Token, string ScanCodes)[] NamedKeys =
    [
        ("bs", "0E 8E"), ("del", "E0 53 E0 D3"), ("enter", "1C 9C"), ("return", "1C 9C"), ("esc", "01 81"), ("tab", "0F 8F"), ("spacebar", "39 B9"),
        ("insert", "E0 52 E0 D2"), ("home", "E0 47 E0 C7"), ("end", "E0 4F E0 CF"), ("pageUp", "E0 49 E0 C9"), ("pageDown", "E0 51 E0 D1"),
        ("up", "E0 48 E0 C8"), ("down", "E0 50 E0 D0"), ("left", "E0 4B E0 CB"), ("right", "E0 4D E0 CD"), ("menu", "E0 5D E0 DD"),
        ("f1", "3B BB"), ("f2", "3C BC"), ("f3", "3D BD"), ("f4", "3E BE"), ("f5", "3F BF"), ("f6", "40 C0"), ("f7", "41 C1"), ("f8", "42 C2"),
        ("f9", "43 C3"), ("f10", "44 C4"), ("f11", "57 D7"), ("f12", "58 D8"),
        ("leftAlt", "38 B8"), ("rightAlt", "E0 38 E0 B8"), ("leftCtrl", "1D 9D"), ("rightCtrl", "E0 1D E0 9D"), ("leftShift", "2A AA"), ("rightShift", "36 B6"),
        ("leftSuper", "E0 5B E0 DB"), ("rightSuper", "E0 5C E0 DC"), ("leftCommand", "38 B8"), ("rightCommand", "E0 38 E0 B8"),
        ("leftOption", "38 B8"), ("rightOption", "E0 38 E0 B8"),
    ];

    [TestMethod]
    [DataRow("qmp")]
    [DataRow("vnc")]
    [DataRow("vnc-keysym")]
    public async Task Every_token_arrives_as_its_scan_codes(string kind)
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho);
        await using var vnc = await machine.ConnectVncAsync();
        await machine.RunUntilReadyAsync();
        Assert.IsTrue(vnc.SendsPlaces);
        vnc.SendsPlaces = kind == "vnc";
        IKeyboard keyboard = kind == "qmp" ? new QmpKeyboard(machine.Qmp) : vnc;

        CollectionAssert.AreEquivalent(Keys.Named.Keys.ToArray(), NamedKeys.Select(key => key.Token).ToArray());
        await ExpectAsync(machine, keyboard, string.Concat(NamedKeys.Select(key => $"<{key.Token}>")), string.Join(' ', NamedKeys.Select(key => key.ScanCodes)));
        await ExpectAsync(machine, keyboard, "<leftCtrlOn><leftAltOn><del><leftAltOff><leftCtrlOff>", "1D 38 E0 53 E0 D3 B8 9D");
        await ExpectAsync(machine, keyboard, "<xOn><wait100ms><xOff>", "2D AD");
        await ExpectAsync(machine, keyboard, "<XOn><XOff>", "2A 2D AD AA");
        await ExpectAsync(machine, keyboard, "<leftShiftOn>ab<leftShiftOff>", "2A 1E 9E 30 B0 AA");
        await ExpectAsync(machine, keyboard, "<nope>", "2A 33 B3 AA 31 B1 18 98 19 99 12 92 2A 34 B4 AA");
        // Held at the end: released all the same, the last one first.
        await ExpectAsync(machine, keyboard, "<rightCtrlOn><f1On><aOn>", "E0 1D 3B 1E 9E BB E0 9D");
    }

    [TestMethod]
    [DataRow("qmp", "us", "en-us")]
    [DataRow("vnc", "de", "de")]
    [DataRow("vnc-keysym", "us", "en-us")]
    [DataRow("vnc-keysym", "de", "de")]
    [DataRow("vnc-keysym", "fr", "fr")]
    [DataRow("vnc-keysym", "gb", "en-gb")]
    public async Task Every_character_arrives_as_the_guests_layout_has_it(string kind, string name, string keymapName)
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho);
        await using var vnc = await machine.ConnectVncAsync();
        await machine.RunUntilReadyAsync();
        vnc.SendsPlaces = kind == "vnc";
        IKeyboard keyboard = kind == "qmp" ? new QmpKeyboard(machine.Qmp) : vnc;
        var (layout, keymap) = (KeyboardLayouts.Find(name)!, QemuKeymap.Read(keymapName));
        var wrong = new List<string>();
        foreach (var character in layout.Characters)
        {
            var expected = await RecordAsync(character, layout);
            var before = machine.Serial.Tail.Length;
            await Typer(machine, keyboard, layout).TypeAsync(new BootCommand([new CharacterToken(0, character, KeyAction.Tap)], []), CancellationToken.None);
            await UntilAsync(() => machine.Serial.Tail.Length - before >= expected.Length + 1);
            var arrived = machine.Serial.Tail[before..].Trim();
            if (!keymap.Gives(arrived, (char)character.Value)) wrong.Add($"{character}: {arrived}");
        }
        Assert.IsEmpty(wrong, string.Join(", ", wrong));
    }

    [TestMethod]
    public async Task Waits_look_at_the_serial_console_and_at_the_screen()
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho);
        await machine.RunUntilReadyAsync();
        await machine.Qmp.ScreenDumpAsync(Path.Combine(machine.Folder, "ready.png"), CancellationToken.None);
        var reference = PngReader.Read(await File.ReadAllBytesAsync(Path.Combine(machine.Folder, "ready.png")));
        Assert.AreEqual((720, 400), (reference.Width, reference.Height));

        var typer = Typer(machine, new QmpKeyboard(machine.Qmp), KeyboardLayouts.Us);
        var command = BootCommandParser.Parse("<waitScreen 'ready.png' 1 30s>a<waitSerial '1E 9E' 30s>bcd<waitSerial 'A0' 30s><waitScreen stable 500ms 30s>e<waitSerial '92'>");
        await typer.TypeAsync(command, CancellationToken.None);
        StringAssert.Contains(machine.Serial.Tail, "READY\n1E 9E 30 B0 2E AE 20 A0 12 92");

        var failure = await Assert.ThrowsExactlyAsync<PackerException>(
            () => typer.TypeAsync(BootCommandParser.Parse("<waitScreen 'ready.png' 1 500ms>"), CancellationToken.None));
        Assert.AreEqual(DiagnosticCodes.BootWaitTimedOut, failure.Code);
    }

    [TestMethod]
    [DataRow("<waitSerial 'never' 10m>")]
    [DataRow("<waitScreen stable 5m 10m>")]
    [DataRow("<leftShiftOn><wait1s>abc")]
    public async Task A_machine_that_dies_while_it_is_waited_for_gives_a_clear_error(string text)
    {
        await using var machine = await TestMachine.StartAsync(BootSectors.KeyboardEcho);
        await machine.RunUntilReadyAsync();
        var typing = Typer(machine, new QmpKeyboard(machine.Qmp), KeyboardLayouts.Us).TypeAsync(BootCommandParser.Parse(text), CancellationToken.None);
        Assert.IsFalse(typing.IsCompleted);
        machine.Kill();
        var failure = await Assert.ThrowsExactlyAsync<PackerException>(() => typing.WaitAsync(TestMachine.Long));
        Assert.AreEqual(DiagnosticCodes.MachineConnectionLost, failure.Code);
    }

    private static async Task ExpectAsync(TestMachine machine, IKeyboard keyboard, string command, string scanCodes)
    {
        var before = machine.Serial.Tail.Length;
        await Typer(machine, keyboard, KeyboardLayouts.Us).TypeAsync(BootCommandParser.Parse(command), CancellationToken.None);
        await UntilAsync(() => machine.Serial.Tail.Length - before >= scanCodes.Length + 1);
        Assert.AreEqual(scanCodes, machine.Serial.Tail[before..].Trim());
    }

    private static async Task<string> RecordAsync(System.Text.Rune character, KeyboardLayout layout)
    {
        var keyboard = new RecordingKeyboard();
        var console = new BootConsole(keyboard) { Layout = layout, PictureDirectory = "/" };
        await new BootCommandTyper(console, new BootTiming(TimeSpan.Zero, TimeSpan.Zero), _ => { }, TimeProvider.System)
            .TypeAsync(new BootCommand([new CharacterToken(0, character, KeyAction.Tap)], []), CancellationToken.None);
        return keyboard.ScanCodes;
    }

    private static BootCommandTyper Typer(TestMachine machine, IKeyboard keyboard, KeyboardLayout layout) => new(
        new BootConsole(keyboard) { Layout = layout, Serial = machine.Serial, Screen = machine.Screen, PictureDirectory = machine.Folder }, Timing, _ => { }, TimeProvider.System);

    private static async Task UntilAsync(Func<bool> condition)
    {
        // What is missing shows in the comparison that follows.
        for (var start = DateTime.UtcNow; !condition() && DateTime.UtcNow - start < TimeSpan.FromSeconds(20);) await Task.Delay(5);
    }
}
