using System.Globalization;
using System.Text;

namespace Packer.Communicators.Ssh;

/// <summary>
/// The two directions of a remote <c>scp</c>: the protocol of BSD's rcp, which no standard describes. Each record and each file is answered by one byte:
/// 0 for done, 1 for an error that lets the rest go on, 2 for the end; after 1 and 2 comes a line of text.
/// </summary>
/// <param name="input">What the remote program reads.</param>
/// <param name="output">What it writes.</param>
internal sealed class ScpStream(Stream input, Stream output)
{
    private const int BufferSize = 128 * 1024;
    private const int LongestLine = 64 * 1024;
    private const byte Done = 0;
    private const byte Failed = 2;

    private readonly byte[] received = new byte[BufferSize];
    private readonly byte[] sent = new byte[BufferSize];
    private int position;
    private int length;

    /// <summary>Sends a record, and waits for its answer.</summary>
    public async Task SendAsync(string record, CancellationToken token)
    {
        input.Write(Encoding.UTF8.GetBytes(record + "\n"));
        await AnswerAsync(token).ConfigureAwait(false);
    }

    /// <summary>Sends exactly so many bytes of a stream, and waits for the answer.</summary>
    /// <exception cref="ScpException">The stream has ended before.</exception>
    public async Task SendAsync(Stream content, long count, CancellationToken token)
    {
        while (count > 0)
        {
            var read = await content.ReadAsync(sent.AsMemory(0, (int)Math.Min(sent.Length, count)), token).ConfigureAwait(false);
            if (read == 0) throw new ScpException("the file has become shorter while it was copied");
            input.Write(sent, 0, read);
            count -= read;
        }
        Accept();
        await AnswerAsync(token).ConfigureAwait(false);
    }

    /// <summary>Says that a record or file was taken.</summary>
    public void Accept() => input.Write([Done]);

    /// <summary>Reads a record, or null at the end. Errors that the remote program reports are given to <paramref name="failed"/>.</summary>
    public async Task<string?> ReceiveAsync(Action<string> failed, CancellationToken token)
    {
        while (await ByteAsync(token).ConfigureAwait(false) is var kind and >= 0)
        {
            if (kind > Failed) return (char)kind + await LineAsync(token).ConfigureAwait(false);
            if (kind != Done) failed(await LineAsync(token).ConfigureAwait(false));
            if (kind == Failed) return null;
        }
        return null;
    }

    /// <summary>Receives exactly so many bytes, and the answer after them.</summary>
    /// <param name="content">Where they go, or null for nowhere.</param>
    /// <param name="count">How many.</param>
    /// <param name="token">Cancels it.</param>
    public async Task ReceiveAsync(Stream? content, long count, CancellationToken token)
    {
        while (count > 0)
        {
            if (position == length && !await FillAsync(token).ConfigureAwait(false)) throw Ended();
            var part = (int)Math.Min(count, length - position);
            if (content is not null) await content.WriteAsync(received.AsMemory(position, part), token).ConfigureAwait(false);
            position += part;
            count -= part;
        }
        await AnswerAsync(token).ConfigureAwait(false);
        Accept();
    }

    /// <summary>Reads the fields of a record: <c>C0644 1234 name</c>.</summary>
    /// <exception cref="ScpException">It is malformed, or its name leads out of the folder.</exception>
    public static (char Kind, UnixFileMode Mode, long Size, string Name) Parse(string record)
    {
        var fields = record.Split(' ', 3);
        if (fields.Length != 3 || !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) || fields[0].Length is < 2 or > 6 || fields[0].Skip(1).Any(digit => digit is < '0' or > '7'))
            throw new ScpException($"it sent the record '{record}', which is none of scp");
        // A machine must not be able to write wherever it likes on this side.
        var name = fields[2];
        if (name.Length == 0 || name is "." or ".." || name.Contains('/', StringComparison.Ordinal) || OperatingSystem.IsWindows() && name.AsSpan().ContainsAny('\\', ':'))
            throw new ScpException($"it sent the name '{name}', which is refused");
        return (record[0], UnixModes.Parse(fields[0][1..]), size, name);
    }

    private async Task AnswerAsync(CancellationToken token)
    {
        var answer = await ByteAsync(token).ConfigureAwait(false);
        if (answer < 0) throw Ended();
        if (answer != Done) throw new ScpException((await LineAsync(token).ConfigureAwait(false)).Trim());
    }

    private async Task<string> LineAsync(CancellationToken token)
    {
        var line = new List<byte>();
        while (line.Count < LongestLine)
        {
            var next = await ByteAsync(token).ConfigureAwait(false);
            if (next is < 0 or '\n') return Encoding.UTF8.GetString(line.ToArray());
            line.Add((byte)next);
        }
        throw new ScpException("it sent a record without an end");
    }

    private async Task<int> ByteAsync(CancellationToken token) =>
        position < length || await FillAsync(token).ConfigureAwait(false) ? received[position++] : -1;

    private async Task<bool> FillAsync(CancellationToken token)
    {
        position = 0;
        length = await output.ReadAsync(received, token).ConfigureAwait(false);
        return length > 0;
    }

    private static ScpException Ended() => new("") { IsEnd = true };
}

/// <summary>The remote <c>scp</c> failed.</summary>
/// <param name="message">What it said.</param>
internal sealed class ScpException(string message) : Exception(message)
{
    /// <summary>Whether the program just ended; its exit status and standard error then say why.</summary>
    public bool IsEnd { get; init; }
}
