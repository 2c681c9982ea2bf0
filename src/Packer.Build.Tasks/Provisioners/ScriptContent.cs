using System.Text;

namespace Packer.Provisioners;

/// <summary>The bytes of a script as they go to the machine. Each call of <see cref="Open"/> begins anew, for another try.</summary>
internal sealed class ScriptContent
{
    private readonly Func<Stream> open;

    private ScriptContent(string name, Func<Stream> open) => (Name, this.open) = (name, open);

    /// <summary>What messages call the script.</summary>
    public string Name { get; }

    public Stream Open() => open();

    public static ScriptContent FromText(string name, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new ScriptContent(name, () => new MemoryStream(bytes, writable: false));
    }

    /// <summary>A file as it is.</summary>
    public static ScriptContent FromFile(string path) => new(path, () => System.IO.File.OpenRead(path));

    /// <summary>A text file with the line ends of the machine: its shell takes others for a part of the command.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="token">Stops the reading.</param>
    /// <param name="windows">Whether the machine runs Windows.</param>
    public static async Task<ScriptContent> FromTextFileAsync(string path, CancellationToken token, bool windows = false)
    {
        // Of bytes, not of characters: the encoding of the file is its author's.
        var bytes = await System.IO.File.ReadAllBytesAsync(path, token).ConfigureAwait(false);
        var text = new MemoryStream(bytes.Length);
        for (var index = 0; index < bytes.Length; index++)
        {
            var endsLine = bytes[index] == '\r' && index + 1 < bytes.Length && bytes[index + 1] == '\n';
            if (endsLine) continue;
            if (windows && bytes[index] == '\n') text.WriteByte((byte)'\r');
            text.WriteByte(bytes[index]);
        }
        var result = text.ToArray();
        return new ScriptContent(path, () => new MemoryStream(result, writable: false));
    }
}
