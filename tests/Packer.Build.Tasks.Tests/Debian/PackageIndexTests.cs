using System.Globalization;
using System.Text;
using Packer.Debian;

namespace Packer.Tests.Debian;

[TestClass]
public sealed class PackageIndexTests
{
    private const string Sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private const string Text = $"""
        Package: zeta
        Version: 1.0-1
        Architecture: amd64
        Source: zed (0.9)
        Depends: alpha (>= 1), beta | gamma
        Provides: virtual (= 2), other:any,third
        Description: something
         Package: not-a-package
        Filename: pool/z/zeta.deb
        Size: 1234
        SHA256: {Sha}


        Package: alpha
        Version: 2:3
        Architecture: all
        Essential: yes
        Priority: required
        Pre-Depends: libc6
        Conflicts: x
        Breaks: y (<< 2)
        Filename: pool/a/alpha.deb
        Size: 5
        SHA256: {Sha}

        Package: zeta
        Version: 1.1
        Architecture: amd64
        Filename: pool/z/zeta2.deb
        Size: 6
        SHA256: {Sha}
        """;

    [TestMethod]
    public void Needed_fields_are_kept_and_found_by_name()
    {
        var index = Stanza.Index(Text);
        Check(index);
        Check(PackageIndex.TryRead(index.Image.ToArray())!);

        static void Check(PackageIndex index)
        {
            Assert.AreEqual(3, index.Count);
            CollectionAssert.AreEqual((string[])["1.0-1", "1.1"], index.Find("zeta").Select(package => package.Version.ToString()).ToArray());
            var zeta = index.Find("zeta").First();
            Assert.AreEqual(("zed (0.9)", "alpha (>= 1), beta | gamma", "pool/z/zeta.deb", 1234L, Sha), (zeta.Source, zeta.Depends, zeta.Filename, zeta.Size, zeta.Sha256));
            var alpha = index.Find("alpha").Single();
            Assert.AreEqual(("libc6", "x", "y (<< 2)", "required", true, "all"), (alpha.PreDepends, alpha.Conflicts, alpha.Breaks, alpha.Priority, alpha.Essential, alpha.Architecture));
            CollectionAssert.AreEqual((string[])["alpha"], index.EssentialNames.ToArray());
            foreach (var name in (string[])["virtual", "other", "third"]) Assert.AreEqual("zeta", index.FindProviders(name).Single().Name);
            foreach (var name in (string[])["", "a", "zetaa", "zz", "not-a-package"]) Assert.IsFalse(index.Find(name).Concat(index.FindProviders(name)).Any());
        }
    }

    [TestMethod]
    public void Empty_file_is_an_empty_index()
    {
        foreach (var text in (string[])["", "\n", "\n\n \n"]) Assert.AreEqual(0, Stanza.Index(text).Count);
        Assert.IsFalse(Stanza.Index("").Find("a").Any());
    }

    [TestMethod]
    public void Large_index_and_long_lines_cross_buffers()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 5000; i++)
            text.Append(CultureInfo.InvariantCulture, $"Package: p{i}\nVersion: {i}\nArchitecture: amd64\nDepends: {string.Join(", ", Enumerable.Range(0, i % 50).Select(n => $"d{n}"))}\nFilename: f\nSize: {i}\nSHA256: {Sha}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Package: long\nVersion: 1\nArchitecture: amd64\nProvides: {string.Join(", ", Enumerable.Range(0, 60_000).Select(n => $"v{n}"))}\nFilename: f\nSize: 1\nSHA256: {Sha}\n");

        var index = Stanza.Index(text.ToString());

        Assert.AreEqual(5001, index.Count);
        for (var i = 0; i < 5000; i += 7) Assert.AreEqual(i, index.Find($"p{i}").Single().Size);
        Assert.AreEqual("long", index.FindProviders("v59999").Single().Name);
    }

    [TestMethod]
    [DataRow("Version: 1.1\n", "")]
    [DataRow("Size: 6", "Size: -6")]
    [DataRow("Size: 6", "Size: 6x")]
    [DataRow("Size: 6", "Size:")]
    [DataRow("Filename: pool/z/zeta2.deb", "Filename: ")]
    [DataRow("Filename: pool/z/zeta2.deb", "Filename pool/z/zeta2.deb")]
    [DataRow("SHA256: e3", "SHA256: xx")]
    [DataRow("SHA256: e3", "SHA256: ")]
    public void Malformed_stanzas_are_refused(string part, string replacement) =>
        DebianAssert.Fails(DebianError.Damaged, () => Stanza.Index(Text.Replace(part, replacement, StringComparison.Ordinal)));

    [TestMethod]
    public void Endless_stanza_is_refused() => DebianAssert.Fails(DebianError.Damaged, () => Stanza.Index("Package: " + new string('a', 5 << 20)));

    [TestMethod]
    public void Damaged_cache_form_is_recognised_at_every_byte()
    {
        var image = Stanza.Index(Text).Image.ToArray();
        for (var i = 0; i < image.Length; i++)
        {
            Assert.IsNull(PackageIndex.TryRead(image[..i]));
            image[i] ^= 1;
            Assert.IsNull(PackageIndex.TryRead(image));
            image[i] ^= 1;
        }

        Assert.IsNotNull(PackageIndex.TryRead(image));
    }

    [TestMethod]
    public void Resolved_packages_survive_json_and_paths_stay_in_the_archive()
    {
        var packages = Stanza.Index(Text.Replace("zeta.deb", "zeta+b1.deb", StringComparison.Ordinal)).Find("zeta").Select(package => ResolvedPackage.Of(package, "trixie")).ToArray();
        Assert.AreEqual(("zed", "0.9"), (packages[0].Source, packages[0].SourceVersion));
        Assert.AreEqual(("zeta", "1.1"), (packages[1].Source, packages[1].SourceVersion));

        var json = ResolvedPackage.ToJson(packages);
        CollectionAssert.AreEqual(packages, ResolvedPackage.FromJson(json, "lock").ToArray());
        Assert.Contains("zeta+b1.deb", json);
        Assert.Contains("\"sourceVersion\": \"0.9\"", json);

        foreach (var bad in (string[])["../x.deb", "/x.deb", "a//b.deb", "a/./b", "", "a\\\\b", "a?b"])
            DebianAssert.Fails(DebianError.Damaged, () => ResolvedPackage.FromJson(json.Replace("pool/z/zeta+b1.deb", bad, StringComparison.Ordinal), "lock"));
        foreach (var bad in (string[])["", "null", "[null]", "{}", "[{}]", json[..^5], json.Replace(Sha, "12", StringComparison.Ordinal)])
            DebianAssert.Fails(DebianError.Damaged, () => ResolvedPackage.FromJson(bad, "lock"));
    }
}
