using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Packer.Builders.Appliance;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>The files that a signing key may come in.</summary>
[TestClass]
public sealed class SigningKeyTests
{
    private const string Password = "open sesame";

    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);

    [TestMethod]
    public void Pem_and_pkcs_12_are_read_with_and_without_a_password()
    {
        using var folder = new TemporaryFolder();
        using var key = RSA.Create(2048);
        using var certificate = Certify(key);
        var chain = certificate.ExportCertificatePem() + "\n";
        File.WriteAllText(folder["plain.pem"], chain + key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(folder["older.pem"], key.ExportRSAPrivateKeyPem() + "\n" + chain);
        File.WriteAllText(folder["locked.pem"], chain + key.ExportEncryptedPkcs8PrivateKeyPem(Password, Encryption));
        File.WriteAllBytes(folder["plain.p12"], certificate.Export(X509ContentType.Pkcs12));
        File.WriteAllBytes(folder["locked.PFX"], certificate.Export(X509ContentType.Pkcs12, Password));
        foreach (var (name, password) in ((string, string?)[])[("plain.pem", null), ("older.pem", null), ("locked.pem", Password), ("plain.p12", null), ("locked.PFX", Password)])
        {
            using var loaded = SigningKey.Load(Config(folder[name], password));
            Assert.AreEqual(certificate.Thumbprint, loaded!.Thumbprint, name);
            Assert.IsTrue(loaded.HasPrivateKey, name);
        }
        Assert.IsNull(SigningKey.Load(new ApplianceConfig()));
        foreach (var (name, password) in ((string, string?)[])[("locked.pem", null), ("locked.pem", "wrong"), ("locked.PFX", null), ("locked.PFX", "wrong")]) Refuse(folder[name], password, "cannot be used");
    }

    [TestMethod]
    public void What_cannot_sign_for_firmware_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var key = RSA.Create(2048);
        using var certificate = Certify(key);
        using var small = RSA.Create(1024);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var smallCertificate = Certify(small);
        using var curveCertificate = new CertificateRequest("CN=curve", curve, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(folder["public.pem"], certificate.ExportCertificatePem());
        File.WriteAllText(folder["other.pem"], certificate.ExportCertificatePem() + "\n" + small.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(folder["small.pem"], smallCertificate.ExportCertificatePem() + "\n" + small.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(folder["curve.pem"], curveCertificate.ExportCertificatePem() + "\n" + curve.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(folder["nothing.pem"], "");
        File.WriteAllText(folder["nothing.p12"], "");
        Refuse(folder["public.pem"], null, "cannot be used");
        Refuse(folder["other.pem"], null, "cannot be used");
        Refuse(folder["small.pem"], null, "1024 bits");
        Refuse(folder["curve.pem"], null, "RSA");
        Refuse(folder["nothing.pem"], null, "cannot be used");
        Refuse(folder["nothing.p12"], null, "cannot be used");
        Refuse(folder["absent.pem"], null, "absent.pem");
    }

    [TestMethod]
    public void A_key_without_a_unified_kernel_image_is_a_fault()
    {
        Assert.AreEqual("SigningKey", Faults(new ApplianceConfig { SigningKey = "own.pem" }));
        Assert.AreEqual("SigningKeyPassword", Faults(new ApplianceConfig { SigningKeyPassword = Secret.FromLiteral(Password) }));
        Assert.AreEqual("", Faults(new ApplianceConfig { BootMode = "uki", SigningKey = "own.pem", SigningKeyPassword = Secret.FromLiteral(Password) }));
    }

    private static string Faults(ApplianceConfig config)
    {
        var keys = new List<string?>();
        ApplianceRules.Check(config, (_, key, _) => keys.Add(key));
        return string.Join(' ', keys);
    }

    private static void Refuse(string path, string? password, string reason)
    {
        var error = Assert.ThrowsExactly<PackerException>(() => SigningKey.Load(Config(path, password)));
        Assert.AreEqual(DiagnosticCodes.SigningKeyNotUsable, error.Code);
        StringAssert.Contains(error.Message, path);
        StringAssert.Contains(error.Message, reason);
    }

    private static ApplianceConfig Config(string path, string? password) => new() { BootMode = "uki", SigningKey = path, SigningKeyPassword = password is null ? null : Secret.FromLiteral(password) };

    private static X509Certificate2 Certify(RSA key) =>
        new CertificateRequest("CN=our own", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
}
