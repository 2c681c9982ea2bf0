using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Packer.Debian;

namespace Packer.Tests.Debian;

[TestClass]
public sealed class DebFileTests
{
    private const string Control = "Package: hello\nVersion: 1.0\nArchitecture: all\nDescription: short\n long\n";

    // 'xz -9' of 3313 bytes of text.
    private const string RealXz =
        "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4AzwAVZdACgYSGbb2jCF/hbviRqT28Rcy/DBmslinsHlJQATt4ICDJW4pRS6yOv+ayDKgp4pmJAGCWjJYVe6kvwJdMGmLCRM+nNi43/byTrlChk46faBFIkX"
        + "4nSH9alZdJPYK3gDI01c0acgVCU9jpQ2OKKgxFZnShy+mK6ecpoeiZBtUfaguLzAwAv8wO2mdP1E0OsuLt4HEK9jjARrlsBqSOU6KBHQ9nZTMx4JAhA36sc6pNkz/QgEEOAR+GazbggTZOGbmDsgSaxf"
        + "1wOnUnEBWk5wq2GBRwS453WotQeRftAjOp8OFhUSjs+HS6Tlc1deCrei0NuAzNTvMCza2dDUNW3ExhcliTQnKK5IFw7iPH08JdKbrHlvUMGMiVwaxXygfj57S2cPQafLb4Ln5ntG69HlkOtgCmSSjXBp"
        + "3lojC3zK1e+K25+dG0xi83kxukGmMf+QWV75+wgzAAAAAAQld/zo7I6KAAHyAvEZAACS1uLMscRn+wIAAAAABFla";

    [TestMethod]
    [DataRow("")]
    [DataRow(".gz")]
    [DataRow(".xz")]
    [DataRow(".zst")]
    public async Task Packages_of_every_packing_are_read(string extension)
    {
        using var folder = new TemporaryFolder();
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        var data = PackageBuilder.Tar(("./usr/share/hello", content));
        var deb = folder.Write("a.deb", PackageBuilder.Deb(Control, data, extension));

        var control = await DebFile.ReadControlAsync(deb, CancellationToken.None);
        await DebFile.ExpandDataAsync(deb, folder.File("a.tar"), CancellationToken.None);

        Assert.AreEqual("hello", control.Fields["Package"]);
        CollectionAssert.AreEquivalent((string[])["control", "md5sums"], control.Files.Keys.ToArray());
        Assert.IsTrue((await File.ReadAllBytesAsync(folder.File("a.tar"))).SequenceEqual(data));
    }

    [TestMethod]
    public void Real_xz_is_expanded_and_every_damage_of_it_is_seen()
    {
        var packed = Convert.FromBase64String(RealXz);
        var text = Encoding.UTF8.GetString(Expand(packed));
        Assert.StartsWith("Package: sample\nVersion: 1.0-1\nline 0 of some text", text);
        Assert.EndsWith("and a number 221\n", text);
        for (var i = 0; i < packed.Length; i++)
        {
            DebianAssert.Fails(DebianError.Damaged, () => Expand(packed[..i]));
            var flipped = (byte[])packed.Clone();
            flipped[i] ^= 0x10;
            // The first byte of LZMA's range coder means nothing, and the decoder passes over it.
            if (i == 30) Assert.AreEqual(text, Encoding.UTF8.GetString(Expand(flipped)));
            else DebianAssert.Fails(DebianError.Damaged, () => Expand(flipped));
        }

        DebianAssert.Fails(DebianError.Damaged, () => Expand([.. packed, 0, 0, 0, 0]));
        DebianAssert.Fails(DebianError.TooLarge, () => Expand(packed, 3312));
        Assert.HasCount(3313, Expand(packed, 3313));
    }

    [TestMethod]
    [DataRow(".gz")]
    [DataRow(".zst")]
    public void Truncated_data_of_other_packings_is_seen(string extension)
    {
        var packed = PackageBuilder.Pack(RandomNumberGenerator.GetBytes(5000), extension);
        for (var length = 0; length < packed.Length; length += 13) DebianAssert.Fails(DebianError.Damaged, () => Expand(packed[..length], extension: extension));
    }

    [TestMethod]
    public void Dictionary_beyond_reason_is_refused()
    {
        var packed = Convert.FromBase64String(RealXz);
        // The properties byte of LZMA2: 40 is 4 GiB.
        Assert.AreEqual(0x1C, packed[16]);
        packed[16] = 40;
        BitConverter.GetBytes((uint)ReflectedCrc.Crc32().Of(packed.AsSpan(12, 8))).CopyTo(packed, 20);
        Assert.Contains("dictionary", DebianAssert.Fails(DebianError.Damaged, () => Expand(packed)).Message);
    }

