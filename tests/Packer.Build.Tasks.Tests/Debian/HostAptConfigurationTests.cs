using Packer.Debian;

namespace Packer.Tests.Debian;

[TestClass]
public sealed class HostAptConfigurationTests
{
    [TestMethod]
    public void Both_formats_are_read_and_the_first_mirror_of_each_kind_counts()
    {
        using var root = new TemporaryFolder();
        root.Write("etc/apt/sources.list", """
            # deb http://commented.example.test/debian trixie main
            deb-src http://source.example.test/debian trixie main
            deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://one.example.test/debian/ bookworm main contrib # why
            deb http://two.example.test/debian bookworm main
            """);
        root.Write("etc/apt/sources.list.d/debian.sources", """
            # comment
            Types: deb deb-src
            URIs: http://three.example.test/debian
             https://security.example.test/debian-security
            Suites: bookworm-security
            Components: main
            """);

        var mirrors = HostAptConfiguration.Find(root.Path);

        Assert.AreEqual(new HostMirrors(new Uri("http://one.example.test/debian/"), new Uri("https://security.example.test/debian-security")), mirrors);
    }

    [TestMethod]
    [DataRow("deb http://vendor.example.test/debian-tools trixie main")]
    [DataRow("deb http://vendor.example.test/debian noble main")]
    [DataRow("deb http://vendor.example.test/ubuntu stable main")]
    [DataRow("deb cdrom:[Debian]/debian trixie main")]
    [DataRow("deb file:/srv/debian trixie main")]
    [DataRow("deb http://vendor.example.test/debian")]
    [DataRow("deb [unclosed http://vendor.example.test/debian trixie")]
    public void Entries_of_others_are_ignored(string line)
    {
        using var root = new TemporaryFolder();
        root.Write("etc/apt/sources.list", line + "\n");
        Assert.IsNull(HostAptConfiguration.Find(root.Path));
    }

    [TestMethod]
    public void Disabled_malformed_and_other_files_are_ignored()
    {
        using var root = new TemporaryFolder();
        const string Entry = "Types: deb\nURIs: http://mirror.example.test/debian\nSuites: stable\nComponents: main\n";
        root.Write("etc/apt/sources.list.d/a.sources", Entry + "Enabled: no\n");
        root.Write("etc/apt/sources.list.d/b.sources", "no field\n" + Entry);
        root.Write("etc/apt/sources.list.d/c.sources.disabled", Entry);
        Assert.IsNull(HostAptConfiguration.Find(root.Path));

        root.Write("etc/apt/sources.list.d/d.sources", Entry);
        Assert.AreEqual(new Uri("http://mirror.example.test/debian"), HostAptConfiguration.Find(root.Path)?.Archive);
    }

    [TestMethod]
    public void Host_without_apt_has_no_mirrors()
    {
        using var root = new TemporaryFolder();
        Assert.IsNull(HostAptConfiguration.Find(root.Path));
    }

    [TestMethod]
    public void Release_is_three_archives_and_a_rolling_suite_one()
    {
        Uri mirror = new("http://m.example.test/debian"), security = new("http://user:secret@s.example.test/debian-security/");

        var archives = DebianArchiveSet.For("trixie", mirror, security);

        CollectionAssert.AreEqual((string[])["trixie", "trixie-updates", "trixie-security"], archives.Select(archive => archive.Suite).ToArray());
        Assert.AreEqual("http://m.example.test/debian/dists/trixie-updates/InRelease", archives[1].InRelease.AbsoluteUri);
        Assert.AreEqual("http://m.example.test/debian/pool/main/g/g%2B%2B/a%7Eb.deb", archives[0].InPool("pool/main/g/g++/a~b.deb").OriginalString.Replace("~", "%7E", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", archives[2].ToString());
        Assert.HasCount(1, DebianArchiveSet.For("sid", mirror, security));
        Assert.ThrowsExactly<ArgumentException>(() => DebianArchiveSet.For("../x", mirror, security));
    }
}
