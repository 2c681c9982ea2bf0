namespace Packer.Builders.Qemu;

/// <summary>Keeps what tells what a machine did, or why it did not do what was waited for: its last screen and the end of its serial console.</summary>
/// <param name="context">The build that runs.</param>
/// <param name="serialLog">Full path of the file that QEMU writes the serial console to.</param>
internal sealed class Evidence(BuildContext context, string serialLog)
{
    private const int TailLength = 1 << 16;
    private const int ShownLines = 5;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly string screen = Path.Combine(context.LogDirectory, context.Image + ".screen.png");
    private readonly string console = Path.Combine(context.LogDirectory, context.Image + ".serial.log");

    /// <summary>Removes what an earlier build kept, so that nobody takes it for this one's.</summary>
    public void Clear()
    {
        System.IO.File.Delete(screen);
        System.IO.File.Delete(console);
    }

    /// <summary>Saves the screen of a machine that does well.</summary>
    /// <param name="machine">The machine.</param>
    public Task KeepScreenAsync(QemuMachine machine) => machine.HasExited ? Task.CompletedTask : SaveScreenAsync(machine);

    /// <summary>Saves what there is and adds to an error where it lies.</summary>
    /// <param name="error">What went wrong.</param>
    /// <param name="machine">The machine, or null where it does not run.</param>
    public async Task<PackerException> AddToAsync(PackerException error, QemuMachine? machine)
    {
        var message = error.Message;
        if (machine is { HasExited: false } && await SaveScreenAsync(machine).ConfigureAwait(false)) message += $" The last screen is in '{screen}'.";
        if (SaveConsole() is { } lines) message += lines.Length == 0 ? " The serial console is empty." : $" The serial console is in '{console}'; it ends with '{lines}'.";
        return new PackerException(error.Code, message, error);
    }

    private async Task<bool> SaveScreenAsync(QemuMachine machine)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await machine.SaveScreenAsync(screen, limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is PackerException or IOException or OperationCanceledException or UnauthorizedAccessException)
        {
            context.Ui.Message($"The last screen could not be kept: {exception.Message}");
            return false;
        }
    }

    /// <summary>Copies the end of the console and returns its last lines; null where that cannot be done.</summary>
    private string? SaveConsole()
    {
        try
        {
            using var reader = new FileStream(serialLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            reader.Seek(Math.Max(0, reader.Length - TailLength), SeekOrigin.Begin);
            var tail = new byte[reader.Length - reader.Position];
            reader.ReadExactly(tail);
            System.IO.File.WriteAllBytes(console, tail);
            var lines = Engine.PlainText.WithoutControlCharacters(System.Text.Encoding.UTF8.GetString(tail)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return string.Join(" | ", lines.TakeLast(ShownLines));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
