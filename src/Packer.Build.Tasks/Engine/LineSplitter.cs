using System.Text;

namespace Packer.Engine;

/// <summary>
/// Cuts a program's output into lines as it comes. Of a line that was drawn over by carriage returns, as progress is, only the last state is kept.
/// A line longer than <see cref="LongestLine"/> is given on in pieces, so that a program without line ends takes no endless memory.
/// </summary>
/// <param name="receive">Receives each line without its end.</param>
internal sealed class LineSplitter(Action<string> receive)
{
    /// <summary>Characters of the longest piece.</summary>
    public const int LongestLine = 64 * 1024;

    private const int BufferSize = 16 * 1024;

    private readonly char[] characters = new char[Encoding.UTF8.GetMaxCharCount(BufferSize)];
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder line = new();
    private bool returned;

    /// <summary>Reads a stream to its end. Bytes that are no UTF-8 become replacement characters.</summary>
    public async Task ReadAsync(Stream stream, CancellationToken token)
    {
        var bytes = new byte[BufferSize];
        int count;
        while ((count = await stream.ReadAsync(bytes, token)) > 0) Add(bytes.AsSpan(0, count));
        Complete();
    }

    /// <summary>Takes the next bytes of the output.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var part = bytes[..Math.Min(bytes.Length, BufferSize)];
            Add(characters.AsSpan(0, decoder.GetChars(part, characters, flush: false)));
            bytes = bytes[part.Length..];
        }
    }

    /// <summary>Ends the output, and with it a last line without an end.</summary>
    public void Complete()
    {
        Add(characters.AsSpan(0, decoder.GetChars([], characters, flush: true)));
        if (line.Length > 0) Emit();
    }

    private void Add(ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            if (text[0] == '\n')
            {
                Emit();
                text = text[1..];
                continue;
            }
            if (text[0] == '\r')
            {
                // Before a line end it is a part of that; before anything else it starts the line anew.
                returned = true;
                text = text[1..];
                continue;
            }
            if (returned) line.Clear();
            returned = false;
            var end = text.IndexOfAny('\n', '\r');
            var length = Math.Min(end < 0 ? text.Length : end, LongestLine - line.Length);
            line.Append(text[..length]);
            text = text[length..];
            if (line.Length == LongestLine) EmitPiece();
        }
    }

    private void Emit()
    {
        returned = false;
        receive(line.ToString());
        line.Clear();
    }

    private void EmitPiece()
    {
        // The two halves of a character stay together.
        var last = line[^1];
        var split = char.IsHighSurrogate(last);
        if (split) line.Length--;
        Emit();
        if (split) line.Append(last);
    }
}
