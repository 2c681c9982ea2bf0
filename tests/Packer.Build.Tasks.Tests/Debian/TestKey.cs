using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;

namespace Packer.Tests.Debian;

/// <summary>An OpenPGP key made for a test: an Ed25519 primary key, and maybe a subkey that signs in its place.</summary>
internal sealed class TestKey
{
    public static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private const int FlagCertify = 0x01;
    private const int FlagSign = 0x02;

    private readonly PgpKeyPair _primary;
    private readonly PgpKeyPair? _subkey;
    private PgpPublicKey _public;
    private readonly PgpPublicKey? _publicSubkey;

    /// <param name="validFor">How long after its making the key expires.</param>
    /// <param name="madeBefore">How long before <see cref="Now"/> it was made.</param>
    /// <param name="selfHash">The hash function of its own signature.</param>
    /// <param name="maySign">Whether its flags allow to sign data.</param>
    /// <param name="subkey">Whether a subkey signs in place of the primary key.</param>
    /// <param name="boundBack">Whether the subkey names its primary key.</param>
    /// <param name="rsaBits">An RSA key of so many bits instead.</param>
    public TestKey(TimeSpan? validFor = null, TimeSpan? madeBefore = null, HashAlgorithmTag selfHash = HashAlgorithmTag.Sha256, bool maySign = true,
        bool subkey = false, bool boundBack = true, int rsaBits = 0)
    {
        var made = (Now - (madeBefore ?? TimeSpan.FromDays(365))).UtcDateTime;
        _primary = NewPair(made, rsaBits);
        var packets = new PgpSignatureSubpacketGenerator();
        packets.SetSignatureCreationTime(true, made);
        packets.SetKeyFlags(true, maySign && !subkey ? FlagCertify | FlagSign : FlagCertify);
        if (validFor is { } validity) packets.SetKeyExpirationTime(true, (long)validity.TotalSeconds);
        var certifier = new PgpSignatureGenerator(_primary.PublicKey.Algorithm, selfHash);
        certifier.InitSign(PgpSignature.PositiveCertification, _primary.PrivateKey);
        certifier.SetHashedSubpackets(packets.Generate());
        certifier.SetUnhashedSubpackets(Issuer(_primary));
        const string Id = "Test Archive <archive@example.test>";
        _public = PgpPublicKey.AddCertification(_primary.PublicKey, Id, certifier.GenerateCertification(Id, _primary.PublicKey));

        if (!subkey) return;
        _subkey = NewPair(made, 0);
        // The public part of a subkey differs from a primary key's in its packet's tag only.
        var asSubkey = new PgpPublicKey(new PublicSubkeyPacket(PublicKeyPacket.Version4, _subkey.PublicKey.PublicKeyPacket.Algorithm, _subkey.PublicKey.CreationTime, _subkey.PublicKey.PublicKeyPacket.Key));
        var binding = new PgpSignatureSubpacketGenerator();
        binding.SetSignatureCreationTime(true, made);
        binding.SetKeyFlags(true, FlagSign);
        if (boundBack)
        {
            var back = new PgpSignatureGenerator(_subkey.PublicKey.Algorithm, HashAlgorithmTag.Sha256);
            back.InitSign(PgpSignature.PrimaryKeyBinding, _subkey.PrivateKey);
            var backPackets = new PgpSignatureSubpacketGenerator();
            backPackets.SetSignatureCreationTime(true, made);
            back.SetHashedSubpackets(backPackets.Generate());
            binding.AddEmbeddedSignature(true, back.GenerateCertification(_primary.PublicKey, asSubkey));
        }

        var binder = new PgpSignatureGenerator(_primary.PublicKey.Algorithm, HashAlgorithmTag.Sha256);
        binder.InitSign(PgpSignature.SubkeyBinding, _primary.PrivateKey);
        binder.SetHashedSubpackets(binding.Generate());
        binder.SetUnhashedSubpackets(Issuer(_primary));
        _publicSubkey = PgpPublicKey.AddCertification(asSubkey, binder.GenerateCertification(_primary.PublicKey, asSubkey));
    }

