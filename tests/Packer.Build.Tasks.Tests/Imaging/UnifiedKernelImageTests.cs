using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Packer.Imaging;

namespace Packer.Tests.Imaging;

/// <summary>Programs for UEFI, read and verified by the tools of others.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class UnifiedKernelImageTests
{
    private const string Stub = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub";

    [TestMethod]
    public async Task Others_find_each_section_and_the_stub_as_it_was()
    {
        Rig.Require("objcopy", "objdump");
        Rig.RequireFile(Stub);
        using var folder = new TemporaryFolder();
        var parts = Parts();
        Write(Create(parts), folder["image.efi"]);
        await Tool.RunAsync("objcopy", ["-O", "binary", .. parts.SelectMany(part => new[] { "--dump-section", $"{part.Name}={folder["part" + part.Name]}" }), folder["image.efi"], folder["nothing"]]);
        foreach (var (name, data) in parts) CollectionAssert.AreEqual(data, File.ReadAllBytes(folder["part" + name]), name);

        var before = await SectionsAsync(Stub);
        var after = await SectionsAsync(folder["image.efi"]);
        CollectionAssert.AreEqual(before, after[..before.Length], "The sections of the stub stay where they were.");
        CollectionAssert.AreEqual(parts.Select(part => part.Name).ToArray(), after[before.Length..].Select(line => line.Split(' ')[0]).ToArray());
    }

    [TestMethod]
    public async Task A_signature_holds_for_the_certificate_until_a_byte_changes()
    {
        Rig.Require("sbverify");
        Rig.RequireFile(Stub);
        using var folder = new TemporaryFolder();
        using var own = CreateCertificate("our own");
        using var other = CreateCertificate("another");
        File.WriteAllText(folder["own.pem"], own.ExportCertificatePem());
        File.WriteAllText(folder["other.pem"], other.ExportCertificatePem());
        // The end of a program may lie on any byte.
        foreach (var program in new Source[] { Create(Parts()), new ConcatSource([Create(Parts()), new BytesSource(new byte[] { 1, 2, 3 })]) })
        {
            Write(Authenticode.Sign(program, own), folder["signed.efi"]);
            StringAssert.Contains(await Tool.RunAsync("sbverify", "--cert", folder["own.pem"], folder["signed.efi"]), "Signature verification OK");
            await Assert.ThrowsAsync<AssertFailedException>(() => Tool.RunAsync("sbverify", "--cert", folder["other.pem"], folder["signed.efi"]));
            var bytes = File.ReadAllBytes(folder["signed.efi"]);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(folder["changed.efi"], bytes);
            await Assert.ThrowsAsync<AssertFailedException>(() => Tool.RunAsync("sbverify", "--cert", folder["own.pem"], folder["changed.efi"]));
        }
    }

    [TestMethod]
    public void The_same_parts_and_key_give_the_same_bytes_and_a_signature_does_not_change_the_hash()
    {
        Rig.RequireFile(Stub);
        using var own = CreateCertificate("our own");
        var image = Create(Parts());
        var signed = Authenticode.Sign(image, own).ReadAll();
        CollectionAssert.AreEqual(signed, Authenticode.Sign(Create(Parts()), own).ReadAll());
        CollectionAssert.AreEqual(Authenticode.ComputeHash(image), Authenticode.ComputeHash(new BytesSource(signed)));
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => Authenticode.Sign(new BytesSource(signed), own)).Message, "signed already");
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => PortableExecutable.Add(new BytesSource(signed), [(".osrel", new BytesSource("x"))])).Message, "signed");
    }

    [TestMethod]
    public void What_is_no_program_or_has_no_room_is_refused()
    {
        Rig.RequireFile(Stub);
        var stub = File.ReadAllBytes(Stub);
        for (var length = 0; length < 2048; length += 7) Assert.ThrowsExactly<ImagingException>(() => PortableExecutable.Add(new BytesSource(stub[..length]), [(".linux", new BytesSource("x"))]));
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var broken = stub.ToArray();
            for (var change = 0; change < 8; change++) broken[random.Next(1024)] = (byte)random.Next(256);
            try
            {
                _ = Authenticode.ComputeHash(PortableExecutable.Add(new BytesSource(broken), [(".linux", new BytesSource("x"))]));
            }
            catch (ImagingException)
            {
                // Said; anything else fails the test.
            }
        }
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => PortableExecutable.Add(new BytesSource(stub), [.. Enumerable.Repeat((".part", (Source)new BytesSource("x")), 100)])).Message, "no room");
    }

    private static (string Name, byte[] Data)[] Parts() =>
    [
        (".osrel", "ID=debian\n"u8.ToArray()), (".cmdline", "console=ttyS0 root=PARTUUID=1"u8.ToArray()), (".uname", "6.12.0"u8.ToArray()), (".initrd", Samples.Bytes(1_234_567, 1)), (".linux", Samples.Bytes(4_000_001, 2)),
    ];

    private static SparseImage Create((string Name, byte[] Data)[] parts) => UnifiedKernelImage.Create(new BytesSource(File.ReadAllBytes(Stub)),
        new BytesSource(parts[4].Data), new BytesSource(parts[3].Data), System.Text.Encoding.UTF8.GetString(parts[1].Data), new BytesSource(parts[0].Data), System.Text.Encoding.UTF8.GetString(parts[2].Data));

    private static void Write(Source source, string path) => File.WriteAllBytes(path, source.ReadAll());

    private static async Task<string[]> SectionsAsync(string path) =>
        [.. (await Tool.RunAsync("objdump", "-h", path)).Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(fields => fields.Length == 7 && int.TryParse(fields[0], out _)).Select(fields => string.Join(' ', fields[1..6]))];

    private static X509Certificate2 CreateCertificate(string name)
    {
        using var key = RSA.Create(2048);
        return new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }
}
