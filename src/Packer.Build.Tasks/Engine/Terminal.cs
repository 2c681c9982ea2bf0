using System.Text;

namespace Packer.Engine;

/// <summary>
/// The terminal of the person who started the build. It is opened as a device, because the standard input of an MSBuild node is not the
/// terminal.
/// </summary>
internal sealed class Terminal
{
    private readonly string input = OperatingSystem.IsWindows() ? "CONIN$" : "/dev/tty";
    private readonly string output = OperatingSystem.IsWindows() ? "CONOUT$" : "/dev/tty";
    private readonly Lazy<bool> available;

    public Terminal() => available = new Lazy<bool>(CanOpen);

    public bool IsAvailable => available.Value;

    /// <exception cref="PackerException">There is no terminal.</exception>
    public async Task<string> AskAsync(string query, CancellationToken token)
    {
        if (!IsAvailable)
            throw new PackerException(DiagnosticCodes.NoTerminal, "The build wants to ask a question, but there is no terminal. Run it from a terminal, or without PackerDebug and PackerOnError=ask.");
        await using (var writer = new FileStream(output, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 1))
        {
            await writer.WriteAsync(Encoding.UTF8.GetBytes(query + " "), token).ConfigureAwait(false);
            await writer.FlushAsync(token).ConfigureAwait(false);
        }
        // A read of a terminal cannot be cancelled: it is left behind on a thread of its own, and a line typed later is dropped with it.
        var line = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => ReadLine(line)) { IsBackground = true, Name = "Packer terminal" }.Start();
        return await line.Task.WaitAsync(token).ConfigureAwait(false);
    }

    private void ReadLine(TaskCompletionSource<string> result)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(input, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1), Encoding.UTF8);
            result.TrySetResult(reader.ReadLine() ?? "");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            result.TrySetException(new PackerException(DiagnosticCodes.NoTerminal, $"The terminal cannot be read: {exception.Message}", exception));
        }
    }

    private bool CanOpen()
    {
        try
        {
            using var reader = new FileStream(input, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return false;
        }
    }
}