    [TestMethod]
    public void Checks_have_the_published_values()
    {
        var crc64 = ReflectedCrc.Crc64();
        crc64.Append("123456789"u8);
        Assert.AreEqual(0xCBF43926u, ReflectedCrc.Crc32().Of("123456789"u8));
        Assert.AreEqual(0x995DC9BBDF1939FAu, crc64.Value);
    }

    [TestMethod]
    public async Task Bomb_is_refused_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        var deb = folder.Write("a.deb", PackageBuilder.Deb(Control, new byte[4 << 20], ".zst"));

        await DebianAssert.FailsAsync(DebianError.TooLarge, () => DebFile.ExpandDataAsync(deb, folder.File("a.tar"), 1 << 20, CancellationToken.None));

        Assert.IsFalse(File.Exists(folder.File("a.tar")));
        Assert.IsLessThan(300L << 20, DebFile.ExpandedLimit(1000));
    }

    [TestMethod]
    public async Task What_is_no_package_is_refused()
    {
        using var folder = new TemporaryFolder();
        var version = ("debian-binary", "2.0\n"u8.ToArray());
        var control = ("control.tar", PackageBuilder.Tar(("./control", Encoding.UTF8.GetBytes(Control))));
        var data = ("data.tar", PackageBuilder.Tar(("./a", [1])));
        foreach (var bad in (byte[][])[
            [], "!<arch>\n"u8.ToArray(), PackageBuilder.Ar(version, control), PackageBuilder.Ar(version, data, control), PackageBuilder.Ar(control, data, version),
            PackageBuilder.Ar(("debian-binary", "3.0\n"u8.ToArray()), control, data), PackageBuilder.Ar(version, ("control.tar.bz2", [1]), ("data.tar.bz2", [1])),
            PackageBuilder.Ar(version, ("control.tar", []), ("data.tar", []))])
        {
            var deb = folder.Write("bad.deb", bad);
            await DebianAssert.FailsAsync(DebianError.Damaged, () => DebFile.ReadControlAsync(deb, CancellationToken.None));
            await DebianAssert.FailsAsync(DebianError.Damaged, () => DebFile.ExpandDataAsync(deb, folder.File("a.tar"), CancellationToken.None));
            Assert.IsFalse(File.Exists(folder.File("a.tar")));
        }

        await DebFile.ReadControlAsync(folder.Write("good.deb", PackageBuilder.Ar(version, ("_extra", [1]), control, data, ("more", [1]))), CancellationToken.None);
    }

    [TestMethod]
    public async Task Cancelled_work_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        var deb = folder.Write("a.deb", PackageBuilder.Deb(Control, PackageBuilder.Tar(("./a", new byte[1 << 20])), ".gz"));
        await Assert.ThrowsAsync<OperationCanceledException>(() => DebFile.ExpandDataAsync(deb, folder.File("a.tar"), new CancellationToken(true)));
        Assert.IsFalse(File.Exists(folder.File("a.tar")));
    }

    [TestMethod]
    [TestCategory("Rig")]
    [DataRow("-9", "--check=crc64")]
    [DataRow("-0", "--check=crc32")]
    [DataRow("-6", "--check=sha256")]
    [DataRow("-6", "--check=none")]
    [DataRow("-6", "--block-size=70000")]
    [DataRow("-T2", "--block-size=200000")]
    public async Task Output_of_xz_is_expanded(string level, string option)
    {
        Rig.Require("xz");
        using var folder = new TemporaryFolder();
        var random = new Random(7);
        var content = new byte[1_500_000];
        for (var i = 0; i < content.Length; i++) content[i] = (i >> 16) % 3 == 0 ? (byte)random.Next(256) : (byte)(random.Next(4) + (i >> 12));
        var path = folder.Write("a", content);
        using var process = Process.Start(new ProcessStartInfo("xz", [level, option, path]))!;
        await process.WaitForExitAsync();

        Assert.IsTrue(Expand(await File.ReadAllBytesAsync(path + ".xz")).SequenceEqual(content));
    }

    private static byte[] Expand(byte[] packed, long limit = long.MaxValue, string extension = ".xz")
    {
        using var stream = ExpandingStream.Open(new MemoryStream(packed), "a" + extension, limit, "test");
        var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
