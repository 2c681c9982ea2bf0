using System.Text;
using Packer.Configuration;

namespace Packer.Steps.Consoles;

/// <summary>
/// Listens to a machine's serial console: writes all of it to a log file, keeps the end of it as text, and waits for text in it. Text is UTF-8;
/// control sequences are left out of it, so that colours and cursor movements do not tear it apart.
/// </summary>
internal sealed class SerialLog : ISerialConsole, IAsyncDisposable
{
    /// <summary>How much of the console's text is kept: what a wait can look back on.</summary>
    public const int DefaultTailLength = 64 * 1024;

    private const int BufferSize = 16 * 1024;
    private const int ShownTail = 200;
    private static readonly TimeSpan FileInterval = TimeSpan.FromMilliseconds(50);

    private readonly Lock gate = new();
    private readonly StringBuilder tail = new();
    private readonly ControlSequenceFilter filter = new();
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    private readonly CancellationTokenSource stop = new();
    private readonly Stream source;
    private readonly Stream? log;
    private readonly bool follow;
    private readonly int tailLength;
    private TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int searchFrom;
    private string? failure;

    private SerialLog(Stream source, Stream? log, bool follow, int tailLength)
    {
        (this.source, this.log, this.follow, this.tailLength) = (source, log, follow, tailLength);
        Completion = Task.Run(ReadAsync);
    }

    /// <summary>Ends, without failure, when the console has closed.</summary>
    public Task Completion { get; }

    /// <summary>The end of what the console has shown, as text.</summary>
    public string Tail
    {
        get { lock (gate) return tail.ToString(); }
    }

    /// <summary>Listens to a connection, such as a socket of QEMU's <c>-chardev socket</c>.</summary>
    /// <param name="source">The connection; it is disposed with the log.</param>
    /// <param name="logFile">Full path of the file that all bytes are written to as they come; an old one is replaced.</param>
    /// <param name="tailLength">Characters to keep.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be made.</exception>
    public static SerialLog FromStream(Stream source, string logFile, int tailLength = DefaultTailLength) =>
        new(source, new FileStream(logFile, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0), follow: false, tailLength);

    /// <summary>Listens to a file that the machine's console is written to, such as that of QEMU's <c>-serial file:</c>. It never ends by itself.</summary>
    /// <param name="file">Full path; the file must exist.</param>
    /// <param name="tailLength">Characters to keep.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be opened.</exception>
    public static SerialLog FromFile(string file, int tailLength = DefaultTailLength) =>
        new(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0), log: null, follow: true, tailLength);

    /// <inheritdoc />
    public async Task WaitForTextAsync(string text, TimeSpan timeout, CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(timeout);
        try
        {
            while (true)
            {
                Task next;
                // Asked before the text is looked at: what came just before the end is found.
                var ended = Completion.IsCompleted;
                lock (gate)
                {
                    if (Find(text)) return;
                    next = arrived.Task;
                }
                if (ended)
                {
                    throw new PackerException(DiagnosticCodes.MachineConnectionLost,
                        $"The serial console closed while '{text}' was waited for: {failure ?? "the machine has ended"}. {LastShown()}");
                }
                await Task.WhenAny(next, Completion).WaitAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw new PackerException(DiagnosticCodes.BootWaitTimedOut,
                $"'{text}' did not come on the serial console within {DurationFormat.Format(timeout)}. {LastShown()} "
                + "Correct the text, give it more time, or let the guest use its serial console.");
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Completion;
        await source.DisposeAsync();
        if (log is not null) await log.DisposeAsync();
        stop.Dispose();
    }

    private bool Find(string text)
    {
        var index = tail.ToString(searchFrom, tail.Length - searchFrom).IndexOf(text, StringComparison.Ordinal);
        if (index < 0) return false;
        searchFrom += index + text.Length;
        return true;
    }

    private string LastShown()
    {
        var shown = Tail.TrimEnd();
        return shown.Length == 0 ? "It has shown nothing." : $"The last it has shown: '{(shown.Length <= ShownTail ? shown : "…" + shown[^ShownTail..])}'.";
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[BufferSize];
        try
        {
            while (true)
            {
                var count = await source.ReadAsync(buffer, stop.Token);
                if (count > 0)
                {
                    Append(buffer.AsSpan(0, count));
                    if (log is not null) await log.WriteAsync(buffer.AsMemory(0, count), stop.Token);
                }
                else if (follow)
                {
                    await Task.Delay(FileInterval, stop.Token);
                }
                else
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The log is being disposed.
        }
        catch (IOException exception)
        {
            // The connection broke, or the disk is full: whoever waits is told.
            failure = exception.Message.TrimEnd('.');
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        TaskCompletionSource wake;
        lock (gate)
        {
            filter.Append(characters.AsSpan(0, decoder.GetChars(bytes, characters, flush: false)), tail);
            if (tail.Length > tailLength)
            {
                searchFrom = Math.Max(0, searchFrom - (tail.Length - tailLength));
                tail.Remove(0, tail.Length - tailLength);
            }
            wake = arrived;
            arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        wake.SetResult();
    }
}
