using Packer.Steps.BootCommands;
using Packer.Steps.Keyboards;

namespace Packer.Tests.Steps.Keyboards;

[TestClass]
public sealed class KeyboardLayoutTests
{
    [TestMethod]
    [DataRow("us", "en-us")]
    [DataRow("de", "de")]
    [DataRow("fr", "fr")]
    [DataRow("gb", "en-gb")]
    [DataRow("es", "es")]
    [DataRow("it", "it")]
    [DataRow("se", "sv")]
    [DataRow("ch", "de-ch")]
    [TestCategory("Rig")]
    public async Task A_guest_reads_every_character_that_is_typed(string name, string keymapName)
    {
        Rig.Require("qemu-system-x86_64");
        var layout = KeyboardLayouts.Find(name)!;
        var keymap = QemuKeymap.Read(keymapName);
        var wrong = new List<string>();
        foreach (var character in layout.Characters)
        {
            var keyboard = new RecordingKeyboard();
            var command = new BootCommand([new CharacterToken(0, character, KeyAction.Tap)], []);
            var console = new BootConsole(keyboard) { Layout = layout, PictureDirectory = "/" };
            await new BootCommandTyper(console, new BootTiming(TimeSpan.Zero, TimeSpan.Zero), _ => { }, TimeProvider.System).TypeAsync(command, CancellationToken.None);
            if (!keymap.Gives(keyboard.ScanCodes, (char)character.Value)) wrong.Add($"{character}: {keyboard.ScanCodes}");
        }
        Assert.IsEmpty(wrong, string.Join(", ", wrong));
    }

    [TestMethod]
    public void Every_layout_has_all_of_ASCII()
    {
        foreach (var name in KeyboardLayouts.Names)
        {
            var layout = KeyboardLayouts.Find(name)!;
            var missing = string.Concat(Enumerable.Range(' ', 95).Select(code => (char)code).Where(character => layout.Find(new System.Text.Rune(character)) is null));
            Assert.AreEqual("", missing, name);
        }
    }
}
