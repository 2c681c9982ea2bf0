using System.Text;
using Packer.Engine;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class ChecksumTests
{
    private static readonly string Sha256 = new('a', 64);
    private static readonly string OtherSha256 = new('b', 64);

    /// <summary>Digests of "abc": RFC 1321 (MD5), FIPS 180-4 examples (SHA).</summary>
    [TestMethod]
    [DataRow("md5:900150983cd24fb0d6963f7d28e17f72")]
    [DataRow("sha1:a9993e364706816aba3e25717850c26c9cd0d89d")]
    [DataRow("sha224:23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7")]
    [DataRow("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [DataRow("sha384:cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7")]
    [DataRow("sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")]
    public async Task EveryKindIsReadAndComputed(string text)
    {
        var checksum = ChecksumSetting.Parse(text).Digest!;
        Assert.AreEqual(checksum, ChecksumSetting.Parse(text[(text.IndexOf(':') + 1)..].ToUpperInvariant()).Digest);
        Assert.AreEqual(text, checksum.ToString());
        Assert.AreEqual(checksum, await Checksum.ComputeAsync(checksum.Kind, new MemoryStream("abc"u8.ToArray()), default));
    }

    [TestMethod]
    public void PiecesGiveTheSameAsTheWhole()
    {
        using var digest = new ChecksumDigest(ChecksumKind.Sha224);
        digest.Append("a"u8);
        digest.Append("bc"u8);
        Assert.AreEqual("23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7", digest.Finish().Hex);
    }

    [TestMethod]
    [DataRow("none", null)]
    [DataRow("NONE", null)]
    [DataRow("file:https://example.org/SHA256SUMS", "https://example.org/SHA256SUMS")]
    [DataRow("file:./sums", "./sums")]
    [DataRow("file:file://./sums", "./sums")]
    [DataRow("file://./sums", "./sums")]
    [DataRow("file:///srv/sums", "/srv/sums")]
    [DataRow("file:/srv/sums", "/srv/sums")]
    [DataRow("file:file:///srv/sums", "file:///srv/sums")]
    public void OtherFormsAreRead(string text, string? file)
    {
        var setting = ChecksumSetting.Parse(text);
        Assert.IsNull(setting.Digest);
        Assert.AreEqual(file, setting.File);
    }

    [TestMethod]
    [DataRow("", "empty")]
    [DataRow("disk.iso", "mixed up")]
    [DataRow("https://user:secret@example.org/SHA256SUMS", "put 'file:' before it")]
    [DataRow("sha256:abc", "64 hexadecimal digits")]
    [DataRow("crc32:12345678", "unknown kind 'crc32'")]
    [DataRow("abcdef", "6 digits")]
    [DataRow("file:", "names no file")]
    public void MalformedIsExplained(string text, string expected)
    {
        var exception = Assert.ThrowsExactly<PackerException>(() => ChecksumSetting.Parse(text));
        Assert.AreEqual(DiagnosticCodes.ChecksumMalformed, exception.Code);
        Assert.Contains(expected, exception.Message);
        Assert.Contains("'sha256:'", exception.Message);
        Assert.DoesNotContain("secret", exception.Message);
    }

    [TestMethod]
    [DataRow("{0}  disk.iso")]
    [DataRow("{0} *disk.iso")]
    [DataRow("{0} disk.iso")]
    [DataRow("{0}  ./disk.iso")]
    [DataRow("{0}  amd64/disk.iso")]
    [DataRow("{0}  ./amd64/disk.iso")]
    [DataRow("{0}  /images/amd64/disk.iso")]
    [DataRow("SHA256 (disk.iso) = {0}")]
    [DataRow("SHA256(amd64/disk.iso)= {0}")]
    [DataRow("SHA2-256(disk.iso)= {0}")]
    [DataRow("{0}")]
    [DataRow("{0}  elsewhere/disk.iso")]
    public void LinesAreFound(string line)
    {
        var content = $"# comment\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n{OtherSha256}  other.iso\r\n{string.Format(null, line, Sha256)}\r\n";
        Assert.AreEqual($"sha256:{Sha256}", Find(content, "https://example.org/images/amd64/disk.iso").ToString());
    }

    [TestMethod]
    [DataRow("{0}  my own disk.iso")]
    [DataRow("SHA256 (my own disk.iso) = {0}")]
    public void NamesMayHaveSpaces(string line) =>
        Assert.AreEqual(Sha256, Find(string.Format(null, line, Sha256), "https://example.org/my%20own%20disk.iso").Hex);

    [TestMethod]
    public void TheLongestNameDecides() =>
        Assert.AreEqual(Sha256, Find($"{OtherSha256}  disk.iso\n{Sha256}  amd64/disk.iso\n", "https://example.org/images/amd64/disk.iso").Hex);

    [TestMethod]
    public void TheStrongestKindDecides() =>
        Assert.AreEqual(ChecksumKind.Sha256, Find($"MD5 (disk.iso) = {new string('c', 32)}\nSHA256 (disk.iso) = {Sha256}\n", "https://example.org/disk.iso").Kind);

    [TestMethod]
    public void AmbiguousLinesAreAnError()
    {
        var exception = Assert.ThrowsExactly<PackerException>(() => Find($"{Sha256}  a/disk.iso\n{OtherSha256}  b/disk.iso\n", "https://example.org/c/disk.iso"));
        Assert.Contains("2 different digests", exception.Message);
    }

    [TestMethod]
    public void AMissingNameIsAnError()
    {
        var exception = Assert.ThrowsExactly<PackerException>(() => Find($"{Sha256}  other.iso\n", "https://example.org/disk.iso"));
        Assert.Contains("but not 'disk.iso'", exception.Message);
        Assert.Contains("no line of the form", Assert.ThrowsExactly<PackerException>(() => Find("<html>", "https://example.org/disk.iso")).Message);
    }

    private static Checksum Find(string content, string address) => ChecksumFile.Find(content, [new Uri(address)], "SUMS");
}
