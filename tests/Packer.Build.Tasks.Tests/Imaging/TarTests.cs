using System.Text;
using Packer.Imaging;

namespace Packer.Tests.Imaging;

[TestClass]
public sealed class TarTests
{
    [TestMethod]
    [TestCategory("Rig")]
    [DataRow("ustar")]
    [DataRow("gnu")]
    [DataRow("pax")]
    public async Task What_gnu_tar_packs_is_read(string format)
    {
        Rig.Require("tar", "setfattr", "ln");
        using var folder = new TemporaryFolder();
        var root = Directory.CreateDirectory(folder["in"]).FullName;
        var longName = new string('l', 90) + "/" + new string('m', format == "ustar" ? 90 : 200);
        Directory.CreateDirectory(Path.Combine(root, Path.GetDirectoryName(longName)!));
        await File.WriteAllBytesAsync(Path.Combine(root, longName), Samples.Bytes(1500));
        await File.WriteAllTextAsync(Path.Combine(root, "Größe"), "umlaut");
        await File.WriteAllTextAsync(Path.Combine(root, "empty"), "");
        await Tool.RunAsync("chmod", "4711", Path.Combine(root, "empty"));
        File.CreateSymbolicLink(Path.Combine(root, "link"), format == "ustar" ? "empty" : new string('t', 150));
        await Tool.RunAsync("ln", Path.Combine(root, "Größe"), Path.Combine(root, "hard"));
        if (format == "pax") await Tool.RunAsync("setfattr", "-n", "user.note", "-v", "value", Path.Combine(root, "empty"));
        await Tool.RunAsync("tar", $"--format={format}", "--xattrs", "--owner=7", "--group=8", "--numeric-owner", "--mtime=@1700000000", "--sort=name", "-cf", folder["tar"], "-C", root, ".");
        var tree = new FileTree(0);
        TarTree.AddTo(tree, folder["tar"]);
        BytesAssert.AreEqual(Samples.Bytes(1500), tree.Get(longName).Data.ReadAll());
        CollectionAssert.AreEqual("umlaut"u8.ToArray(), tree.Get("/hard").Data.ReadAll());
        Assert.AreSame(tree.Get("/Größe"), tree.Get("/hard"));
        Assert.AreEqual(new NodeMetadata(Permissions.Octal(4711), 7, 8, Samples.Time), tree.Get("empty").Metadata);
        Assert.AreEqual(format == "ustar" ? "empty" : new string('t', 150), tree.Get("/link").Target);
        if (format == "pax") CollectionAssert.AreEqual("value"u8.ToArray(), tree.Get("empty").ExtendedAttributes["user.note"]);
    }

    [TestMethod]
    public void Numbers_beyond_octal_and_times_before_1970_are_read()
    {
        var tree = Read(new TarBuilder().Add("old", mtime: -5, userId: 3_000_000_000, binary: true).Pax("mtime", "-1.5").Add("pax").Pax("uid", "4000000000").Pax("gid", "9").Add("id"));
        Assert.AreEqual(new NodeMetadata(Permissions.Octal(644), 3_000_000_000, 0, -5), tree.Get("old").Metadata);
        Assert.AreEqual(-2, tree.Get("pax").Metadata.ModificationTime);
        Assert.AreEqual(4_000_000_000, tree.Get("id").Metadata.UserId);
        Assert.AreEqual(9u, tree.Get("id").Metadata.GroupId);
    }

    [TestMethod]
    public void Pax_records_hold_for_one_member_and_global_ones_for_all()
    {
        var tree = Read(new TarBuilder().Pax("gid", "5", global: true).Pax("path", "named").Add("x").Add("y", content: "12345678").Pax("size", "3").Add("z", content: "123", sizeField: 0));
        Assert.AreEqual(5u, tree.Get("named").Metadata.GroupId);
        Assert.AreEqual(5u, tree.Get("y").Metadata.GroupId);
        Assert.AreEqual(3, tree.Get("z").Data.Length);
    }

    [TestMethod]
    public void Later_archives_follow_the_links_of_earlier_ones()
    {
        using var folder = new TemporaryFolder();
        var tree = new FileTree(0);
        AddTo(tree, folder, new TarBuilder().Add("./", type: '5').Add("./usr/bin/", type: '5').Add("./bin", type: '2', link: "usr/bin"));
        AddTo(tree, folder, new TarBuilder().Add("./bin/", type: '5').Add("./bin/sh", content: "shell"));
        Assert.AreEqual(NodeType.SymbolicLink, tree.Get("/bin").Type);
        Assert.IsNotNull(tree.Get("/usr/bin/sh"));
    }

