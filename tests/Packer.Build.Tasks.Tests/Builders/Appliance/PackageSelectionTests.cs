using Packer.Builders.Appliance;
using Packer.Debian;
using Packer.Engine;
using Packer.Tests.Debian;
using Packer.Tests.Engine;

namespace Packer.Tests.Builders.Appliance;

/// <summary>The archives through the cache of the user.</summary>
[TestClass]
public sealed class PackageSelectionTests
{
    private const string Packages = """
        base-files 13
        libc6 2.41; Depends: libgcc-s1
        libgcc-s1 14; Depends: libc6
        linux-image-cloud-amd64 6.12; Depends: linux-image-6.12 (= 6.12)
        linux-image-6.12 6.12; Depends: kmod, initramfs-tools
        """;

    private static readonly PackageSet Set = new(["base-files", "libc6"], ["linux-image-cloud-amd64"], PackageSet.For(true, [], MachineArchitecture.X64).Exclusions, MachineArchitecture.X64);
    private static readonly FileCacheOptions Impatient = new() { Tries = 1 };

    [TestMethod]
    public async Task What_was_chosen_is_not_chosen_again_while_the_archive_stays_the_same()
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        using var folder = new TemporaryFolder();

        var first = await SelectAsync(mirror, folder);
        mirror.Requests.Clear();
        var second = await SelectAsync(mirror, folder);

