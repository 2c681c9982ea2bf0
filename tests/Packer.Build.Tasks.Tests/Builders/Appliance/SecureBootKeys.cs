using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Packer.Imaging;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>Keys of one's own in a machine's firmware, put there by systemd's boot loader (systemd-boot(7), "secure-boot-enroll").</summary>
internal static class SecureBootKeys
{
    private const string Owner = "1654c0de-0000-4000-8000-000000000000";
    private const string BootLoader = "/usr/lib/systemd/boot/efi/systemd-bootx64.efi";

    /// <summary>Makes a key and the lists of it that firmware takes, and returns the path of the key with its certificate.</summary>
    public static async Task<string> CreateAsync(string folder)
    {
        Rig.Require("cert-to-efi-sig-list", "sign-efi-sig-list");
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=our own", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        var (keyFile, certificateFile, signer) = (Path.Combine(folder, "own.key"), Path.Combine(folder, "own.crt"), Path.Combine(folder, "own.pem"));
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(signer, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        var list = Path.Combine(folder, "own.esl");
        await Tool.RunAsync("cert-to-efi-sig-list", "-g", Owner, certificateFile, list);
        foreach (var name in (string[])["PK", "KEK", "db"]) await Tool.RunAsync("sign-efi-sig-list", "-g", Owner, "-k", keyFile, "-c", certificateFile, name, list, Path.Combine(folder, name + ".auth"));
        return signer;
    }

    /// <summary>Puts the keys into the firmware of a new machine, and returns the path of its variables.</summary>
    public static async Task<string> EnrollAsync(string folder)
    {
        Rig.RequireFile(BootLoader);
        const long Length = 64 << 20, Start = 1 << 20;
        var metadata = new NodeMetadata(Permissions.Octal(644), Samples.Time);
        var tree = new FileTree(Samples.Time);
        tree.AddFile("/EFI/BOOT/BOOTX64.EFI", new BytesSource(await File.ReadAllBytesAsync(BootLoader)), metadata);
        tree.AddFile("/loader/loader.conf", new BytesSource("secure-boot-enroll force\n"), metadata);
        foreach (var name in (string[])["PK", "KEK", "db"]) tree.AddFile($"/loader/keys/auto/{name}.auth", new BytesSource(await File.ReadAllBytesAsync(Path.Combine(folder, name + ".auth"))), metadata);
        var disk = new SparseImage(Length + (2 * Start));
        GuidPartitionTable.AddTo(disk, Guid.NewGuid(), [new Partition(PartitionTypes.EfiSystem, Guid.NewGuid(), "boot", Start, Length)]);
        disk.AddImage(Start, Fat32Writer.Create(tree, Length, new Fat32Options { VolumeId = 1, Label = "KEYS", DiskOffset = Start }).Image);
        var path = Path.Combine(folder, "enroll.raw");
        await DiskWriter.WriteAsync(disk, new RawFormat(), path, new DiskWriteOptions(), CancellationToken.None);

        await using var guest = QemuGuest.Start(new QemuOptions(path, folder) { SecureBoot = true, Variables = QemuGuest.NewVariables });
        await guest.WaitForEndAsync(TimeSpan.FromMinutes(2));
        return guest.VariablesPath;
    }
}
