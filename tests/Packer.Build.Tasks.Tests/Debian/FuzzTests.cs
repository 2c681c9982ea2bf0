using System.Text;
using Packer.Debian;

namespace Packer.Tests.Debian;

/// <summary>Whatever bytes come, the readers end with a result or with <see cref="DebianException"/>, and never hang.</summary>
[TestClass]
public sealed class FuzzTests
{
    private const string Control = "Package: hello\nVersion: 1.0\nArchitecture: all\nDescription: short\n long\n";

    private static readonly string Packages = Stanza.Expand("""
        a 1.0-1; Depends: b (>= 1:2~rc), c | d [amd64]; Provides: v (= 3)
        b 1:2; Essential: yes
        c 1; Conflicts: d (<< 3)
        d 2
        """);

    private static readonly string Release = $"""
        Suite: stable
        Codename: trixie
        Date: Mon, 1 Jun 2026 10:00:00 UTC
        Valid-Until: Mon, 08 Jun 2026 10:00:00 UTC
        SHA256:
         {new string('a', 64)} 12 main/binary-amd64/Packages.xz
        """;

    [TestMethod]
    public void Clear_signed_files()
    {
        var key = new TestKey();
        var keyring = ArchiveKeyring.Empty.With(key.Keyring(), "test");
        var signed = Encoding.UTF8.GetBytes(key.Sign("Suite: stable\n- x\n"));
        var whole = ClearSignedFile.Verify(signed, keyring, TestKey.Now, "test").Text;
        Fuzz(signed, 1500, input => Assert.AreEqual(whole, ClearSignedFile.Verify(input, keyring, TestKey.Now, "test").Text));
    }

    [TestMethod]
    public void Keyrings() => Fuzz(new TestKey(subkey: true).Keyring(), 300, input => ArchiveKeyring.Empty.With(input, "test"));

    [TestMethod]
    public void Release_files() => Fuzz(Encoding.UTF8.GetBytes(Release), 2000, input => ReleaseFile.Parse(Encoding.UTF8.GetString(input), "test").Check("trixie", TestKey.Now, "test"));

    [TestMethod]
    public void Indexes_and_what_is_chosen_from_them() => Fuzz(Encoding.UTF8.GetBytes(Packages), 2000, input =>
    {
        var catalog = new PackageCatalog([(Stanza.Archive, PackageIndex.Build(new MemoryStream(input), "test", CancellationToken.None))], "amd64");
        foreach (var package in Resolver.Resolve(catalog, ["a"], new HashSet<string>())) ResolvedPackage.Of(package.Entry, "trixie");
    });

    [TestMethod]
    public void Cached_indexes() => Fuzz(Stanza.Index(Packages).Image.ToArray(), 1000, input => PackageIndex.TryRead(input)?.Find("a").Count());

    [TestMethod]
    [DataRow("", 300)]
    [DataRow(".gz", 400)]
    [DataRow(".xz", 400)]
    [DataRow(".zst", 400)]
    public async Task Packages_of_every_packing(string extension, int count)
    {
        using var folder = new TemporaryFolder();
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200).Select(i => $"line {i * 7919}\n")));
        var deb = PackageBuilder.Deb(Control, PackageBuilder.Tar(("./a", text)), extension);
        foreach (var input in Inputs(deb, count, truncations: 100))
        {
            var path = folder.Write("a.deb", input);
            await AllowAsync(() => DebFile.ReadControlAsync(path, CancellationToken.None));
            await AllowAsync(() => DebFile.ExpandDataAsync(path, folder.File("a.tar"), 1 << 20, CancellationToken.None));
        }
    }

    [TestMethod]
    public void Real_xz_data()
    {
        var packed = Convert.FromBase64String(
            "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4AzwAVZdACgYSGbb2jCF/hbviRqT28Rcy/DBmslinsHlJQATt4ICDJW4pRS6yOv+ayDKgp4pmJAGCWjJYVe6kvwJdMGmLCRM");
        Fuzz(packed, 1000, input =>
        {
            using var stream = ExpandingStream.Open(new MemoryStream(input), "a.xz", 1 << 20, "test");
            stream.CopyTo(Stream.Null);
        });
    }

    private static void Fuzz(byte[] valid, int count, Action<byte[]> read)
    {
        foreach (var input in Inputs(valid, count, valid.Length))
        {
            try
            {
                read(input);
            }
            catch (DebianException)
            {
                // As it should be.
            }
        }
    }

    private static async Task AllowAsync(Func<Task> read)
    {
        try
        {
            await read();
        }
        catch (DebianException)
        {
            // As it should be.
        }
    }

    // Truncated at every (or at evenly spread) lengths, then with one to four bits, bytes or ranges changed.
    private static IEnumerable<byte[]> Inputs(byte[] valid, int count, int truncations)
    {
        for (var i = 0; i < truncations; i++) yield return valid[..(int)((long)valid.Length * i / truncations)];
        var random = new Random(20260601);
        for (var i = 0; i < count; i++)
        {
            var changed = (byte[])valid.Clone();
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                var at = random.Next(changed.Length);
                switch (random.Next(4))
                {
                    case 0: changed[at] = (byte)random.Next(256); break;
                    case 1: changed[at] = "\n :-,|(["u8[random.Next(8)]; break;
                    case 2: Array.Copy(valid, random.Next(valid.Length - 1), changed, at, 1); break;
                    default: changed[at] ^= (byte)(1 << random.Next(8)); break;
                }
            }

            yield return changed;
        }
    }
}
