using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Packer.Builders.Appliance;

/// <summary>The key that signs a unified kernel image.</summary>
internal static class SigningKey
{
    private const int SmallestKey = 2048;

    /// <summary>Reads the key of the settings.</summary>
    /// <returns>The certificate with its key; null where none is set.</returns>
    /// <exception cref="PackerException"><see cref="DiagnosticCodes.SigningKeyNotUsable"/>.</exception>
    public static X509Certificate2? Load(ApplianceConfig config)
    {
        if (config.SigningKey is not { } path) return null;
        X509Certificate2? read = null;
        try
        {
            read = Read(path, config.SigningKeyPassword?.Reveal());
            using var key = read.GetRSAPrivateKey() ?? throw Fault(path, read.HasPrivateKey ? "its key is not an RSA key, which is what firmware takes" : "it has no private key");
            if (key.KeySize < SmallestKey) throw Fault(path, $"its key has {key.KeySize} bits, and firmware takes {SmallestKey} at least");
            return read;
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            read?.Dispose();
            throw Fault(path, exception.Message.TrimEnd('.'), exception);
        }
        catch
        {
            read?.Dispose();
            throw;
        }
    }

    private static X509Certificate2 Read(string path, string? password)
    {
        if (Path.GetExtension(path).ToUpperInvariant() is ".PFX" or ".P12") return X509CertificateLoader.LoadPkcs12FromFile(path, password, X509KeyStorageFlags.EphemeralKeySet);
        return password is null ? X509Certificate2.CreateFromPemFile(path) : X509Certificate2.CreateFromEncryptedPemFile(path, password);
    }

    private static PackerException Fault(string path, string reason, Exception? cause = null) => new(DiagnosticCodes.SigningKeyNotUsable,
        $"The signing key '{path}' cannot be used: {reason}. Give a file with an RSA key of {SmallestKey} bits or more and its certificate, as PEM or PKCS #12, and its password where it has one.", cause);
}