    [TestMethod]
    public void What_is_not_kept_still_serves_hard_links()
    {
        using var folder = new TemporaryFolder();
        var tree = new FileTree(0);
        File.WriteAllBytes(folder["tar"], new TarBuilder().Add("doc/original", content: "content").Add("kept", type: '1', link: "./doc/original").Build());
        TarTree.AddTo(tree, folder["tar"], path => !path.StartsWith("/doc", StringComparison.Ordinal));
        CollectionAssert.AreEqual(new[] { "/kept" }, tree.Walk().Select(entry => entry.Path).ToArray());
        CollectionAssert.AreEqual("content"u8.ToArray(), tree.Get("/kept").Data.ReadAll());
    }

    [TestMethod]
    public void Absolute_names_stay_within_the_tree() => Assert.IsNotNull(Read(new TarBuilder().Add("/etc/passwd")).Get("/etc/passwd"));

    [TestMethod]
    public void Hostile_archives_are_errors()
    {
        Check(new TarBuilder().Add("../escape"), "'..'");
        Check(new TarBuilder().Add("a/../../escape"), "'..'");
        Check(new TarBuilder().Add("hard", type: '1', link: "../../etc/shadow"), "'..'");
        Check(new TarBuilder().Add("hard", type: '1', link: "absent"), "does not come before it");
        Check(new TarBuilder().Add("self", type: '1', link: "self"), "does not come before it");
        Check(new TarBuilder().Add("folder/", type: '5').Add("hard", type: '1', link: "folder"), "hard link to the folder");
        Check(new TarBuilder().Add("a", type: '2', link: "b").Add("b", type: '2', link: "a").Add("a/x"), "loop");
        Check(new TarBuilder().Add("link", type: '2', link: ""), "target of 0 bytes");
        Check(new TarBuilder().Add("file", sizeField: 1L << 40, binary: true), "ends within a member");
        Check(new TarBuilder().Add("file", sizeField: -1, binary: true), "ends within a member");
        Check(new TarBuilder().Add("file", sizeField: long.MaxValue - 100, binary: true), "ends within a member");
        Check(new TarBuilder().Pax("size", "99999999999999999999").Add("file"), "'size' is not a number");
        Check(new TarBuilder().Pax("mtime", "soon").Add("file"), "'mtime' is not a number");
        Check(new TarBuilder().Pax("uid", "5000000000").Add("file"), "number 5000000000");
        Check(new TarBuilder().Raw('x', "12 path=short"u8.ToArray()).Add("file"), "pax header is malformed");
        Check(new TarBuilder().Raw('x', "0 a=b\n"u8.ToArray()).Add("file"), "pax header is malformed");
        Check(new TarBuilder().Raw('L', new byte[(1 << 20) + 1]).Add("file"), "a header of");
        Check(new TarBuilder().Pax("path", new string('x', 300)).Add("file"), "300 bytes");
        Check(new TarBuilder().Pax("path", string.Concat(Enumerable.Repeat("d/", 100_000)) + "x").Add("file"), "longer than");
        Check(new TarBuilder().Pax("GNU.sparse.major", "1").Add("file"), "sparse");
        Check(new TarBuilder().Add("file", type: 'S'), "unknown type 'S'");
        Check(new TarBuilder().Add("device", type: '3', major: 5000), "number is 5000:0", "has the number 5000:0");
    }

