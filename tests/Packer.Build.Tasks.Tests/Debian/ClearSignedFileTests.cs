using System.Runtime.CompilerServices;
using System.Text;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Packer.Debian;

namespace Packer.Tests.Debian;

[TestClass]
public sealed class ClearSignedFileTests
{
    private const string Text = "Suite: stable\nDescription: a line\n- dash\n-----dashes\n trailing \t\n";

    private static readonly TestKey Key = new();

    [TestMethod]
    public void Signed_text_is_returned_without_framing_and_trailing_blanks()
    {
        var verified = Verify(Key.Sign(Text), Key);

        Assert.AreEqual("Suite: stable\nDescription: a line\n- dash\n-----dashes\n trailing\n", verified.Text);
        Assert.AreEqual(TestKey.Now, verified.SignedAt);
        Assert.AreEqual(40, verified.Fingerprint.Length);
    }

    [TestMethod]
    public void Line_ends_of_the_other_kind_do_not_matter() => Assert.AreEqual("a\nb\n", Verify(Key.Sign("a\nb\n").ReplaceLineEndings("\r\n"), Key).Text);

    [TestMethod]
    [DataRow(0)]
    [DataRow(2048)]
    public void Signature_of_a_subkey_or_an_rsa_key_counts(int rsaBits)
    {
        var key = new TestKey(subkey: rsaBits == 0, rsaBits: rsaBits);
        Assert.AreEqual("a\n", Verify(key.Sign("a"), key).Text);
    }

    [TestMethod]
    public void Debians_own_signature_verifies_with_the_embedded_keys()
    {
        var content = File.ReadAllBytes(Path.Combine(Data(), "trixie-security.InRelease"));
        var at = new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

        var verified = ClearSignedFile.Verify(content, ArchiveKeyring.Debian(), at, "InRelease");
        var release = ReleaseFile.Parse(verified.Text, "InRelease");
        release.Check("trixie-security", at, "InRelease");

        Assert.AreEqual("stable-security", release.Suite);
        Assert.IsTrue(release.AcquireByHash);
        Assert.IsNotNull(release.Find("main/binary-amd64/Packages.xz"));
        DebianAssert.Fails(DebianError.ReleaseExpired, () => release.Check("trixie-security", at.AddDays(30), "InRelease"));
    }

    [TestMethod]
    public void Embedded_keys_are_those_of_trixie_and_bookworm_and_all_may_sign()
    {
        CollectionAssert.AreEquivalent(
            (string[])["04B54C3CDCA79751B16BC6B5225629DF75B188BD", "5E04A1E3223A19A20706E20F9904613D4CCE68C6", "41587F7DB8C774BCCF131416762F67A0B2C39DE4",
             "B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8", "05AB90340C0C5E797F44A8C8254CF3B5AEC0A8F0", "4D64FEC119C2029067D6E791F8D2585B8783D481"],
            ArchiveKeyring.Debian().Fingerprints.ToArray());
    }

    [TestMethod]
    public void One_trusted_signature_of_several_is_enough()
    {
        var stranger = new TestKey();
        Assert.AreEqual("a\n", Verify(TestKey.ClearSign("a", stranger.Signature("a"), Key.Signature("a")), Key).Text);
    }

    [TestMethod]
    public void Foreign_key_is_refused() => Refused(DebianError.SignatureUntrusted, new TestKey().Sign(Text), Key, "not in the keyring");

    [TestMethod]
    public void Changed_text_is_refused() => Refused(DebianError.SignatureInvalid, Key.Sign(Text).Replace("stable", "stabl3", StringComparison.Ordinal), Key, "not what the key");

    [TestMethod]
    public void Failure_of_a_known_key_is_told_rather_than_that_of_a_stranger() =>
        Refused(DebianError.SignatureInvalid, TestKey.ClearSign("a", new TestKey().Signature("a"), Key.Signature("b")), Key, "not what the key");

    [TestMethod]
    [DataRow(HashAlgorithmTag.MD5)]
    [DataRow(HashAlgorithmTag.Sha1)]
    [DataRow(HashAlgorithmTag.RipeMD160)]
    public void Weak_hash_functions_are_refused(HashAlgorithmTag hash) =>
        Refused(DebianError.SignatureInvalid, Key.Sign(Text, new() { Hash = hash }), Key, "hash function");

    [TestMethod]
    public void Signature_of_another_type_is_refused() => Refused(DebianError.SignatureInvalid, Key.Sign(Text, new() { Type = PgpSignature.BinaryDocument }), Key, "signature of a text");

    [TestMethod]
    public void Signature_with_an_unknown_critical_part_is_refused() => Refused(DebianError.SignatureInvalid, Key.Sign(Text, new() { UnknownCriticalPart = true }), Key, "critical");

    [TestMethod]
    public void Expired_signature_is_refused() =>
        Refused(DebianError.SignatureExpired, Key.Sign(Text, new() { SignedAt = TestKey.Now.UtcDateTime.AddDays(-9), ExpiresAfter = TimeSpan.FromDays(8) }), Key, "it expired");

    [TestMethod]
    public void Signature_of_the_future_is_refused() => Refused(DebianError.SignatureInvalid, Key.Sign(Text, new() { SignedAt = TestKey.Now.UtcDateTime.AddDays(3) }), Key, "clock");

