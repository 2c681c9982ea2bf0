using System.Formats.Tar;
using Packer.Debian;

namespace Packer.Tests.Debian;

[TestClass]
public sealed class DebianRepositoryTests
{
    private const string Packages = "app 1.0; Depends: lib\nlib 2.0; Source: library (2.0-1)\nother 3; Essential: yes";

    private static readonly HashSet<string> None = [];

    [TestMethod]
    [DataRow(".xz", true)]
    [DataRow(".gz", false)]
    [DataRow(".zst", true)]
    [DataRow("", false)]
    public async Task Packages_are_chosen_fetched_and_expanded(string extension, bool byHash)
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages, extension: extension, byHash: byHash, validFor: TimeSpan.FromDays(7));
        using var folder = new TemporaryFolder();
        using var fetcher = new TestFetcher(folder.Path);

        var repository = await mirror.OpenAsync(fetcher);
        var packages = repository.Resolve(["app"], None);
        var debs = await repository.FetchAsync(packages, CancellationToken.None);
        var tars = await repository.ExpandAsync(packages, CancellationToken.None);
        var control = await repository.Store.ReadControlAsync(packages[1], CancellationToken.None);

        Assert.AreEqual("app 1.0 (amd64), lib 2.0 (amd64)", string.Join(", ", packages));
        Assert.AreEqual(("library", "2.0-1", "trixie", "pool/lib.deb"), (packages[1].Source, packages[1].SourceVersion, packages[1].Suite, packages[1].Filename));
        CollectionAssert.AreEqual((string[])["other"], repository.EssentialNames.ToArray());
        CollectionAssert.AreEqual(mirror.Files["/debian/pool/app.deb"], await File.ReadAllBytesAsync(debs[0]));
        using var tar = new TarReader(File.OpenRead(tars[1]));
        Assert.AreEqual("./usr/share/lib", (await tar.GetNextEntryAsync())!.Name);
        Assert.AreEqual("lib", control.Fields["Package"]);
        Assert.AreEqual(byHash, mirror.Requests.Any(path => path.Contains("/by-hash/", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task Warm_start_asks_for_the_signed_index_only()
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        using var folder = new TemporaryFolder();
        using var fetcher = new TestFetcher(folder.Path);
        var repository = await mirror.OpenAsync(fetcher);
        var packages = repository.Resolve(["app"], None);
        await repository.ExpandAsync(packages, CancellationToken.None);
        mirror.Requests.Clear();

        var again = await mirror.OpenAsync(fetcher);
        CollectionAssert.AreEqual(packages.ToArray(), again.Resolve(["app"], None).ToArray());
        await again.ExpandAsync(packages, CancellationToken.None);

        CollectionAssert.AreEqual((string[])["/debian/dists/trixie/InRelease"], mirror.Requests.ToArray());
    }

    [TestMethod]
    public async Task Locked_packages_are_fetched_without_any_index()
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        using var folder = new TemporaryFolder();
        using var fetcher = new TestFetcher(folder.Path);
        var locked = ResolvedPackage.ToJson((await mirror.OpenAsync(fetcher)).Resolve(["lib"], None));
        mirror.Requests.Clear();

        var paths = await new DebianPackageStore(fetcher, [mirror.Archive]).FetchAsync(ResolvedPackage.FromJson(locked, "lock"), CancellationToken.None);

        Assert.HasCount(1, paths);
        CollectionAssert.AreEqual((string[])["/debian/pool/lib.deb"], mirror.Requests.ToArray());
    }

    [TestMethod]
    public async Task Damaged_index_in_the_cache_is_made_again()
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        using var folder = new TemporaryFolder();
        using var fetcher = new TestFetcher(folder.Path);
        await mirror.OpenAsync(fetcher);
        var cached = folder.File(fetcher.Files.Single(file => file.StartsWith("debian-index", StringComparison.Ordinal)));
        var content = await File.ReadAllBytesAsync(cached);
        content[^100] ^= 1;
        await File.WriteAllBytesAsync(cached, content);

        Assert.HasCount(2, (await mirror.OpenAsync(fetcher)).Resolve(["app"], None));

        content[^100] ^= 1;
        CollectionAssert.AreEqual(content, await File.ReadAllBytesAsync(cached));
    }

    [TestMethod]
    [DataRow("by-hash", Fault.Missing)]
    [DataRow("by-hash", Fault.Flip)]
    [DataRow("by-hash", Fault.Truncate)]
    public async Task Index_by_name_stands_in_for_the_one_by_hash(string path, object fault)
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        mirror.Faults[path] = (Fault)fault;
        using var folder = new TemporaryFolder();
        using var fetcher = new TestFetcher(folder.Path);
        Assert.HasCount(2, (await mirror.OpenAsync(fetcher)).Resolve(["app"], None));
    }

    [TestMethod]
    [DataRow("InRelease", Fault.Missing, DebianError.NotFound)]
    [DataRow("InRelease", Fault.Reset, DebianError.Unreachable)]
    [DataRow("InRelease", Fault.Truncate, DebianError.Unreachable)]
    [DataRow("InRelease", Fault.Flip, DebianError.SignatureInvalid)]
    [DataRow("binary-amd64", Fault.Missing, DebianError.NotFound)]
    [DataRow("binary-amd64", Fault.Reset, DebianError.Unreachable)]
    [DataRow("binary-amd64", Fault.Truncate, DebianError.Unreachable)]
    [DataRow("binary-amd64", Fault.Flip, DebianError.HashMismatch)]
    public async Task Faults_of_the_mirror_while_opening(string path, object fault, object error)
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        mirror.Faults[path] = (Fault)fault;
        using var folder = new TemporaryFolder();
        using var fetcher = new TestFetcher(folder.Path);
        await DebianAssert.FailsAsync((DebianError)error, () => mirror.OpenAsync(fetcher));
        Assert.HasCount(0, fetcher.Files);
    }

    [TestMethod]
    [DataRow(Fault.Missing, DebianError.NotFound)]
    [DataRow(Fault.Reset, DebianError.Unreachable)]
    [DataRow(Fault.Truncate, DebianError.Unreachable)]
    [DataRow(Fault.Flip, DebianError.HashMismatch)]
    public async Task Faults_of_the_mirror_while_fetching(object fault, object error)
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages);
        using var folder = new TemporaryFolder();
        using var fetcher = new TestFetcher(folder.Path);
        var repository = await mirror.OpenAsync(fetcher);
        var before = fetcher.Files;
        mirror.Faults["pool/lib.deb"] = (Fault)fault;
        var lib = repository.Resolve(["lib"], None);

        await DebianAssert.FailsAsync((DebianError)error, () => repository.FetchAsync(lib, CancellationToken.None));
        var exception = await DebianAssert.FailsAsync((DebianError)error, () => repository.ExpandAsync(lib, CancellationToken.None));

        CollectionAssert.AreEquivalent(before, fetcher.Files);
        if ((DebianError)error == DebianError.NotFound) Assert.Contains("lib 2.0", exception.Message);
    }

    [TestMethod]
    [DataRow("InRelease")]
    [DataRow("Packages")]
    public async Task Stalled_mirror_ends_in_time_and_when_cancelled(string path)
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages, byHash: false);
        mirror.Faults[path] = Fault.Stall;
        using var folder = new TemporaryFolder();
        using (var impatient = new TestFetcher(folder.Path, TimeSpan.FromMilliseconds(500)))
            await DebianAssert.FailsAsync(DebianError.Unreachable, () => mirror.OpenAsync(impatient));

        using var fetcher = new TestFetcher(folder.Path);
        using var cancel = new CancellationTokenSource();
        mirror.Requests.Clear();
        var opening = mirror.OpenAsync(fetcher, cancel.Token);
        while (!mirror.Requests.Any(request => request.Contains(path, StringComparison.Ordinal))) await Task.Delay(5);
        await cancel.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => opening);
        Assert.HasCount(0, fetcher.Files);
    }

    [TestMethod]
    public async Task Liars_are_found_out()
    {
        await using var mirror = new TestMirror();
        var stranger = new TestKey();
        await FailsAsync(DebianError.SignatureUntrusted, () => mirror.Publish(Packages, text => stranger.Sign(text)));
        await FailsAsync(DebianError.SignatureInvalid, () => mirror.Publish(Packages, text => text));
        await FailsAsync(DebianError.SignatureInvalid, () => mirror.Publish(Packages, text => "SHA256:\n 00 1 x\n" + mirror.Key.Sign(text)));
        await FailsAsync(DebianError.SignatureInvalid, () => mirror.Publish(Packages, text => mirror.Key.Sign(text) + text));
        await FailsAsync(DebianError.SignatureExpired, () => mirror.Publish(Packages, text => mirror.Key.Sign(text, new() { SignedAt = TestKey.Now.UtcDateTime.AddDays(-9), ExpiresAfter = TimeSpan.FromDays(1) })));
        await FailsAsync(DebianError.WrongSuite, () => mirror.Publish(Packages, codename: "bookworm"));
        await FailsAsync(DebianError.ReleaseExpired, () => mirror.Publish(Packages, validFor: TimeSpan.FromDays(-1)));
        await FailsAsync(DebianError.Damaged, () => mirror.Publish(Packages, _ => mirror.Key.Sign("no release")));
        await FailsAsync(DebianError.NotFound, () => mirror.Publish(Packages, text => mirror.Key.Sign(text.Replace("binary-amd64", "binary-riscv64", StringComparison.Ordinal))));

        async Task FailsAsync(DebianError error, Action publish)
        {
            publish();
            using var folder = new TemporaryFolder();
            using var fetcher = new TestFetcher(folder.Path);
            await DebianAssert.FailsAsync(error, () => mirror.OpenAsync(fetcher));
            Assert.HasCount(0, fetcher.Files);
        }
    }

    [TestMethod]
    public async Task Signed_but_malformed_content_leaves_no_derived_file()
    {
        await using var mirror = new TestMirror();
        mirror.Publish(Packages + "\nbroken 1; Architecture:");
        using var folder = new TemporaryFolder();
        using var fetcher = new TestFetcher(folder.Path);
        await DebianAssert.FailsAsync(DebianError.Damaged, () => mirror.OpenAsync(fetcher));
        Assert.IsFalse(fetcher.Files.Any(file => file.StartsWith("debian-index", StringComparison.Ordinal)));
    }
}
