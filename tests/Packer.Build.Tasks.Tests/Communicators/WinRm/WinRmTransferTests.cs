using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Packer.Communicators;
using Packer.Communicators.WinRm;
using Packer.Tests.Engine;

namespace Packer.Tests.Communicators.WinRm;

/// <summary>Files over WinRM, against the stand-in: the protocol and this side are real, what PowerShell does is not.</summary>
[UnsupportedOSPlatform("windows")]
[TestClass]
public sealed class WinRmTransferTests
{
    private static readonly string[] OddNames = ["plain", "with space", "quote'", "dollar$HOME", "-dash", "ünïcödé", "semi;colon", "`tick`", "a&b"];

    public required TestContext TestContext { get; init; }

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Files_with_odd_names_arrive_and_come_back()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        using var folder = new TemporaryFolder();
        foreach (var name in OddNames)
        {
            var content = RandomNumberGenerator.GetBytes(500_000);
            var path = folder["new folder/" + name];
            await connection.Communicator.UploadAsync(path, new MemoryStream(content), null, Token);
            CollectionAssert.AreEqual(content, File.ReadAllBytes(path), name);

            using var back = new MemoryStream();
            await connection.Communicator.DownloadAsync(path, back, Token);
            CollectionAssert.AreEqual(content, back.ToArray(), name);
        }
        await connection.Communicator.UploadAsync(folder["new folder/plain"], new MemoryStream(), null, Token);
        Assert.AreEqual(0, new FileInfo(folder["new folder/plain"]).Length, "A file is replaced, also by an empty one.");
        Assert.IsEmpty(Directory.GetFiles(folder.Path, "*.packer-partial", SearchOption.AllDirectories));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Folders_follow_the_rule_of_the_separator_and_the_excludes()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        using var folder = new TemporaryFolder();
        var source = folder["the source"];
        Directory.CreateDirectory(Path.Combine(source, "sub folder", "deep"));
        Directory.CreateDirectory(Path.Combine(source, "empty"));
        Directory.CreateDirectory(Path.Combine(source, "skipped"));
        foreach (var name in OddNames) File.WriteAllText(Path.Combine(source, "sub folder", name), name);
        File.WriteAllText(Path.Combine(source, "skipped", "a"), "");
        File.WriteAllText(Path.Combine(source, "sub folder", "deep", "x.log"), "");
        File.WriteAllText(Path.Combine(source, "run.cmd"), "exit /b 0\r\n");
        File.CreateSymbolicLink(Path.Combine(source, "link"), "run.cmd");
        string[] excludes = ["skipped", "**/*.log"];

        await connection.Communicator.UploadDirectoryAsync(folder["up/whole"], source, excludes, Token);
        await connection.Communicator.UploadDirectoryAsync(folder["up/contents"], source + "/", excludes, Token);
        await connection.Communicator.DownloadDirectoryAsync(source, folder["down/whole"], excludes, Token);
        await connection.Communicator.DownloadDirectoryAsync(source + "/", folder["down/contents"], excludes, Token);