    [TestMethod]
    public void Key_that_had_expired_when_it_signed_is_refused()
    {
        var key = new TestKey(validFor: TimeSpan.FromDays(100), madeBefore: TimeSpan.FromDays(200));
        Refused(DebianError.SignatureExpired, key.Sign(Text), key, "had expired");
        Assert.AreEqual("a\n", Verify(key.Sign("a", new() { SignedAt = TestKey.Now.UtcDateTime.AddDays(-150) }), key).Text);
    }

    [TestMethod]
    public void Revoked_key_is_refused()
    {
        var key = new TestKey();
        key.Revoke();
        Refused(DebianError.SignatureExpired, key.Sign(Text), key, "revoked");
    }

    [TestMethod]
    public void Keys_that_may_not_sign_are_refused()
    {
        foreach (var (key, reason) in ((TestKey, string)[])[
            (new(maySign: false), "not a key for signing"),
            (new(selfHash: HashAlgorithmTag.Sha1), "vouches"),
            (new(subkey: true, boundBack: false), "itself vouch"),
            (new(rsaBits: 1024), "1024 bits")])
            Refused(DebianError.SignatureInvalid, key.Sign(Text), key, reason);
    }

    [TestMethod]
    public void Text_outside_of_the_signature_is_refused()
    {
        var signed = Key.Sign(Text);
        Refused(DebianError.SignatureInvalid, "Suite: evil\n" + signed, Key, "before");
        Refused(DebianError.SignatureInvalid, "\n" + signed, Key, "before");
        Refused(DebianError.SignatureInvalid, signed + "Suite: evil\n", Key, "after");
        Refused(DebianError.SignatureInvalid, signed + signed, Key, "after");
        Refused(DebianError.SignatureInvalid, signed.Replace("\n\n", "\nSuite: evil\n\n", StringComparison.Ordinal), Key, "header");
        Refused(DebianError.SignatureInvalid, signed.Replace("Hash: SHA256", "Hash: SHA256\n ", StringComparison.Ordinal), Key, "header");
        Assert.IsNotNull(Verify(signed + "\n \n", Key));
    }

    [TestMethod]
    public void Several_messages_in_one_are_refused()
    {
        var signed = Key.Sign("a");
        var body = signed[..signed.IndexOf("-----BEGIN PGP SIGNATURE", StringComparison.Ordinal)];
        Refused(DebianError.SignatureInvalid, body + signed, Key, "several messages");
    }

    [TestMethod]
    public void Missing_signature_is_refused()
    {
        Refused(DebianError.SignatureInvalid, "Suite: stable\n", Key, "not clear-signed");
        Refused(DebianError.SignatureInvalid, "", Key, "not clear-signed");
        var signed = Key.Sign(Text);
        Refused(DebianError.SignatureInvalid, signed[..signed.IndexOf("-----BEGIN PGP SIGNATURE", StringComparison.Ordinal)], Key, "no signature");
        Refused(DebianError.SignatureInvalid, TestKey.ClearSign(Text, []), Key, "ASCII armor");
        Refused(DebianError.SignatureInvalid, TestKey.ClearSign(Text, Key.Keyring()), Key, "something else");
    }

    [TestMethod]
    public void Control_characters_are_refused_and_text_must_be_utf8()
    {
        Refused(DebianError.SignatureInvalid, Key.Sign("a\0b"), Key, "control characters");
        Refused(DebianError.SignatureInvalid, Key.Sign("a\rb"), Key, "control characters");
        Assert.AreEqual("é\u2028x\n", Verify(Key.Sign("é\u2028x"), Key).Text);
    }

    [TestMethod]
    public void Keyring_files_are_read_binary_and_armored_and_else_refused()
    {
        using var folder = new TemporaryFolder();
        var armored = new MemoryStream();
        using (var armor = new ArmoredOutputStream(armored)) armor.Write(Key.Keyring());
        var other = new TestKey();

        var keyring = ArchiveKeyring.Empty.WithFile(folder.Write("a.asc", armored.ToArray())).WithFile(folder.Write("b.gpg", other.Keyring()));

        Assert.HasCount(2, keyring.Fingerprints);
        foreach (var key in (TestKey[])[Key, other]) Assert.IsNotNull(ClearSignedFile.Verify(Encoding.UTF8.GetBytes(key.Sign(Text)), keyring, TestKey.Now, "x"));
        DebianAssert.Fails(DebianError.KeyringInvalid, () => ArchiveKeyring.Empty.WithFile(folder.File("absent.gpg")));
        DebianAssert.Fails(DebianError.KeyringInvalid, () => ArchiveKeyring.Empty.WithFile(folder.Write("c.gpg", "no keys here")));
        DebianAssert.Fails(DebianError.KeyringInvalid, () => ArchiveKeyring.Empty.WithFile(folder.Write("d.gpg", "")));
    }

    private static VerifiedText Verify(string file, TestKey key) =>
        ClearSignedFile.Verify(Encoding.UTF8.GetBytes(file), ArchiveKeyring.Empty.With(key.Keyring(), "test"), TestKey.Now, "InRelease");

    private static void Refused(DebianError error, string file, TestKey key, string reason) =>
        StringAssert.Contains(DebianAssert.Fails(error, () => Verify(file, key)).Message, reason);

    private static string Data([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "Data");
}
