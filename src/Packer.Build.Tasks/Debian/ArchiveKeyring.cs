using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Packer.Debian;

/// <summary>
/// The public keys whose signatures on an archive are trusted. An immutable set; the root of trust for all that comes from a mirror.
/// </summary>
internal sealed class ArchiveKeyring
{
    private const string ResourcePrefix = "Packer.Debian.Keys.";
    private const long MaximumFileLength = 16 << 20;

    private readonly SigningKey[] _keys;

    private ArchiveKeyring(SigningKey[] keys) => _keys = keys;

    /// <summary>No key at all: to be filled by <see cref="With(byte[],string)"/> where a private mirror signs with its own key only.</summary>
    public static ArchiveKeyring Empty => new([]);

    /// <summary>The keys of the trixie and bookworm archives of Debian: archive, security archive and stable release (debian-archive-keyring).</summary>
    public static ArchiveKeyring Debian()
    {
        var assembly = typeof(ArchiveKeyring).Assembly;
        var keyring = Empty;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            using var content = new MemoryStream();
            stream.CopyTo(content);
            keyring = keyring.With(content.ToArray(), name);
        }

        return keyring;
    }

    /// <summary>These keys and those of a keyring file: OpenPGP public keys, binary (.gpg, .pgp) or armored (.asc).</summary>
    /// <exception cref="DebianException"><see cref="DebianError.KeyringInvalid"/>.</exception>
    public ArchiveKeyring WithFile(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaximumFileLength) throw Invalid(path, "it is too long to be one");
            return With(File.ReadAllBytes(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, exception.Message.TrimEnd('.'), exception);
        }
    }

    /// <summary>These keys and those of the content of a keyring file.</summary>
    /// <exception cref="DebianException"><see cref="DebianError.KeyringInvalid"/>.</exception>
    public ArchiveKeyring With(byte[] content, string where)
    {
        try
        {
            using var stream = PgpUtilities.GetDecoderStream(new MemoryStream(content, writable: false));
            var added = new PgpPublicKeyRingBundle(stream).GetKeyRings().SelectMany(SigningKey.Of).ToArray();
            if (added.Length == 0) throw Invalid(where, "it holds no public key");
            return new ArchiveKeyring([.. _keys, .. added]);
        }
        catch (Exception exception) when (exception is not (DebianException or OutOfMemoryException))
        {
            // The decoder throws many kinds for malformed packets.
            throw Invalid(where, exception.Message.TrimEnd('.'), exception);
        }
    }

    /// <summary>The keys with this key id. An id is only a hint: that the key made a signature is for the signature itself to prove.</summary>
    public IEnumerable<SigningKey> Find(long keyId) => _keys.Where(key => key.Key.KeyId == keyId);

    /// <summary>The fingerprints of the primary keys, in upper-case hexadecimal digits.</summary>
    public IReadOnlyList<string> Fingerprints => [.. _keys.Select(key => key.Fingerprint).Distinct(StringComparer.Ordinal)];

    private static DebianException Invalid(string where, string what, Exception? inner = null) => new(DebianError.KeyringInvalid,
        $"The keyring {where} cannot be used: {what}. Give a file of OpenPGP public keys, such as 'gpg --export' or 'gpg --export --armor' writes.", inner);
}
