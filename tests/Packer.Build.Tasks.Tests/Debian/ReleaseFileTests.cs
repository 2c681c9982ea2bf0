using Packer.Debian;

namespace Packer.Tests.Debian;

[TestClass]
public sealed class ReleaseFileTests
{
    private const string Sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static readonly DateTimeOffset Now = TestKey.Now;

    private static readonly string Text = $"""
        Origin: Debian
        Suite: stable-updates
        Codename: trixie-updates
        Date: Mon, 1 Jun 2026 10:00:00 UTC
        Valid-Until: Mon, 08 Jun 2026 10:00:00 UTC
        Acquire-By-Hash: yes
        Architectures: all amd64
        MD5Sum:
         d41d8cd98f00b204e9800998ecf8427e 0 main/binary-amd64/Packages
        SHA256:
         {Sha}        0 main/binary-amd64/Packages
         {Sha.Replace('e', 'A')} 12 main/binary-amd64/Packages.xz

        """;

    [TestMethod]
    public void Fields_and_files_are_read()
    {
        var release = ReleaseFile.Parse(Text, "Release");

        Assert.AreEqual("trixie-updates", release.Codename);
        Assert.AreEqual(new DateTimeOffset(2026, 6, 8, 10, 0, 0, TimeSpan.Zero), release.ValidUntil);
        Assert.IsTrue(release.AcquireByHash);
        Assert.AreEqual(new ReleaseEntry("main/binary-amd64/Packages.xz", Sha.Replace('e', 'a'), 12), release.Find("main/binary-amd64/Packages.xz"));
        Assert.IsNull(release.Find("main/binary-arm64/Packages.xz"));
    }

    [TestMethod]
    public void Suite_must_be_the_one_asked_for_by_either_name()
    {
        var release = ReleaseFile.Parse(Text, "Release");
        release.Check("trixie-updates", Now, "Release");
        release.Check("stable-updates", Now, "Release");
        foreach (var other in (string[])["trixie", "stable", "bookworm-updates", ""])
            DebianAssert.Fails(DebianError.WrongSuite, () => release.Check(other, Now, "Release"));
    }

    [TestMethod]
    public void Validity_is_enforced()
    {
        var release = ReleaseFile.Parse(Text, "Release");
        DebianAssert.Fails(DebianError.ReleaseExpired, () => release.Check("trixie-updates", Now.AddDays(8), "Release"));
        DebianAssert.Fails(DebianError.ReleaseNotYetValid, () => release.Check("trixie-updates", Now.AddDays(-8), "Release"));
        ReleaseFile.Parse(Text.Replace("Valid-Until", "X-Valid-Until", StringComparison.Ordinal), "Release").Check("trixie-updates", Now.AddDays(800), "Release");
    }

    [TestMethod]
    [DataRow("SHA256:", "SHA1:")]
    [DataRow("Date: Mon, 1 Jun", "Date: 1 Jun")]
    [DataRow("Valid-Until: Mon, 08", "Valid-Until: Tue, 08")]
    [DataRow(" 12 main", " -12 main")]
    [DataRow(" 12 main", " x main")]
    [DataRow(" 12 main", " main")]
    [DataRow(" 12 main/binary-amd64/Packages.xz", " 12 main/binary-amd64/Packages")]
    [DataRow("Codename:", "Suite:")]
    [DataRow("Acquire-By-Hash: yes", "Acquire-By-Hash yes")]
    [DataRow("MD5Sum:", "\nMD5Sum:")]
    [DataRow("Origin: Debian", " Origin: Debian")]
    public void Malformed_files_are_refused(string part, string replacement) =>
        DebianAssert.Fails(DebianError.Damaged, () => ReleaseFile.Parse(Text.Replace(part, replacement, StringComparison.Ordinal), "Release"));

    [TestMethod]
    public void Field_names_have_no_case_and_values_keep_their_lines()
    {
        var paragraphs = ControlParagraph.Parse("# c\nA: one\n two\n .\n\tthree\u2028x\n\nb:\n  x\n", "file");
        Assert.HasCount(2, paragraphs);
        Assert.AreEqual("one\ntwo\n.\nthree\u2028x", paragraphs[0]["a"]);
        Assert.AreEqual("\n x", paragraphs[1]["B"]);
    }
}
