using Packer.Configuration;
using Packer.Imaging;
using Packer.Imaging.Pictures;
using Packer.Steps.Consoles;
using Packer.Steps.Keyboards;

namespace Packer.Steps.BootCommands;

/// <summary>Carries out boot commands on a machine's consoles.</summary>
/// <param name="console">The machine's consoles.</param>
/// <param name="timing">How fast to type.</param>
/// <param name="report">Is told what is waited for.</param>
/// <param name="clock">Measures the time.</param>
internal sealed class BootCommandTyper(BootConsole console, BootTiming timing, Action<string> report, TimeProvider clock)
{
    /// <summary>How long the keys that are still held may take to be released once the command has failed or was cancelled.</summary>
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Carries out a command. Keys that it leaves pressed are released at its end, after a failure and a cancel too.
    /// </summary>
    /// <exception cref="PackerException">The command has an error, a wait is over in vain, or the machine cannot be reached.</exception>
    public async Task TypeAsync(BootCommand command, CancellationToken token)
    {
        if (command.Check(console.Layout).FirstOrDefault() is { } error) throw new PackerException(error.Code, error.Message);
        var pictures = command.Pictures.ToDictionary(file => file, ReadPicture, StringComparer.Ordinal);
        var held = new List<Key>();
        try
        {
            foreach (var item in command.Tokens)
            {
                token.ThrowIfCancellationRequested();
                await CarryOutAsync(item, pictures, held, token);
            }
        }
        catch
        {
            await ReleaseAfterFailureAsync(held);
            throw;
        }
        while (held.Count > 0) await ReleaseAsync(held[^1], held, token);
    }

    private async Task CarryOutAsync(BootToken item, Dictionary<string, Picture> pictures, List<Key> held, CancellationToken token)
    {
        switch (item)
        {
            case WaitToken wait:
                await PauseAsync(wait.Duration, token);
                break;
            case WaitSerialToken wait:
                report($"Waiting for '{wait.Text}' on the serial console, at most {DurationFormat.Format(wait.Timeout)}");
                await Required(console.Serial, "serial console").WaitForTextAsync(wait.Text, wait.Timeout, token);
                break;
            case WaitStableToken wait:
                report($"Waiting until the screen does not change for {DurationFormat.Format(wait.Unchanged)}, at most {DurationFormat.Format(wait.Timeout)}");
                await new ScreenWait(Required(console.Screen, "screen"), clock).UntilStableAsync(wait.Unchanged, wait.Timeout, token);
                break;
            case WaitPictureToken wait:
                report($"Waiting until the screen looks like '{wait.File}', at most {DurationFormat.Format(wait.Timeout)}");
                await new ScreenWait(Required(console.Screen, "screen"), clock).UntilMatchesAsync(pictures[wait.File], wait.File, wait.Share, wait.Timeout, token);
                break;
            case KeyToken key:
                if (key.Action != KeyAction.Release) await PressAsync(key.Key, held, token);
                if (key.Action != KeyAction.Press) await ReleaseAsync(key.Key, held, token);
                await PauseAsync(timing.KeyGroupInterval, token);
                break;
            case CharacterToken character:
                await TypeAsync(character, held, token);
                await PauseAsync(timing.KeyGroupInterval, token);
                break;
        }
    }

    private async Task TypeAsync(CharacterToken token, List<Key> held, CancellationToken cancel)
    {
        var stroke = console.Layout.Find(token.Character)!;
        Key?[] wanted = [stroke.Shift ? Keys.LeftShift : null, stroke.AltGr ? Keys.RightAlt : null];
        if (token.Action != KeyAction.Release)
        {
            // A modifier that the command itself holds stays as it is.
            var added = wanted.OfType<Key>().Where(key => !IsHeld(key, held)).ToList();
            foreach (var modifier in added) await PressAsync(modifier, held, cancel);
            await PressAsync(stroke.Key, held, cancel);
            if (token.Action == KeyAction.Press) return;
            await ReleaseAsync(stroke.Key, held, cancel);
            foreach (var modifier in Enumerable.Reverse(added)) await ReleaseAsync(modifier, held, cancel);
            if (stroke.Dead)
            {
                await PressAsync(Keys.Spacebar, held, cancel);
                await ReleaseAsync(Keys.Spacebar, held, cancel);
            }
            return;
        }
        await ReleaseAsync(stroke.Key, held, cancel);
        foreach (var modifier in wanted.OfType<Key>().Reverse()) await ReleaseAsync(modifier, held, cancel);
    }

    private static bool IsHeld(Key modifier, List<Key> held) =>
        held.Any(key => key.ScanCode == modifier.ScanCode) || (modifier == Keys.LeftShift && held.Contains(Keys.RightShift));

    private async Task PressAsync(Key key, List<Key> held, CancellationToken token)
    {
        // Noted first: a press that was cut short may have arrived.
        if (!held.Contains(key)) held.Add(key);
        await console.Keyboard.PressAsync(key, token);
        await PauseAsync(timing.KeyInterval, token);
    }

    private async Task ReleaseAsync(Key key, List<Key> held, CancellationToken token)
    {
        await console.Keyboard.ReleaseAsync(key, token);
        held.Remove(key);
        await PauseAsync(timing.KeyInterval, token);
    }

    private async Task ReleaseAfterFailureAsync(List<Key> held)
    {
        using var timeout = new CancellationTokenSource(ReleaseTimeout);
        try
        {
            foreach (var key in Enumerable.Reverse(held)) await console.Keyboard.ReleaseAsync(key, timeout.Token);
        }
        catch (Exception exception) when (exception is PackerException or OperationCanceledException)
        {
            // The machine is gone; the failure that is already on its way says so.
        }
    }

    private Task PauseAsync(TimeSpan duration, CancellationToken token) => duration > TimeSpan.Zero ? Task.Delay(duration, clock, token) : Task.CompletedTask;

    private Picture ReadPicture(string file)
    {
        var path = ConfigPaths.MakeFull(file, console.PictureDirectory);
        try
        {
            return PngReader.Read(File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ImagingException)
        {
            throw new PackerException(DiagnosticCodes.BootPictureUnreadable, $"The picture '{file}' of the boot command cannot be read: {exception.Message}", exception);
        }
    }

    private static T Required<T>(T? part, string name) where T : class => part ?? throw new PackerException(DiagnosticCodes.BootConsoleMissing,
        $"The boot command waits for what the {name} shows, but the machine has none that can be reached. Turn it on, or wait for a time.");
}