    /// <summary>The public key as a keyring file.</summary>
    public byte[] Keyring()
    {
        var content = new MemoryStream();
        _public.Encode(content);
        _publicSubkey?.Encode(content);
        return content.ToArray();
    }

    /// <summary>Adds the key's own revocation to its public part.</summary>
    public void Revoke()
    {
        var generator = new PgpSignatureGenerator(_primary.PublicKey.Algorithm, HashAlgorithmTag.Sha256);
        generator.InitSign(PgpSignature.KeyRevocation, _primary.PrivateKey);
        var packets = new PgpSignatureSubpacketGenerator();
        packets.SetSignatureCreationTime(true, Now.UtcDateTime);
        generator.SetHashedSubpackets(packets.Generate());
        generator.SetUnhashedSubpackets(Issuer(_primary));
        _public = PgpPublicKey.AddCertification(_public, generator.GenerateCertification(_primary.PublicKey));
    }

    /// <summary>The text clear-signed by this key.</summary>
    public string Sign(string text, SignatureOptions? options = null) => ClearSign(text, Signature(text, options));

    /// <summary>The signature packet of a text.</summary>
    public byte[] Signature(string text, SignatureOptions? options = null)
    {
        options ??= new SignatureOptions();
        var pair = _subkey ?? _primary;
        var generator = new PgpSignatureGenerator(pair.PublicKey.Algorithm, options.Hash);
        generator.InitSign(options.Type, pair.PrivateKey);
        var packets = new PgpSignatureSubpacketGenerator();
        packets.SetSignatureCreationTime(true, options.SignedAt);
        if (options.ExpiresAfter is { } expires) packets.SetSignatureExpirationTime(true, (long)expires.TotalSeconds);
        if (options.UnknownCriticalPart) packets.AddCustomSubpacket(new UnknownPart());
        generator.SetHashedSubpackets(packets.Generate());
        generator.SetUnhashedSubpackets(Issuer(pair));
        generator.Update(Encoding.UTF8.GetBytes(string.Join("\r\n", text.TrimEnd('\n').Split('\n').Select(line => line.TrimEnd(' ', '\t')))));
        return generator.Generate().GetEncoded();
    }

    /// <summary>A text and signature packets in the cleartext signature framework.</summary>
    public static string ClearSign(string text, params byte[][] signatures)
    {
        var escaped = string.Concat(text.TrimEnd('\n').Split('\n').Select(line => (line.StartsWith('-') ? "- " + line : line) + "\n"));
        var armor = Convert.ToBase64String(signatures.SelectMany(signature => signature).ToArray(), Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n");
        return $"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{escaped}-----BEGIN PGP SIGNATURE-----\n\n{armor}\n-----END PGP SIGNATURE-----\n";
    }

    private static PgpKeyPair NewPair(DateTime made, int rsaBits)
    {
        if (rsaBits > 0)
        {
            using var rsa = RSA.Create(rsaBits);
            return new PgpKeyPair(PublicKeyAlgorithmTag.RsaGeneral, DotNetUtilities.GetRsaKeyPair(rsa), made);
        }

        var generator = new Ed25519KeyPairGenerator();
        generator.Init(new Ed25519KeyGenerationParameters(new SecureRandom()));
        return new PgpKeyPair(PublicKeyAlgorithmTag.EdDsa_Legacy, generator.GenerateKeyPair(), made);
    }

    private static PgpSignatureSubpacketVector Issuer(PgpKeyPair pair)
    {
        var packets = new PgpSignatureSubpacketGenerator();
        packets.SetIssuerKeyID(false, pair.KeyId);
        return packets.Generate();
    }

    private sealed class UnknownPart() : SignatureSubpacket((SignatureSubpacketTag)105, true, false, [1, 2, 3]);
}
