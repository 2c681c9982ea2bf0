using System.Text;

namespace Packer.Imaging;

/// <summary>
/// Names and link targets as Linux has them, any bytes, held in .NET strings without loss: valid UTF-8 becomes what it says, and every
/// other byte 0x80–0xFF becomes the lone surrogate U+DC80–U+DCFF (the scheme of Python's PEP 383).
/// </summary>
internal static class FileNames
{
    /// <summary>The longest name of a file in bytes (Linux, NAME_MAX).</summary>
    public const int MaximumNameLength = 255;

    /// <summary>The longest path and link target in bytes (Linux, PATH_MAX without its final zero).</summary>
    public const int MaximumPathLength = 4095;

    private const char EscapeBase = '\uDC00';
    private const char FirstEscape = '\uDC80';
    private const char LastEscape = '\uDCFF';

    /// <summary>The string that stands for bytes.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        Span<char> characters = stackalloc char[2];
        while (bytes.Length > 0)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == System.Buffers.OperationStatus.Done) text.Append(characters[..rune.EncodeToUtf16(characters)]);
            else foreach (var value in bytes[..consumed]) text.Append((char)(EscapeBase + value));
            bytes = bytes[consumed..];
        }
        return text.ToString();
    }

    /// <summary>The bytes that a string stands for.</summary>
    /// <exception cref="ImagingException">The string holds half of a surrogate pair that stands for no byte.</exception>
    public static byte[] Encode(string text)
    {
        if (!HasEscapes(text)) return Encoding.UTF8.GetBytes(text);
        var bytes = new List<byte>(text.Length);
        Span<byte> buffer = stackalloc byte[4];
        for (var index = 0; index < text.Length; index++)
        {
            if (Rune.TryGetRuneAt(text, index, out var rune))
            {
                bytes.AddRange(buffer[..rune.EncodeToUtf8(buffer)]);
                index += rune.Utf16SequenceLength - 1;
            }
            else if (text[index] is >= FirstEscape and <= LastEscape)
            {
                bytes.Add((byte)(text[index] - EscapeBase));
            }
            else
            {
                throw new ImagingException($"The name '{text}' holds half of a surrogate pair (U+{(int)text[index]:X4}). Rename the file.");
            }
        }
        return [.. bytes];
    }

    /// <summary>Tells whether a string stands for bytes that are not UTF-8.</summary>
    public static bool HasEscapes(string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (!char.IsSurrogate(text[index])) continue;
            if (!char.IsSurrogatePair(text, index)) return true;
            index++;
        }
        return false;
    }

    /// <summary>Checks a single name and returns the one string that stands for its bytes.</summary>
    /// <exception cref="ImagingException">No file can have this name.</exception>
    public static string CheckName(string name)
    {
        var bytes = Encode(name);
        if (bytes.Length is 0 or > MaximumNameLength) throw new ImagingException($"The name '{name}' has {bytes.Length} bytes in UTF-8, a name has 1 to {MaximumNameLength}. Shorten it.");
        if (name is "." or "..") throw new ImagingException($"'{name}' cannot be the name of a file. Rename it.");
        if (bytes.AsSpan().ContainsAny((byte)0, (byte)'/')) throw new ImagingException($"The name '{name}' contains a slash or a zero byte. Rename the file.");
        return HasEscapes(name) ? Decode(bytes) : name;
    }

    /// <summary>Checks the target of a symbolic link and returns the one string that stands for its bytes.</summary>
    /// <exception cref="ImagingException">No symbolic link can point there.</exception>
    public static string CheckTarget(string path, string target)
    {
        var bytes = Encode(target);
        if (bytes.Length is 0 or > MaximumPathLength) throw new ImagingException($"The symbolic link '{path}' has a target of {bytes.Length} bytes, a target has 1 to {MaximumPathLength}. Change the target.");
        if (bytes.AsSpan().Contains((byte)0)) throw new ImagingException($"The symbolic link '{path}' has a target with a zero byte. Change the target.");
        return HasEscapes(target) ? Decode(bytes) : target;
    }

    /// <summary>Splits a path at its slashes; empty and <c>.</c> parts are left out, and a leading slash means nothing.</summary>
    /// <exception cref="ImagingException">The path contains <c>..</c> or a name that no file can have.</exception>
    public static IReadOnlyList<string> SplitPath(string path)
    {
        if (path.Length > MaximumPathLength) throw new ImagingException($"The path '{path[..64]}…' is longer than {MaximumPathLength} characters. Shorten it.");
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".").ToArray();
        if (names.Contains("..", StringComparer.Ordinal)) throw new ImagingException($"The path '{path}' contains '..', which could lead out of the image. Write the path without it.");
        for (var index = 0; index < names.Length; index++) names[index] = CheckName(names[index]);
        return names;
    }

    /// <summary>The one way to write a path: a leading slash, no <c>.</c>, no double slash.</summary>
    /// <exception cref="ImagingException">As <see cref="SplitPath"/>.</exception>
    public static string NormalizePath(string path) => "/" + string.Join('/', SplitPath(path));
}
