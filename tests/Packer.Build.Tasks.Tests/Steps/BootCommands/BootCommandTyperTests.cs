using Packer.Imaging.Pictures;
using Packer.Steps.BootCommands;
using Packer.Steps.Consoles;
using Packer.Steps.Keyboards;
using Packer.Tests.Imaging;
using Packer.Tests.Steps.Keyboards;

namespace Packer.Tests.Steps.BootCommands;

[TestClass]
public sealed class BootCommandTyperTests
{
    private static readonly BootTiming NoInterval = new(TimeSpan.Zero, TimeSpan.Zero);

    [TestMethod]
    [DataRow("a", "1E 9E")]
    [DataRow("A", "2A 1E 9E AA")]
    [DataRow("<up>", "E0 48 E0 C8")]
    [DataRow("<leftCtrlOn>c<leftCtrlOff>", "1D 2E AE 9D")]
    [DataRow("<leftCtrlOn><leftAltOn><del>", "1D 38 E0 53 E0 D3 B8 9D")]
    [DataRow("<leftShiftOn>aB<leftShiftOff>", "2A 1E 9E 30 B0 AA")]
    [DataRow("<rightShiftOn>B", "36 30 B0 B6")]
    [DataRow("<aOn>", "1E 9E")]
    [DataRow("<AOn>b<AOff>", "2A 1E 30 B0 9E AA")]
    [DataRow("<aOff>", "9E")]
    public async Task Keys_go_down_and_up_in_order_and_none_stays_down(string command, string scanCodes)
    {
        var keyboard = new RecordingKeyboard();
        await TypeAsync(command, keyboard);
        Assert.AreEqual(scanCodes, keyboard.ScanCodes);
    }

    [TestMethod]
    [DataRow("z", "15 95")]
    [DataRow("@", "E0 38 10 90 E0 B8")]
    [DataRow("^", "29 A9 39 B9")]
    [DataRow("<rightAltOn>q", "E0 38 10 90 E0 B8")]
    public async Task A_layout_decides_which_keys_give_a_character(string command, string scanCodes)
    {
        var keyboard = new RecordingKeyboard();
        await TypeAsync(command, keyboard, layout: KeyboardLayouts.Find("de"));
        Assert.AreEqual(scanCodes, keyboard.ScanCodes);
    }

    [TestMethod]
    public async Task Cancelling_stops_at_once_and_releases_what_is_held()
    {
        using var cancel = new CancellationTokenSource();
        var keyboard = new RecordingKeyboard { Pressing = key => { if (key.Name == "b") cancel.Cancel(); } };
        await Assert.ThrowsAsync<OperationCanceledException>(() => TypeAsync("<leftCtrlOn>abc", keyboard, token: cancel.Token));
        Assert.AreEqual("1D 1E 9E B0 9D", keyboard.ScanCodes);
    }

    [TestMethod]
    public async Task Cancelling_ends_a_wait()
    {
        using var cancel = new CancellationTokenSource();
        var typing = TypeAsync("<leftShiftOn><wait1h>", new RecordingKeyboard { Pressing = _ => cancel.CancelAfter(50) }, token: cancel.Token);
        await Assert.ThrowsAsync<OperationCanceledException>(() => typing.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [TestMethod]
    public async Task A_failure_releases_what_is_held_and_is_told()
    {
        var keyboard = new RecordingKeyboard();
        var failure = await Assert.ThrowsExactlyAsync<PackerException>(() => TypeAsync("<leftAltOn><waitSerial 'x'>", keyboard));
        Assert.AreEqual(DiagnosticCodes.BootConsoleMissing, failure.Code);
        Assert.AreEqual("38 B8", keyboard.ScanCodes);
    }

    [TestMethod]
    public async Task A_command_with_an_error_types_nothing()
    {
        var keyboard = new RecordingKeyboard();
        Assert.AreEqual(DiagnosticCodes.BootCommandMalformed, (await Assert.ThrowsExactlyAsync<PackerException>(() => TypeAsync("a<wait0>", keyboard))).Code);
        Assert.AreEqual(DiagnosticCodes.BootCharacterUntypable, (await Assert.ThrowsExactlyAsync<PackerException>(() => TypeAsync("aé", keyboard))).Code);
        Assert.AreEqual(DiagnosticCodes.BootPictureUnreadable, (await Assert.ThrowsExactlyAsync<PackerException>(() => TypeAsync("a<waitScreen 'none.png'>", keyboard))).Code);
        Assert.AreEqual("", keyboard.ScanCodes);
    }

    [TestMethod]
    public async Task A_picture_is_waited_for()
    {
        using var folder = new TemporaryFolder();
        var reference = Plain(10);
        using (var file = File.Create(Path.Combine(folder.Path, "menu.png"))) PngWriter.Write(reference, file);
        var keyboard = new RecordingKeyboard();
        var screen = new FakeScreen(Plain(200), Plain(100), Plain(12));
        await TypeAsync("<waitScreen 'menu.png' 1 1m>a", keyboard, screen: screen, directory: folder.Path);
        Assert.AreEqual("1E 9E", keyboard.ScanCodes);
        Assert.AreEqual(3, screen.Captures);

        var failure = await Assert.ThrowsExactlyAsync<PackerException>(
            () => TypeAsync("<waitScreen 'menu.png' 0.9 300ms>", keyboard, screen: new FakeScreen(Plain(100)), directory: folder.Path));
        Assert.AreEqual(DiagnosticCodes.BootWaitTimedOut, failure.Code);
        StringAssert.Contains(failure.Message, "at best a share of 0 of the pixels was equal, 0.9 is asked for");
    }

    [TestMethod]
    public async Task A_still_screen_is_waited_for()
    {
        var screen = new FakeScreen(Plain(1), Plain(50), Plain(100), Plain(150));
        await TypeAsync("<waitScreen stable 300ms 1m>", new RecordingKeyboard(), screen: screen);
        Assert.IsGreaterThan(4, screen.Captures);

        var restless = new FakeScreen([.. Enumerable.Range(0, 20).Select(index => Plain((byte)(index % 2 * 100)))]);
        var failure = await Assert.ThrowsExactlyAsync<PackerException>(() => TypeAsync("<waitScreen stable 500ms 1s>", new RecordingKeyboard(), screen: restless));
        Assert.AreEqual(DiagnosticCodes.BootWaitTimedOut, failure.Code);
    }

    private static Task TypeAsync(
        string text, IKeyboard keyboard, KeyboardLayout? layout = null, IScreen? screen = null, string directory = "/", CancellationToken token = default)
    {
        var console = new BootConsole(keyboard) { Layout = layout ?? KeyboardLayouts.Us, Screen = screen, PictureDirectory = directory };
        return new BootCommandTyper(console, NoInterval, _ => { }, TimeProvider.System).TypeAsync(BootCommandParser.Parse(text), token);
    }

    private static Picture Plain(byte value)
    {
        var pixels = new byte[8 * 4 * 4];
        pixels.AsSpan().Fill(value);
        for (var index = 3; index < pixels.Length; index += 4) pixels[index] = 255;
        return new Picture(8, 4, pixels);
    }

    /// <summary>Shows one picture after the other and stays with the last.</summary>
    private sealed class FakeScreen(params Picture[] pictures) : IScreen
    {
        public int Captures { get; private set; }

        public Task<Picture> CaptureAsync(CancellationToken token) => Task.FromResult(pictures[Math.Min(Captures++, pictures.Length - 1)]);
    }
}
