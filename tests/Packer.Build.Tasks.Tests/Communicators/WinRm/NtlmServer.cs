using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Packer.Tests.Communicators.WinRm;

/// <summary>The server's side of NTLMv2 (MS-NLMP, sections 2.2.1 and 3.3.2), bare or in SPNEGO (RFC 4178), for one user with the password "Password".</summary>
internal sealed class NtlmServer(string user)
{
    private const uint Flags = 0xE2898215 & ~0x00000020u;

    /// <summary>NTOWFv1 of that password, from MS-NLMP, section 4.2.2.1.2: .NET has no MD4.</summary>
    private static readonly byte[] PasswordHash = Convert.FromHexString("A4F49C406510BDCAB6824EE7C30FD852");
    private static readonly byte[] Signature = "NTLMSSP\0"u8.ToArray();

    private readonly byte[] challenge = RandomNumberGenerator.GetBytes(8);

    public bool IsDone { get; private set; }

    /// <summary>Takes a message of the client: whether it is let in, and else the answer, where there is one.</summary>
    public bool Take(byte[] token, out byte[]? answer)
    {
        answer = null;
        var start = token.AsSpan().IndexOf(Signature);
        if (start < 0) return false;
        var message = token[start..];
        switch (BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(8)))
        {
            case 1:
                answer = start == 0 ? Challenge() : Spnego(Challenge());
                return false;
            case 3:
                return IsDone = IsRight(message);
            default:
                return false;
        }
    }

    private byte[] Challenge()
    {
        var name = Encoding.Unicode.GetBytes("WINRM");
        byte[] info = [.. Pair(2, name), .. Pair(1, name), .. Pair(7, BitConverter.GetBytes(DateTime.UtcNow.ToFileTimeUtc())), .. Pair(0, [])];
        const int Head = 56;
        var message = new byte[Head];
        Signature.CopyTo(message, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), 2);
        Field(message, 12, name.Length, Head);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(20), Flags);
        challenge.CopyTo(message, 24);
        Field(message, 40, info.Length, Head + name.Length);
        ((byte[])[6, 1, 0, 0, 0, 0, 0, 15]).CopyTo(message, 48);
        return [.. message, .. name, .. info];
    }

    private bool IsRight(byte[] message)
    {
        var response = Part(message, 20);
        var domain = Encoding.Unicode.GetString(Part(message, 28));
        var name = Encoding.Unicode.GetString(Part(message, 36));
        if (response.Length < 24 || !name.Equals(user, StringComparison.OrdinalIgnoreCase)) return false;
        var key = Mac(PasswordHash, Encoding.Unicode.GetBytes(name.ToUpperInvariant() + domain));
        return CryptographicOperations.FixedTimeEquals(Mac(key, [.. challenge, .. response[16..]]), response.AsSpan(0, 16));
    }

    private static byte[] Spnego(byte[] message)
    {
        byte[] mechanism = [0x06, 0x0A, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0A];
        return Der(0xA1, Der(0x30, [.. Der(0xA0, [0x0A, 0x01, 0x01]), .. Der(0xA1, mechanism), .. Der(0xA2, Der(0x04, message))]));
    }

    private static byte[] Der(byte tag, byte[] content) => content.Length < 128 ? [tag, (byte)content.Length, .. content] : [tag, 0x82, (byte)(content.Length >> 8), (byte)content.Length, .. content];

    private static byte[] Pair(ushort id, byte[] value) => [.. BitConverter.GetBytes(id), .. BitConverter.GetBytes((ushort)value.Length), .. value];

    private static void Field(byte[] message, int at, int length, int offset)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(at), (ushort)length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(at + 2), (ushort)length);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(at + 4), offset);
    }

    private static byte[] Part(byte[] message, int at) => message.AsSpan(BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(at + 4)), BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(at))).ToArray();

    private static byte[] Mac(byte[] key, byte[] data) => HMACMD5.HashData(key, data);
}
