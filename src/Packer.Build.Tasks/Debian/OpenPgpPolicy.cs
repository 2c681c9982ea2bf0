using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Packer.Debian;

/// <summary>
/// Which OpenPGP signatures count at all (RFC 9580 sections 5.2, 9.1 and 9.5): the same rule for the signatures of archives and for those that
/// bind the parts of a key together.
/// </summary>
internal static class OpenPgpPolicy
{
    private const int MinimumRsaBits = 2048;

    private static readonly SignatureSubpacketTag[] Understood =
    [
        SignatureSubpacketTag.CreationTime, SignatureSubpacketTag.ExpireTime, SignatureSubpacketTag.Exportable, SignatureSubpacketTag.Revocable,
        SignatureSubpacketTag.KeyExpireTime, SignatureSubpacketTag.PreferredSymmetricAlgorithms, SignatureSubpacketTag.RevocationKey,
        SignatureSubpacketTag.IssuerKeyId, SignatureSubpacketTag.PreferredHashAlgorithms, SignatureSubpacketTag.PreferredCompressionAlgorithms,
        SignatureSubpacketTag.KeyServerPreferences, SignatureSubpacketTag.PreferredKeyServer, SignatureSubpacketTag.PrimaryUserId,
        SignatureSubpacketTag.PolicyUrl, SignatureSubpacketTag.KeyFlags, SignatureSubpacketTag.SignerUserId, SignatureSubpacketTag.RevocationReason,
        SignatureSubpacketTag.Features, SignatureSubpacketTag.EmbeddedSignature, SignatureSubpacketTag.IssuerFingerprint,
        SignatureSubpacketTag.PreferredAeadAlgorithms,
    ];

    /// <summary>Why a signature is not to be accepted whatever it signs, or null.</summary>
    public static string? Objection(PgpSignature signature)
    {
        // Hash functions in which collisions have been found, or that few ever reviewed, prove nothing: an allow list.
        if (signature.HashAlgorithm is not (HashAlgorithmTag.Sha256 or HashAlgorithmTag.Sha384 or HashAlgorithmTag.Sha512))
            return $"it uses the hash function {signature.HashAlgorithm}, which is not accepted";
        if (signature.Version != 4) return $"it is of version {signature.Version}, and only version 4 is accepted";
        var hashed = signature.GetHashedSubPackets();
        if (hashed is null || !hashed.HasSignatureCreationTime()) return "it does not say when it was made";
        foreach (var tag in hashed.GetCriticalTags())
            if (!Understood.Contains(tag)) return $"it has the critical part {tag}, which is not understood";
        return null;
    }

    /// <summary>Why a key is too weak or of an unknown kind, or null.</summary>
    public static string? Objection(PgpPublicKey key) => key.Version != 4 ? $"it is of version {key.Version}, and only version 4 is accepted" : key.Algorithm switch
    {
        PublicKeyAlgorithmTag.RsaGeneral or PublicKeyAlgorithmTag.RsaSign =>
            key.BitStrength >= MinimumRsaBits ? null : $"it is an RSA key of {key.BitStrength} bits, and {MinimumRsaBits} is the least that is accepted",
        PublicKeyAlgorithmTag.ECDsa or PublicKeyAlgorithmTag.EdDsa_Legacy or PublicKeyAlgorithmTag.Ed25519 or PublicKeyAlgorithmTag.Ed448 => null,
        _ => $"its algorithm {key.Algorithm} is not accepted",
    };

    /// <summary>The signatures of a list.</summary>
    public static IEnumerable<PgpSignature> Each(PgpSignatureList? list)
    {
        for (var i = 0; i < (list?.Count ?? 0); i++) yield return list![i];
    }

    /// <summary>When a signature was made.</summary>
    public static DateTimeOffset Created(PgpSignature signature) => new(DateTime.SpecifyKind(signature.GetHashedSubPackets().GetSignatureCreationTime(), DateTimeKind.Utc));

    /// <summary>When a key was made.</summary>
    public static DateTimeOffset Created(PgpPublicKey key) => new(DateTime.SpecifyKind(key.CreationTime, DateTimeKind.Utc));
}