        string[] expected = ["empty", "link", "run.cmd", "sub folder", "sub folder/deep", .. OddNames.Select(name => "sub folder/" + name)];
        foreach (var result in new[] { folder["up/whole/the source"], folder["up/contents"], folder["down/whole/the source"], folder["down/contents"] })
        {
            CollectionAssert.AreEquivalent(expected, Directory.EnumerateFileSystemEntries(result, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(result, path)).ToArray(), result);
            Assert.AreEqual("exit /b 0\r\n", File.ReadAllText(Path.Combine(result, "link")), "A link is followed.");
            foreach (var name in OddNames) Assert.AreEqual(name, File.ReadAllText(Path.Combine(result, "sub folder", name)));
        }
        Assert.AreEqual(4, server.Service.CommandLines.Count, "A folder takes one command, whatever is in it.");
    }

    [TestMethod]
    [Timeout(300_000, CooperativeCancellation = true)]
    public async Task Big_files_take_little_memory_and_few_requests()
    {
        const long Length = 64 << 20;
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        using var folder = new TemporaryFolder();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        using (var memory = new MemoryWatch())
        {
            await using (var content = new RandomStream(Length)) await connection.Communicator.UploadAsync(folder["big"], content, null, Token);
            TestContext.WriteLine($"Up in {clock.Elapsed.TotalSeconds:0.0} s, {server.Service.Count("Send")} Sends, {memory.Peak >> 20} MiB.");
            clock.Restart();
            await using (var file = File.Create(folder["back"])) await connection.Communicator.DownloadAsync(folder["big"], file, Token);
            TestContext.WriteLine($"Down in {clock.Elapsed.TotalSeconds:0.0} s, {memory.Peak >> 20} MiB.");
            // The stand-in is in the same process, and both hold a few requests as text.
            Assert.IsLessThan(32L << 20, memory.Peak);
        }
        Assert.AreEqual(Length, new FileInfo(folder["big"]).Length);
        await using var first = File.OpenRead(folder["big"]);
        await using var second = File.OpenRead(folder["back"]);
        CollectionAssert.AreEqual(await SHA256.HashDataAsync(first, Token), await SHA256.HashDataAsync(second, Token));
        Assert.IsLessThan(300, server.Service.Count("Send"));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_connection_that_breaks_in_an_upload_leaves_the_file_as_it_was()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "old");
        server.Cuts = (name, count) => name == "Send" && count == 3;

        // The machine goes on; it is only one request that is lost.
        var error = await Assert.ThrowsExactlyAsync<PackerException>(() => connection.Communicator.UploadAsync(folder["file"], new MemoryStream(new byte[2_000_000]), null, Token));

        Assert.AreEqual(DiagnosticCodes.TransferFailed, error.Code);
        Assert.AreEqual("old", File.ReadAllText(folder["file"]));
        Assert.AreEqual(0, server.Service.Shells);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task What_cannot_be_copied_is_said()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");

        StringAssert.Contains(await FailsAsync(() => connection.Communicator.UploadAsync(folder["file/below"], new MemoryStream(new byte[5_000_000]), null, Token)), "file");
        StringAssert.Contains(await FailsAsync(() => connection.Communicator.UploadAsync("C:\\folder\\", new MemoryStream(), null, Token)), "name of a folder");
        StringAssert.Contains(await FailsAsync(() => connection.Communicator.DownloadAsync(folder["none"], new MemoryStream(), Token)), "none");
        StringAssert.Contains(await FailsAsync(() => connection.Communicator.DownloadDirectoryAsync(folder["none"], folder["down"], [], Token)), "none");
        StringAssert.Contains(await FailsAsync(() => connection.Communicator.DownloadDirectoryAsync("C:\\*.log", folder["down"], [], Token)), "patterns");
        StringAssert.Contains(await FailsAsync(() => connection.Communicator.UploadDirectoryAsync(folder["up"], folder["none"], [], Token)), "does not exist");
        StringAssert.Contains(await FailsAsync(() => connection.Communicator.UploadAsync(folder["x"], new BrokenStream(), null, Token)), "disk of this side");
        Assert.AreEqual(0, server.Service.Shells);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_machine_cannot_write_outside_of_the_folder()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["source"]);
        // A name that means another folder where Windows' separators do.
        File.WriteAllText(folder["source/..\\up"], "");

        StringAssert.Contains(await FailsAsync(() => connection.Communicator.DownloadDirectoryAsync(folder["source/"], folder["a/b"], [], Token)), "is refused");

        Assert.IsFalse(File.Exists(folder["a/up"]));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_cancel_of_an_upload_leaves_the_file_as_it_was()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "old");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        server.Cuts = (name, count) =>
        {
            if (name == "Send" && count == 3) cancel.Cancel();
            return false;
        };

        await Assert.ThrowsAsync<OperationCanceledException>(() => connection.Communicator.UploadAsync(folder["file"], new RandomStream(1L << 30), null, cancel.Token));

        Assert.AreEqual("old", File.ReadAllText(folder["file"]));
        await Eventually.IsTrueAsync(() => server.Service.Shells == 0, "no shell is left");
    }

    [TestMethod]
    public void The_longest_path_of_Windows_fits_into_a_command()
    {
        var path = @"C:\" + new string('x', 256);
        foreach (var script in new[] { WinRmScripts.UploadFile(path), WinRmScripts.UploadFolder(path), WinRmScripts.DownloadFile(path), WinRmScripts.DownloadFolder(path) })
            Assert.IsLessThan(8000, WinRmScripts.Encode(script).Length);
        Assert.ThrowsExactly<PackerException>(() => WinRmScripts.Encode(WinRmScripts.UploadFolder(new string('x', 3000))));
    }

    private static async Task<string> FailsAsync(Func<Task> copy)
    {
        var error = await Assert.ThrowsExactlyAsync<PackerException>(copy);
        Assert.AreEqual(DiagnosticCodes.TransferFailed, error.Code, error.Message);
        return error.Message;
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("The disk of this side is broken.");
    }

    /// <summary>Random bytes, without a length that could be asked for.</summary>
    private sealed class RandomStream(long length) : Stream
    {
        private readonly Random random = new(1);
        private long left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var taken = (int)Math.Min(count, left);
            random.NextBytes(buffer.AsSpan(offset, taken));
            left -= taken;
            return taken;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