    [TestMethod]
    public void An_archive_cut_at_any_place_is_an_error()
    {
        var archive = new TarBuilder().Pax("path", "long").Add("a", content: "content").Add("b", content: "more").Build();
        using var folder = new TemporaryFolder();
        for (var length = 0; length < archive.Length - 1024; length += 64)
        {
            File.WriteAllBytes(folder["cut"], archive[..length]);
            StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => TarTree.AddTo(new FileTree(0), folder["cut"])).Message, folder["cut"]);
        }
    }

    [TestMethod]
    public void A_damaged_archive_never_gives_another_exception()
    {
        var archive = new TarBuilder().Pax("path", "long").Add("a", content: "content").Add("b", type: '2', link: "a").Add("c", type: '1', link: "long").Build();
        using var folder = new TemporaryFolder();
        var random = new Random(11);
        for (var round = 0; round < 500; round++)
        {
            var damaged = (byte[])archive.Clone();
            for (var count = random.Next(1, 4); count > 0; count--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            TarBuilder.FixChecksums(damaged);
            File.WriteAllBytes(folder["damaged"], damaged);
            try
            {
                TarTree.AddTo(new FileTree(0), folder["damaged"]);
            }
            catch (ImagingException)
            {
                // Expected for most.
            }
        }
    }

    [TestMethod]
    public void An_absent_archive_is_named()
    {
        using var folder = new TemporaryFolder();
        StringAssert.Contains(Assert.ThrowsExactly<ImagingException>(() => TarTree.AddTo(new FileTree(0), folder["absent"])).Message, folder["absent"]);
    }

    private static void Check(TarBuilder builder, params string[] messages)
    {
        var error = Assert.ThrowsExactly<ImagingException>(() => Read(builder), messages[0]);
        Assert.IsTrue(messages.Any(message => error.Message.Contains(message, StringComparison.Ordinal)), error.Message);
    }

    private static FileTree Read(TarBuilder builder)
    {
        using var folder = new TemporaryFolder();
        var tree = new FileTree(0);
        AddTo(tree, folder, builder);
        return tree;
    }

    private static void AddTo(FileTree tree, TemporaryFolder folder, TarBuilder builder)
    {
        var path = folder[Guid.NewGuid().ToString()];
        File.WriteAllBytes(path, builder.Build());
        TarTree.AddTo(tree, path);
    }

    /// <summary>Builds archives that no tar program would.</summary>
    private sealed class TarBuilder
    {
        private readonly MemoryStream stream = new();

        public TarBuilder Add(string name, char type = '0', string content = "", string link = "", long mtime = 0, long userId = 0, long? sizeField = null, bool binary = false, long major = 0)
        {
            Write(name, type, Encoding.UTF8.GetBytes(content), link, mtime, userId, sizeField, binary, major);
            return this;
        }

        public TarBuilder Pax(string key, string value, bool global = false)
        {
            var length = key.Length + value.Length + 3;
            while (length != $"{length} {key}={value}\n".Length) length = $"{length} {key}={value}\n".Length;
            return Raw(global ? 'g' : 'x', Encoding.UTF8.GetBytes($"{length} {key}={value}\n"));
        }

        public TarBuilder Raw(char type, byte[] content)
        {
            Write("header", type, content, "", 0, 0, null, false, 0);
            return this;
        }

        public byte[] Build() => [.. stream.ToArray(), .. new byte[1024]];

        public static void FixChecksums(byte[] archive)
        {
            for (var offset = 0; offset < archive.Length; offset += 512)
            {
                var header = archive.AsSpan(offset, 512);
                if (header.Slice(257, 5).SequenceEqual("ustar"u8)) PutChecksum(header);
            }
        }

        private void Write(string name, char type, byte[] content, string link, long mtime, long userId, long? sizeField, bool binary, long major)
        {
            var header = new byte[512];
            Encoding.UTF8.GetBytes(name).CopyTo(header, 0);
            Number(header.AsSpan(100, 8), 0x1A4, false);
            Number(header.AsSpan(108, 8), userId, binary);
            Number(header.AsSpan(116, 8), 0, false);
            Number(header.AsSpan(124, 12), sizeField ?? content.Length, binary);
            Number(header.AsSpan(136, 12), mtime, binary);
            header[156] = (byte)type;
            Encoding.UTF8.GetBytes(link).CopyTo(header, 157);
            "ustar\0"u8.CopyTo(header.AsSpan(257));
            Number(header.AsSpan(329, 8), major, false);
            PutChecksum(header);
            stream.Write(header);
            stream.Write(content);
            stream.Write(new byte[(512 - (content.Length % 512)) % 512]);
        }

        private static void Number(Span<byte> field, long value, bool binary)
        {
            if (!binary)
            {
                Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(field.Length - 1, '0'), field);
                return;
            }
            field.Fill(value < 0 ? (byte)0xFF : (byte)0);
            field[0] |= 0x80;
            for (var index = 0; index < Math.Min(8, field.Length - 1); index++) field[^(index + 1)] = (byte)(value >> (8 * index));
        }

        private static void PutChecksum(Span<byte> header)
        {
            header.Slice(148, 8).Fill((byte)' ');
            var sum = 0;
            foreach (var value in header) sum += value;
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0'), header[148..]);
            header[154] = 0;
        }
    }
}