        CollectionAssert.AreEqual((string[])["base-files", "libc6", "libgcc-s1", "linux-image-6.12", "linux-image-cloud-amd64"], first.Select(package => package.Name).ToArray());
        CollectionAssert.AreEqual(first.ToArray(), second.ToArray());
        CollectionAssert.AreEqual((string[])["/debian/dists/trixie/InRelease"], mirror.Requests.ToArray());
    }

    [TestMethod]
    public async Task A_new_state_of_the_archive_is_noticed_at_once()
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        using var folder = new TemporaryFolder();
        await SelectAsync(mirror, folder);
        mirror.Publish(Packages.Replace("2.41", "2.42", StringComparison.Ordinal));

        var packages = await SelectAsync(mirror, folder);

        Assert.AreEqual("2.42", packages.Single(package => package.Name == "libc6").Version);
    }

    [TestMethod]
    public async Task A_forged_index_is_refused_although_the_right_one_was_seen()
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        using var folder = new TemporaryFolder();
        await SelectAsync(mirror, folder);
        mirror.Faults["InRelease"] = Fault.Flip;

        Assert.AreEqual(DiagnosticCodes.DebianNotTrusted, (await FailAsync(mirror, folder)).Code);
    }

    [TestMethod]
    public async Task Another_key_is_not_trusted_although_the_same_index_was_seen()
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        using var folder = new TemporaryFolder();
        await SelectAsync(mirror, folder);
        using var cache = new FileCache(folder["cache"]);
        using var fetcher = new CacheDebianFetcher(cache, new TestUi(), Impatient);

        var error = await Assert.ThrowsExactlyAsync<DebianException>(() => new PackageSelection(fetcher, [mirror.Archive], []).SelectAsync(Set, TestKey.Now, CancellationToken.None));

        Assert.AreEqual(DebianError.SignatureUntrusted, error.Error);
    }

    [TestMethod]
    public async Task A_state_that_has_run_out_since_is_refused()
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages, validFor: TimeSpan.FromDays(7));
        using var folder = new TemporaryFolder();
        await SelectAsync(mirror, folder);

        Assert.AreEqual(DiagnosticCodes.DebianMirrorWrong, (await FailAsync(mirror, folder, TestKey.Now.AddDays(8))).Code);
    }

    [TestMethod]
    public async Task A_remembered_choice_that_is_damaged_is_made_again()
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        using var folder = new TemporaryFolder();
        var first = await SelectAsync(mirror, folder);
        var remembered = Directory.GetFiles(folder["cache/appliance-packages"]).Single(file => !file.EndsWith(".lock", StringComparison.Ordinal));
        File.WriteAllText(remembered, "-\n[{");

        CollectionAssert.AreEqual(first.ToArray(), (await SelectAsync(mirror, folder)).ToArray());
    }

    [TestMethod]
    [DataRow("InRelease", "Missing", "PKR1203")]
    [DataRow("InRelease", "Reset", "PKR1203")]
    [DataRow("InRelease", "Flip", "PKR1201")]
    [DataRow("binary-amd64", "Missing", "PKR1203")]
    [DataRow("binary-amd64", "Flip", "PKR1202")]
    public async Task What_a_mirror_does_wrong_has_its_code(string path, string fault, string code)
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        mirror.Faults[path] = Enum.Parse<Fault>(fault);
        using var folder = new TemporaryFolder();

        var error = await FailAsync(mirror, folder);

        Assert.AreEqual(code, error.Code, error.Message);
    }

    [TestMethod]
    public async Task A_file_that_is_only_not_there_under_its_hash_is_found_by_its_name()
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        mirror.Faults["by-hash"] = Fault.Missing;
        using var folder = new TemporaryFolder();

        Assert.HasCount(5, await SelectAsync(mirror, folder));
    }

    [TestMethod]
    public async Task A_package_that_is_missing_has_its_code()
    {
        await using var mirror = new TestMirror();
        mirror.Publish("base-files 13");
        using var folder = new TemporaryFolder();

        Assert.AreEqual(DiagnosticCodes.DebianPackagesUnsatisfiable, (await FailAsync(mirror, folder)).Code);
    }

    [TestMethod]
    public async Task Control_paragraphs_come_with_the_files()
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        using var folder = new TemporaryFolder();
        using var cache = new FileCache(folder["cache"]);
        using var fetcher = new CacheDebianFetcher(cache, new TestUi(), Impatient);
        var chosen = await SelectAsync(mirror, folder);

        var packages = await ImagePackage.GetAsync(fetcher, [mirror.Archive], chosen, CancellationToken.None);
        mirror.Requests.Clear();
        await ImagePackage.GetAsync(fetcher, [mirror.Archive], chosen, CancellationToken.None);

        var libc = packages.Single(package => package.Name == "libc6");
        StringAssert.StartsWith(libc.Control, "Package: libc6\nVersion: 2.41\n");
        Assert.IsTrue(File.Exists(libc.TarPath));
        Assert.IsEmpty(mirror.Requests);
    }

    [TestMethod]
    public void Without_a_mirror_the_error_says_how_to_set_one()
    {
        var error = Assert.ThrowsExactly<PackerException>(() => DebianMirrors.Archives(new ApplianceConfig(), null));
        Assert.AreEqual(DiagnosticCodes.DebianMirrorMissing, error.Code);
        StringAssert.Contains(error.Message, "PackerDebianMirror");

        var mirror = new Uri("http://mirror.example.test/debian");
        StringAssert.Contains(Assert.ThrowsExactly<PackerException>(() => DebianMirrors.Archives(new ApplianceConfig { DebianMirror = mirror }, null)).Message, "DebianSecurityMirror");
        Assert.HasCount(1, DebianMirrors.Archives(new ApplianceConfig { DebianMirror = mirror, DebianSuite = "sid" }, null));
    }

    [TestMethod]
    public void Settings_come_before_the_host()
    {
        var archives = DebianMirrors.Archives(
            new ApplianceConfig { DebianMirror = new Uri("http://own.example.test/debian") },
            new HostMirrors(new Uri("http://host.example.test/debian"), new Uri("http://host.example.test/debian-security")));

        CollectionAssert.AreEqual(
            (string[])["http://own.example.test/debian/ trixie", "http://own.example.test/debian/ trixie-updates", "http://host.example.test/debian-security/ trixie-security"],
            archives.Select(archive => archive.ToString()).ToArray());
    }

    [TestMethod]
    public void Culture_data_is_part_of_the_image_only_where_the_app_uses_it()
    {
        Assert.IsFalse(PackageSet.For(invariantGlobalization: true, [], MachineArchitecture.X64).Names.Any(name => name.Contains("icu", StringComparison.Ordinal)));
        Assert.IsTrue(PackageSet.For(invariantGlobalization: false, [], MachineArchitecture.X64).System.Any(name => name.Contains("libicu76", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void What_the_user_asks_for_is_added_once_and_never_excluded()
    {
        Assert.Contains("openssl", PackageSet.For(true, [], MachineArchitecture.X64).Exclusions);

        var set = PackageSet.For(true, ["openssl", "tzdata", "curl"], MachineArchitecture.X64);

        Assert.DoesNotContain("openssl", set.Exclusions);
        Assert.AreEqual(1, set.Names.Count(name => name == "tzdata"));
        Assert.IsTrue(set.System.Contains("curl") && set.System.Contains("openssl"));
        // The order of asking does not matter to the image.
        CollectionAssert.AreEqual(set.Names.ToArray(), PackageSet.For(true, ["curl", "openssl", "tzdata"], MachineArchitecture.X64).Names.ToArray());
    }

    [TestMethod]
    public void Packages_whose_scripts_would_set_something_up_are_named()
    {
        ImagePackage Package(string name, params string[] scripts) => new(name, "", "", "") { Scripts = scripts };

        Assert.IsNull(MaintainerScripts.Warning([Package("libc6", "postinst"), Package("curl"), Package("doc", "prerm", "postrm"), Package("linux-image-6.12.0", "postinst")]));
        var warning = MaintainerScripts.Warning([Package("nginx", "postinst"), Package("adduser", "preinst"), Package("curl")]);
        StringAssert.StartsWith(warning, "The maintainer scripts of adduser, nginx do not run in this image");
    }

    private static async Task<PackerException> FailAsync(TestMirror mirror, TemporaryFolder folder, DateTimeOffset? now = null)
    {
        var exception = await Assert.ThrowsExactlyAsync<DebianException>(() => SelectAsync(mirror, folder, now));
        return ApplianceErrors.TryTranslate(exception)!;
    }

    private static async Task<IReadOnlyList<ResolvedPackage>> SelectAsync(TestMirror mirror, TemporaryFolder folder, DateTimeOffset? now = null)
    {
        var keyring = folder["mirror.gpg"];
        if (!File.Exists(keyring)) File.WriteAllBytes(keyring, mirror.Key.Keyring());
        using var cache = new FileCache(folder["cache"], Impatient);
        using var fetcher = new CacheDebianFetcher(cache, new TestUi(), Impatient);
        return await new PackageSelection(fetcher, [mirror.Archive], [keyring]).SelectAsync(Set, now ?? TestKey.Now, CancellationToken.None);
    }
}
