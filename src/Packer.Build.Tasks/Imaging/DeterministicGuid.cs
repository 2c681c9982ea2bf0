using System.Security.Cryptography;
using System.Text;

namespace Packer.Imaging;

/// <summary>GUIDs that depend on content only: the first 128 bits of a SHA-256, marked as version 8 (RFC 9562, section 5.8).</summary>
internal static class DeterministicGuid
{
    private const int VersionByte = 6;
    private const int VariantByte = 8;

    /// <summary>The GUID of a name, such as a content hash and a purpose (<c>"3f2a…/esp"</c>).</summary>
    public static Guid Create(string name) => FromSha256(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    /// <param name="digest">A SHA-256, 32 bytes.</param>
    public static Guid FromSha256(ReadOnlySpan<byte> digest)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(digest.Length, SHA256.HashSizeInBytes);
        Span<byte> bytes = stackalloc byte[16];
        digest[..bytes.Length].CopyTo(bytes);
        bytes[VersionByte] = (byte)((bytes[VersionByte] & 0x0F) | 0x80);
        bytes[VariantByte] = (byte)((bytes[VariantByte] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
