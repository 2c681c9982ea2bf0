using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Security;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Packer.Communicators.Ssh;

/// <summary>A key pair to log in with: the half that stays here, and the line that the machine must know.</summary>
/// <param name="PrivateKey">Text of the private key: PKCS #8 (RFC 5958), or for ed25519 OpenSSH's own format (PROTOCOL.key).</param>
/// <param name="PublicKey">The line for <c>authorized_keys</c>, without a line end.</param>
internal sealed record SshKeyPair(string PrivateKey, string PublicKey)
{
    private const int RsaBits = 4096;
    private const int EcdsaBits = 521;

    /// <summary>Makes a temporary key pair as the settings say.</summary>
    public static SshKeyPair Generate(CommunicatorConfig config)
    {
        var name = config.TemporaryKeyPairName ?? $"packer_{Guid.NewGuid():D}";
        return config.TemporaryKeyPairType switch
        {
            "ecdsa" => GenerateEcdsa(config.TemporaryKeyPairBits ?? EcdsaBits, name),
            "ed25519" => GenerateEd25519(name),
            _ => GenerateRsa(config.TemporaryKeyPairBits ?? RsaBits, name),
        };
    }

    /// <summary>The key pair of the settings, or null where they name no private key.</summary>
    /// <exception cref="PackerException">The key cannot be used.</exception>
    public static SshKeyPair? Find(CommunicatorConfig config)
    {
        var login = SshLogin.ToMachine(config, keyPair: null);
        if (login.PrivateKey is not { } text) return null;
        using var key = SshAuthentication.ReadKey(text, login.PrivateKeyName, login.Passphrase, certificateFile: null);
        return new SshKeyPair(text, Line(key.HostKeyAlgorithms.First().Data, ""));
    }

    private static SshKeyPair GenerateRsa(int bits, string name)
    {
        using var rsa = RSA.Create(bits);
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        var key = new RsaKeyParameters(isPrivate: false, new Org.BouncyCastle.Math.BigInteger(1, parameters.Modulus!), new Org.BouncyCastle.Math.BigInteger(1, parameters.Exponent!));
        return new SshKeyPair(rsa.ExportPkcs8PrivateKeyPem() + "\n", Line(key, name));
    }

    private static SshKeyPair GenerateEcdsa(int bits, string name)
    {
        using var ecdsa = ECDsa.Create(bits switch { 256 => ECCurve.NamedCurves.nistP256, 384 => ECCurve.NamedCurves.nistP384, _ => ECCurve.NamedCurves.nistP521 });
        return new SshKeyPair(ecdsa.ExportPkcs8PrivateKeyPem() + "\n", Line(PublicKeyFactory.CreateKey(ecdsa.ExportSubjectPublicKeyInfo()), name));
    }

    private static SshKeyPair GenerateEd25519(string name)
    {
        var key = new Ed25519PrivateKeyParameters(new SecureRandom());
        return new SshKeyPair(PemEncoding.WriteString("OPENSSH PRIVATE KEY", OpenSshPrivateKeyUtilities.EncodePrivateKey(key)) + "\n", Line(key.GeneratePublicKey(), name));
    }

    private static string Line(AsymmetricKeyParameter key, string name) => Line(OpenSshPublicKeyUtilities.EncodePublicKey(key), name);

    /// <summary>The line of a key in the form of RFC 4253, section 6.6, which begins with the name of its kind.</summary>
    private static string Line(byte[] blob, string name) =>
        $"{Encoding.ASCII.GetString(blob, 4, BinaryPrimitives.ReadInt32BigEndian(blob))} {Convert.ToBase64String(blob)} {name}".TrimEnd();
}
