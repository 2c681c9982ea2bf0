using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Packer.Debian;

/// <summary>Text that a trusted key has signed.</summary>
/// <param name="Text">The signed text, and nothing else of the file.</param>
/// <param name="Fingerprint">The fingerprint of the primary key whose signature verified, in upper-case hexadecimal digits.</param>
/// <param name="SignedAt">When it was signed, as the signature says.</param>
internal sealed record VerifiedText(string Text, string Fingerprint, DateTimeOffset SignedAt);

/// <summary>Verifies clear-signed files such as InRelease (RFC 4880 section 7, RFC 9580 section 7; Debian repository format, "InRelease").</summary>
internal static class ClearSignedFile
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromDays(1);

    /// <summary>The signed text, when at least one signature of a trusted key verifies.</summary>
    /// <param name="content">The bytes of the file.</param>
    /// <param name="keyring">The trusted keys.</param>
    /// <param name="now">The present time.</param>
    /// <param name="where">The path or address of the file, for messages.</param>
    /// <exception cref="DebianException"><see cref="DebianError.SignatureInvalid"/>, <see cref="DebianError.SignatureUntrusted"/> or
    /// <see cref="DebianError.SignatureExpired"/>: the most telling of the reasons why each of the signatures does not count.</exception>
    public static VerifiedText Verify(byte[] content, ArchiveKeyring keyring, DateTimeOffset now, string where)
    {
        var parts = ClearSignedText.Parse(content, where);
        var failures = new List<DebianException>();
        foreach (var signature in ReadSignatures(parts.Signatures, where))
        {
            var keys = keyring.Find(signature.KeyId).ToArray();
            if (keys.Length == 0)
            {
                failures.Add(new DebianException(DebianError.SignatureUntrusted,
                    $"{where} is signed by the key {signature.KeyId:X16}, which is not in the keyring. For a private mirror, give the keyring file that it signs with; for a mirror of Debian, use another."));
            }

            foreach (var key in keys)
            {
                if (Check(signature, key, parts.Canonical, now, where) is { } failure) failures.Add(failure);
                else return new VerifiedText(Decode(parts, where), key.Fingerprint, OpenPgpPolicy.Created(signature));
            }
        }

        // A known key that fails says more than an unknown one.
        throw failures.OrderBy(failure => failure.Error == DebianError.SignatureUntrusted).FirstOrDefault() ?? ClearSignedText.Invalid(where, "it has no signature");
    }

    private static List<PgpSignature> ReadSignatures(byte[] packets, string where)
    {
        try
        {
            var factory = new PgpObjectFactory(packets);
            if (factory.NextPgpObject() is not PgpSignatureList list || factory.NextPgpObject() is not null)
                throw ClearSignedText.Invalid(where, "the armor holds something else than signatures");
            return [.. OpenPgpPolicy.Each(list)];
        }
        catch (Exception exception) when (exception is not (DebianException or OutOfMemoryException))
        {
            // The decoder throws many kinds for malformed packets.
            throw ClearSignedText.Invalid(where, "the signature packets cannot be read", exception);
        }
    }

    private static DebianException? Check(PgpSignature signature, SigningKey key, byte[] text, DateTimeOffset now, string where)
    {
        if (signature.SignatureType != PgpSignature.CanonicalTextDocument) return ClearSignedText.Invalid(where, "it is not a signature of a text");
        if (OpenPgpPolicy.Objection(signature) is { } objection) return ClearSignedText.Invalid(where, objection);
        if (key.Objection is { } keyObjection) return ClearSignedText.Invalid(where, $"the key {key.Fingerprint} may not sign it, because {keyObjection}");
        if (!OpenPgpVerifier.Verify(signature, key.Key, text)) return ClearSignedText.Invalid(where, $"the text is not what the key {key.Fingerprint} has signed");

        // Only now is it known that the times are the key holder's.
        var created = OpenPgpPolicy.Created(signature);
        if (key.Revoked) return Expired(where, $"the key {key.Fingerprint} is revoked");
        if (created > now + ClockTolerance || created < OpenPgpPolicy.Created(key.Key))
            return ClearSignedText.Invalid(where, $"it claims to be made at {created:u}, which cannot be; see whether the clock of this machine is right");
        if (key.Expires < created) return Expired(where, $"the key {key.Fingerprint} had expired at {key.Expires:u} when the signature was made");
        var seconds = signature.GetHashedSubPackets().GetSignatureExpirationTime();
        if (seconds > 0 && created.AddSeconds(seconds) < now) return Expired(where, $"it expired at {created.AddSeconds(seconds):u}");
        return null;
    }

    private static string Decode(ClearSignedText parts, string where)
    {
        try
        {
            return parts.Text();
        }
        catch (ArgumentException exception)
        {
            throw DebianException.Damaged(where, "its text is not UTF-8", exception);
        }
    }

    private static DebianException Expired(string where, string what) => new(DebianError.SignatureExpired,
        $"The signature of {where} is no longer valid: {what}. Update Packer.Sdk, which brings Debian's keys, or give the mirror's present keyring file.");
}
