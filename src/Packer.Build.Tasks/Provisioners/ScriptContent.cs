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

    /// <summary>A file with the line ends of Unix: a shell takes a carriage return for a part of the command.</summary>
    public static async Task<ScriptContent> FromTextFileAsync(string path, CancellationToken token)
    {
        var bytes = await System.IO.File.ReadAllBytesAsync(path, token).ConfigureAwait(false);
        var length = 0;
        for (var index = 0; index < bytes.Length; index++)
        {
            if (bytes[index] == '\r' && index + 1 < bytes.Length && bytes[index + 1] == '\n') continue;
            bytes[length++] = bytes[index];
        }
        return new ScriptContent(path, () => new MemoryStream(bytes, 0, length, writable: false));
    }
}
