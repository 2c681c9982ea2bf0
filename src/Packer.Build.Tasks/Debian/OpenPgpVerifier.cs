using System.Buffers.Binary;
using System.Security.Cryptography;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Packer.Debian;

/// <summary>
/// Computes OpenPGP signatures (RFC 9580 section 5.2.4). RSA goes through .NET itself: BouncyCastle tests the modulus of a key anew for every
/// signature, a fifth of a second each, and a keyring has dozens.
/// </summary>
internal static class OpenPgpVerifier
{
    /// <summary>Whether this key made this signature over the data.</summary>
    /// <param name="signature">The signature.</param>
    /// <param name="key">The key.</param>
    /// <param name="data">What is signed: a canonical text, or what the functions below give for keys.</param>
    public static bool Verify(PgpSignature signature, PgpPublicKey key, ReadOnlySpan<byte> data)
    {
        try
        {
            if (signature.KeyAlgorithm != key.Algorithm && !(IsRsa(signature.KeyAlgorithm) && IsRsa(key.Algorithm))) return false;
            if (key.PublicKeyPacket.Key is RsaPublicBcpgKey rsa) return VerifyRsa(signature, rsa, data);
            signature.InitVerify(key);
            signature.Update(data);
            return signature.Verify();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The decoders throw many kinds for malformed numbers; for a signature they all mean that it does not verify.
            return false;
        }
    }

    /// <summary>What a direct-key signature or a revocation of a key signs.</summary>
    public static byte[] KeyData(PgpPublicKey key)
    {
        var body = key.PublicKeyPacket.GetEncodedContents();
        var data = new byte[3 + body.Length];
        data[0] = 0x99;
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(1), checked((ushort)body.Length));
        body.CopyTo(data.AsSpan(3));
        return data;
    }

    /// <summary>What a certification of a user id signs.</summary>
    public static byte[] UserIdData(PgpPublicKey key, byte[] userId)
    {
        var header = new byte[5];
        header[0] = 0xB4;
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(1), userId.Length);
        return [.. KeyData(key), .. header, .. userId];
    }

    /// <summary>What the signatures that bind a subkey and its primary key to each other sign.</summary>
    public static byte[] SubkeyData(PgpPublicKey primary, PgpPublicKey subkey) => [.. KeyData(primary), .. KeyData(subkey)];

    private static bool IsRsa(PublicKeyAlgorithmTag algorithm) => algorithm is PublicKeyAlgorithmTag.RsaGeneral or PublicKeyAlgorithmTag.RsaSign;

    private static bool VerifyRsa(PgpSignature signature, RsaPublicBcpgKey key, ReadOnlySpan<byte> data)
    {
        var name = signature.HashAlgorithm switch
        {
            HashAlgorithmTag.Sha1 => HashAlgorithmName.SHA1,
            HashAlgorithmTag.Sha256 => HashAlgorithmName.SHA256,
            HashAlgorithmTag.Sha384 => HashAlgorithmName.SHA384,
            HashAlgorithmTag.Sha512 => HashAlgorithmName.SHA512,
            _ => default,
        };
        if (name == default) return false;
        using var hash = IncrementalHash.CreateHash(name);
        hash.AppendData(data);
        hash.AppendData(signature.GetSignatureTrailer());
        var modulus = key.Modulus.ToByteArrayUnsigned();
        using var rsa = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = key.PublicExponent.ToByteArrayUnsigned() });
        var value = signature.GetSignature();
        if (value.Length > modulus.Length) return false;
        // OpenPGP numbers have no leading zeros, PKCS #1 wants the modulus' length.
        var padded = new byte[modulus.Length];
        value.CopyTo(padded.AsSpan(modulus.Length - value.Length));
        return rsa.VerifyHash(hash.GetHashAndReset(), padded, name, RSASignaturePadding.Pkcs1);
    }
}
