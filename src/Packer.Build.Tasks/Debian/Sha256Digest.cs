namespace Packer.Debian;

/// <summary>SHA-256 digests as text.</summary>
internal static class Sha256Digest
{
    /// <summary>The number of bytes of a digest.</summary>
    public const int Length = 32;

    /// <summary>Whether the text is 64 hexadecimal digits.</summary>
    public static bool IsValid(string text) => text.Length == 2 * Length && text.All(char.IsAsciiHexDigit);

    /// <summary>A digest in lower-case hexadecimal digits.</summary>
    public static string Format(ReadOnlySpan<byte> digest) => Convert.ToHexStringLower(digest);
}
