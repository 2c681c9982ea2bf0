using System.Security.Cryptography;

namespace Packer.Communicators.Ssh;

/// <summary>Decides which host key a machine may show: the first one seen, any, or one with a given fingerprint. Safe for several threads.</summary>
/// <param name="policy"><c>pin</c>, <c>none</c>, or a fingerprint <c>SHA256:…</c>.</param>
internal sealed class HostKeyPolicy(string policy)
{
    private const string Pin = "pin";
    private const string None = "none";
    private const string FingerprintPrefix = "SHA256:";

    private readonly Lock gate = new();
    private string? pinned;

    /// <summary>Whether a setting is a policy.</summary>
    public static bool IsValid(string policy) => policy is Pin or None || policy.StartsWith(FingerprintPrefix, StringComparison.Ordinal) && IsDigest(policy[FingerprintPrefix.Length..]);

    /// <summary>The fingerprint of a key as OpenSSH prints it: <c>SHA256:</c> and base64 without padding.</summary>
    public static string Fingerprint(ReadOnlySpan<byte> key) => FingerprintPrefix + Convert.ToBase64String(SHA256.HashData(key)).TrimEnd('=');

    /// <summary>Checks a key.</summary>
    /// <param name="key">The public key in the form of RFC 4253, section 6.6.</param>
    /// <param name="machine">Whose it is, for the message.</param>
    /// <returns>Null where it is accepted, else what is wrong and what to do.</returns>
    public string? Refuse(ReadOnlySpan<byte> key, string machine)
    {
        if (policy == None) return null;
        var seen = Fingerprint(key);
        if (policy != Pin)
        {
            return string.Equals(policy.TrimEnd('='), seen, StringComparison.Ordinal) ? null
                : $"{machine} has the host key {seen}, but SshHostKeyPolicy allows only {policy}. Something else answers at this address, or the key has been renewed: then correct SshHostKeyPolicy.";
        }
        lock (gate)
        {
            pinned ??= seen;
            return pinned == seen ? null
                : $"{machine} has the host key {seen} now, but had {pinned} at the beginning of the build. Something else answers at this address, or the machine has made new keys: then set SshHostKeyPolicy to 'none'.";
        }
    }

    private static bool IsDigest(string text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes + 3];
        var plain = text.TrimEnd('=');
        return Convert.TryFromBase64String(plain.PadRight((plain.Length + 3) / 4 * 4, '='), digest, out var length) && length == SHA256.HashSizeInBytes;
    }
}
