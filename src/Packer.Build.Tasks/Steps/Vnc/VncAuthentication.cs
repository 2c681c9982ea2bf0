using System.Security.Cryptography;
using System.Text;

namespace Packer.Steps.Vnc;

/// <summary>VNC Authentication (RFC 6143 section 7.2.2). It protects next to nothing; servers of hypervisors ask for it all the same.</summary>
internal static class VncAuthentication
{
    public const int ChallengeLength = 16;
    private const int KeyLength = 8;

    /// <summary>Answers a server's challenge: encrypts it by DES with the password's first eight characters.</summary>
    public static byte[] Respond(ReadOnlySpan<byte> challenge, string password)
    {
        var key = new byte[KeyLength];
        var bytes = Encoding.Latin1.GetBytes(password);
        // The RFC does not say it, but its errata do and every server does so: the bits of each byte of the key are mirrored.
        for (var index = 0; index < Math.Min(KeyLength, bytes.Length); index++) key[index] = Mirror(bytes[index]);
        return Encrypt(key, challenge);
    }

    private static byte[] Encrypt(byte[] key, ReadOnlySpan<byte> challenge)
    {
        // The protocol allows no other cipher; keys that DES counts as weak, such as that of an empty password, are refused by the class itself.
#pragma warning disable CA5351
        using var cipher = DES.Create();
#pragma warning restore CA5351
        try
        {
            cipher.Key = key;
        }
        catch (CryptographicException exception)
        {
            throw new PackerException(DiagnosticCodes.VncFailed, "The VNC password cannot be used. Set one of 6 to 8 letters and digits.", exception);
        }
        return cipher.EncryptEcb(challenge, PaddingMode.None);
    }

    private static byte Mirror(byte value)
    {
        var mirrored = 0;
        for (var bit = 0; bit < 8; bit++) mirrored |= ((value >> bit) & 1) << (7 - bit);
        return (byte)mirrored;
    }
}
