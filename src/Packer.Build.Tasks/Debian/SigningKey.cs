using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Packer.Debian;

/// <summary>
/// A key of a keyring and what its own signatures say of it: whether it may sign, until when, and whether it is revoked (RFC 9580 sections
/// 5.2.1, 5.2.3 and 10.1). Only signatures that verify are heard, because anyone can add packets to a key's file.
/// </summary>
/// <param name="Key">The key that signs: a primary key or a subkey.</param>
/// <param name="Fingerprint">The fingerprint of the primary key, in upper-case hexadecimal digits: what a user knows the key by.</param>
/// <param name="Expires">When the key, or its primary key, expires; null: never.</param>
/// <param name="Objection">Why the key may not sign, or null.</param>
/// <param name="Revoked">Whether the key, or its primary key, is revoked.</param>
internal sealed record SigningKey(PgpPublicKey Key, string Fingerprint, DateTimeOffset? Expires, string? Objection, bool Revoked)
{
    private const int FlagSignData = 0x02;
    private const string NotForSigning = "it is not a key for signing data";

    /// <summary>The keys of one primary key and its subkeys.</summary>
    public static IEnumerable<SigningKey> Of(PgpPublicKeyRing ring)
    {
        var primary = ring.GetPublicKey();
        var fingerprint = Convert.ToHexString(primary.GetFingerprint());
        var keyData = OpenPgpVerifier.KeyData(primary);
        var direct = Newest(Own(primary, primary.GetKeySignatures(), PgpSignature.DirectKey, keyData));
        var certification = Newest(primary.GetRawUserIds().SelectMany(id => Certifications(primary, id)));
        var revoked = Own(primary, primary.GetSignatures(), PgpSignature.KeyRevocation, keyData).Any();
        var expires = Earliest(Expiry(primary, certification), Expiry(primary, direct));
        var objection = OpenPgpPolicy.Objection(primary);
        if (certification is null && direct is null) objection ??= "no signature of its own with an accepted hash function vouches for its user ids";
        var signs = ((Flags(certification) ?? Flags(direct) ?? FlagSignData) & FlagSignData) != 0;
        yield return new SigningKey(primary, fingerprint, expires, objection ?? (signs ? null : NotForSigning), revoked);

        foreach (var subkey in ring.GetPublicKeys().Where(key => !key.IsMasterKey))
        {
            var subkeyData = OpenPgpVerifier.SubkeyData(primary, subkey);
            var binding = Newest(Own(primary, subkey.GetSignatures(), PgpSignature.SubkeyBinding, subkeyData));
            var subkeyRevoked = Own(primary, subkey.GetSignatures(), PgpSignature.SubkeyRevocation, subkeyData).Any();
            var subkeyObjection = objection ?? OpenPgpPolicy.Objection(subkey)
                ?? (binding is null ? "its primary key does not vouch for it"
                    : ((Flags(binding) ?? 0) & FlagSignData) == 0 ? NotForSigning
                    : !IsBoundBack(subkey, binding, subkeyData) ? "it does not itself vouch for its primary key" : null);
            yield return new SigningKey(subkey, fingerprint, Earliest(expires, Expiry(subkey, binding)), subkeyObjection, revoked || subkeyRevoked);
        }
    }

    // The key's own certifications of a user id that stand: newer than any revocation of it.
    private static IEnumerable<PgpSignature> Certifications(PgpPublicKey primary, byte[] id)
    {
        var data = OpenPgpVerifier.UserIdData(primary, id);
        var valid = (primary.GetSignaturesForId(id) ?? []).Where(signature =>
            signature.KeyId == primary.KeyId && OpenPgpPolicy.Objection(signature) is null && OpenPgpVerifier.Verify(signature, primary, data)).ToArray();
        var revocation = Newest(valid.Where(signature => signature.SignatureType == PgpSignature.CertificationRevocation));
        return valid.Where(signature => signature.SignatureType is >= PgpSignature.DefaultCertification and <= PgpSignature.PositiveCertification
            && (revocation is null || OpenPgpPolicy.Created(revocation) < OpenPgpPolicy.Created(signature)));
    }

    // A revocation counts with a weak hash function too: to refuse more is the safe side.
    private static IEnumerable<PgpSignature> Own(PgpPublicKey primary, IEnumerable<PgpSignature> signatures, int type, byte[] data) =>
        signatures.Where(signature => signature.SignatureType == type
            && signature.KeyId == primary.KeyId
            && (type is PgpSignature.KeyRevocation or PgpSignature.SubkeyRevocation || OpenPgpPolicy.Objection(signature) is null)
            && OpenPgpVerifier.Verify(signature, primary, data));

    // A subkey for signing must name its primary key itself, or a stranger's subkey could be passed off as one's own (RFC 9580 section 5.2.1.9).
    private static bool IsBoundBack(PgpPublicKey subkey, PgpSignature binding, byte[] data) =>
        OpenPgpPolicy.Each(binding.GetHashedSubPackets().GetEmbeddedSignatures()).Concat(OpenPgpPolicy.Each(binding.GetUnhashedSubPackets()?.GetEmbeddedSignatures()))
            .Any(signature => signature.SignatureType == PgpSignature.PrimaryKeyBinding
                && OpenPgpPolicy.Objection(signature) is null
                && OpenPgpVerifier.Verify(signature, subkey, data));

    private static PgpSignature? Newest(IEnumerable<PgpSignature> signatures) => signatures.MaxBy(OpenPgpPolicy.Created);

    private static int? Flags(PgpSignature? signature) =>
        signature?.GetHashedSubPackets() is { } packets && packets.HasSubpacket(SignatureSubpacketTag.KeyFlags) ? packets.GetKeyFlags() : null;

    private static DateTimeOffset? Expiry(PgpPublicKey key, PgpSignature? signature) =>
        signature?.GetHashedSubPackets().GetKeyExpirationTime() is > 0 and var seconds ? OpenPgpPolicy.Created(key).AddSeconds(seconds) : null;

    private static DateTimeOffset? Earliest(DateTimeOffset? one, DateTimeOffset? other) => one is null ? other : other is null || one < other ? one : other;
}
