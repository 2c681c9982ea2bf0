using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Packer.Engine;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class FileCacheTests
{
    private static readonly FileCacheOptions Quick = new()
    {
        FirstWait = TimeSpan.FromMilliseconds(1),
        LongestWait = TimeSpan.FromMilliseconds(5),
        StallTimeout = TimeSpan.FromSeconds(20),
        Tries = 3,
    };

    private readonly byte[] content = RandomNumberGenerator.GetBytes(300_000);
    private readonly TestUi ui = new();
    private TemporaryDirectory folder = null!;

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    private string Sum => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    [TestInitialize]
    public void Initialize() => folder = TemporaryDirectory.Create();

    [TestCleanup]
    public async Task CleanUp() => await folder.DisposeAsync();

    [TestMethod]
    public async Task AFileIsFetchedOnceAndVerifiedByEachBuild()
    {
        await using var server = new TestServer(request => request.ServeAsync(content));
        var first = await GetAsync(server.Address("disk.iso"));
        Assert.AreEqual($"{Sum.Replace(':', '-')}.iso", Path.GetFileName(first));
        Assert.AreEqual(first, await GetAsync(server.Address("disk.iso")));
        Assert.HasCount(1, server.Requests);
        AssertContent(first);
    }

    [TestMethod]
    public async Task ManyAskersShareOneDownload()
    {
        await using var server = new TestServer(request => request.ServeAsync(content));
        var paths = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => GetAsync(server.Address("disk.iso")))));
        Assert.HasCount(1, paths.Distinct().ToList());
        Assert.HasCount(1, server.Requests);
        AssertNothingBeside(paths[0]);
    }

    [TestMethod]
    public async Task RedirectsAreFollowed()
    {
        await using var server = new TestServer(request => request.Path == "/disk.iso"
            ? request.HeadAsync("302 Found", "Location: /mirror/disk.iso", "Content-Length: 0")
            : request.ServeAsync(content));
        AssertContent(await GetAsync(server.Address("disk.iso")));
    }

    [TestMethod]
    public async Task ATruncatedDownloadGoesOnWhereItEnded()
    {
        await using var server = new TestServer(request => request.Number == 1 ? request.TruncateAsync(content, 100_000) : request.ServeAsync(content));
        AssertContent(await GetAsync(server.Address("disk.iso")));
        Assert.AreEqual(100_000, server.Requests.Last().RangeStart);
        Assert.AreEqual("\"v1\"", server.Requests.Last().Headers["If-Range"]);
    }

    [TestMethod]
    public async Task ADownloadThatGetsOnIsNotGivenUp()
    {
        // Ten breaks, but each with more bytes: more than the three tries that a dead address has.
        await using var server = new TestServer(async request =>
        {
            var start = request.RangeStart ?? 0;
            var end = Math.Min(start + 30_000, content.Length);
            await request.HeadAsync(start == 0 ? "200 OK" : "206 Partial Content", "ETag: \"v1\"", $"Content-Length: {content.Length - start}",
                $"Content-Range: bytes {start}-{content.Length - 1}/{content.Length}");
            await request.WriteAsync(content.AsMemory(start..end));
        });
        AssertContent(await GetAsync(server.Address("disk.iso")));
        Assert.HasCount(10, server.Requests);
    }

    [TestMethod]
    public async Task ACancelledDownloadGoesOnInTheNextBuild()
    {
        using var cancel = new CancellationTokenSource();
        await using var server = new TestServer(async request =>
        {
            if (request.Number > 1)
            {
                await request.ServeAsync(content);
                return;
            }
            await request.TruncateAsync(content, 123_456);
            await request.StallAsync();
        });
        var first = GetAsync(server.Address("disk.iso"), token: cancel.Token);
        await Eventually.IsTrueAsync(() => Directory.EnumerateFiles(folder.FullPath, "*.partial", SearchOption.AllDirectories).Any(file => new FileInfo(file).Length == 123_456), "bytes came");
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => first);
        AssertContent(await GetAsync(server.Address("disk.iso")));
        Assert.AreEqual(123_456, server.Requests.Last().RangeStart);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task AnotherEntityIsFetchedFromTheStart(bool honest)
    {
        // The dishonest server ignores If-Range's meaning and sends a range of the new file: its total differs from the old one.
        var old = content[..200_000];
        await using var server = new TestServer(async request =>
        {
            if (request.Number == 1) await request.TruncateAsync(old, 100_000, "\"old\"");
            else if (honest || request.RangeStart is null) await request.ServeAsync(content, "\"new\"");
            else
            {
                await request.HeadAsync("206 Partial Content", $"Content-Range: bytes 100000-{content.Length - 1}/{content.Length}", $"Content-Length: {content.Length - 100_000}");
                await request.WriteAsync(content.AsMemory(100_000));
            }
        });
        AssertContent(await GetAsync(server.Address("disk.iso")));
    }

    [TestMethod]
    public async Task WithoutATagNothingIsResumed()
    {
        await using var server = new TestServer(request => request.Number == 1 ? request.TruncateAsync(content, 100_000, tag: null) : request.ServeAsync(content, tag: null));
        AssertContent(await GetAsync(server.Address("disk.iso")));
        Assert.IsTrue(server.Requests.All(request => request.RangeStart is null));
    }

    [TestMethod]
    public async Task BytesThatSufferedAreFetchedAgain()
    {
        await using var server = new TestServer(request => request.Number == 1 ? request.TruncateAsync(content, 100_000) : request.ServeAsync(content));
        await Assert.ThrowsAsync<PackerException>(() => GetAsync(server.Address("disk.iso"), options: Quick with { Tries = 1, LongestWait = TimeSpan.Zero }));
        var part = Directory.EnumerateFiles(folder.FullPath, "*.partial", SearchOption.AllDirectories).Single();
        await File.WriteAllBytesAsync(part, new byte[100_000], Token);
        AssertContent(await GetAsync(server.Address("disk.iso")));
        CollectionAssert.AreEqual(new int?[] { null, 100_000, null }, server.Requests.Select(request => request.RangeStart).ToArray());
    }

    [TestMethod]
    public async Task AllBytesButTheLastStepIsFinishedWithoutTheServer()
    {
        await using var server = new TestServer(request => request.HeadAsync("404 Not Found", "Content-Length: 0"));
        using var cache = new FileCache(folder.FullPath, Quick);
        var path = Path.Combine(folder.FullPath, "downloads", Sum.Replace(':', '-') + ".iso");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = new PartialDownload(path);
        var source = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(server.Address("disk.iso").AbsoluteUri)));
        await part.BeginAsync(new PartialEntity(source, "\"v1\"", null, content.Length), Token);
        await File.WriteAllBytesAsync(part.FilePath, content, Token);
        AssertContent(await GetAsync(server.Address("disk.iso")));
        Assert.HasCount(0, server.Requests);
    }

    [TestMethod]
    public async Task ARangeBehindTheEndMeansThatAllIsHere()
    {
        // The first answer has no length, so only the server can tell that the bytes are all.
        await using var server = new TestServer(async request =>
        {
            if (request.Number > 1)
            {
                await request.ServeAsync(content);
                return;
            }
            await request.HeadAsync("200 OK", "ETag: \"v1\"", "Transfer-Encoding: chunked");
            await request.WriteAsync(Encoding.ASCII.GetBytes(content.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
            await request.WriteAsync(content);
        });
        AssertContent(await GetAsync(server.Address("disk.iso")));
        Assert.AreEqual(content.Length, server.Requests.Last().RangeStart);
    }

    [TestMethod]
    [DataRow("503 Service Unavailable")]
    [DataRow("429 Too Many Requests")]
    [DataRow("408 Request Timeout")]
    public async Task WhatMayPassIsTriedAgain(string status)
    {
        await using var server = new TestServer(request => request.Number == 1
            ? request.HeadAsync(status, "Retry-After: 3600", "Content-Length: 0")
            : request.ServeAsync(content));
        AssertContent(await GetAsync(server.Address("disk.iso")));
        Assert.HasCount(2, server.Requests);
    }

    [TestMethod]
    public async Task AResetConnectionIsTriedAgain()
    {
        await using var server = new TestServer(async request =>
        {
            if (request.Number == 1) request.Reset();
            else if (request.Number == 2)
            {
                await request.TruncateAsync(content, 50_000);
                request.Reset();
            }
            else await request.ServeAsync(content);
        });
        AssertContent(await GetAsync(server.Address("disk.iso")));
    }

    [TestMethod]
    public async Task ASilentServerIsGivenUp()
    {
        await using var server = new TestServer(async request =>
        {
            if (request.Path == "/silent.iso") await request.StallAsync();
            await request.TruncateAsync(content, 1000);
            await request.StallAsync();
        });
        var options = Quick with { StallTimeout = TimeSpan.FromMilliseconds(100), Tries = 2 };
        var exception = await Assert.ThrowsExactlyAsync<PackerException>(() => GetAsync([server.Address("silent.iso"), server.Address("disk.iso")], options: options));
        Assert.AreEqual(DiagnosticCodes.DownloadFailed, exception.Code);
        Assert.Contains($"{server.Address("silent.iso")}: no byte came for 0.1 s (2 tries)", exception.Message);
        Assert.Contains($"{server.Address("disk.iso")}: no byte came for 0.1 s (2 tries)", exception.Message);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public async Task AServerThatDoesNotAnswerIsGivenUp()
    {
        // With its queue full, Linux leaves further connections without an answer.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var clients = Enumerable.Range(0, 4).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        foreach (var client in clients) _ = client.ConnectAsync(listener.LocalEndPoint!, Token).AsTask().ContinueWith(task => task.Exception, TaskScheduler.Default);
        await Eventually.IsTrueAsync(() => clients.Any(client => client.Connected), "the queue was filled");
        try
        {
            var options = Quick with { ConnectTimeout = TimeSpan.FromMilliseconds(100), Tries = 2 };
            var exception = await Assert.ThrowsExactlyAsync<PackerException>(() => GetAsync(new Uri($"http://{listener.LocalEndPoint}/disk.iso"), options));
            Assert.Contains("did not answer within 0.1 s (2 tries)", exception.Message);
        }
        finally
        {
            foreach (var client in clients) client.Dispose();
        }
    }

    [TestMethod]
    public async Task TheNextAddressIsTried()
    {
        await using var server = new TestServer(request => request.Path switch
        {
            "/gone.iso" => request.HeadAsync("404 Not Found", "Content-Length: 0"),
            "/wrong.iso" => request.ServeAsync(new byte[1000]),
            _ => request.ServeAsync(content),
        });
        AssertContent(await GetAsync([server.Address("gone.iso"), server.Address("wrong.iso"), server.Address("disk.iso")]));
        CollectionAssert.AreEqual(new[] { "/gone.iso", "/wrong.iso", "/disk.iso" }, server.Requests.Select(request => request.Path).ToArray());
    }

    [TestMethod]
    public async Task AWrongFileIsNotKept()
    {
        await using var server = new TestServer(request => request.Path == "/gone.iso"
            ? request.HeadAsync("404 Not Found", "Content-Length: 0")
            : request.ServeAsync(new byte[1000]));
        var exception = await Assert.ThrowsExactlyAsync<PackerException>(() => GetAsync([server.Address("gone.iso"), server.Address("wrong.iso")]));
        Assert.AreEqual(DiagnosticCodes.ChecksumMismatch, exception.Code);
        Assert.Contains("gone.iso: the server answered 404 Not Found", exception.Message);
        Assert.Contains("wrong.iso: the checksum is sha256:", exception.Message);
        AssertNothingBeside(null);
    }

    [TestMethod]
    public async Task AnotherLengthIsNoticed()
    {
        await using var server = new TestServer(request => request.ServeAsync(content));
        using var cache = new FileCache(folder.FullPath, Quick);
        var request = new DownloadRequest([server.Address("disk.iso")], "none", "ISO") { Length = content.Length + 1 };
        var exception = await Assert.ThrowsExactlyAsync<PackerException>(() => cache.DownloadAsync(request, ui, Token));
        Assert.Contains($"has {content.Length} bytes, not {content.Length + 1}", exception.Message);
        AssertContent(await cache.DownloadAsync(request with { Length = content.Length }, ui, Token));
    }

    [TestMethod]
    public async Task ADamagedFileIsFetchedAgain()
    {
        await using var server = new TestServer(request => request.ServeAsync(content));
        var path = await GetAsync(server.Address("disk.iso"));
        await using (var stream = File.OpenWrite(path)) stream.WriteByte((byte)~content[0]);
        AssertContent(await GetAsync(server.Address("disk.iso")));
        Assert.HasCount(2, server.Requests);
        Assert.Contains("is damaged", ui.Text);
    }

    [TestMethod]
    public async Task ALocalFileIsUsedInPlaceAndNeverDeleted()
    {
        var path = Path.Combine(folder.FullPath, "my #1 disk%20.iso");
        await File.WriteAllBytesAsync(path, content, Token);
        var address = new UriBuilder("file", "") { Path = path.Replace("%", "%25") }.Uri;
        Assert.AreEqual(path, await GetAsync(address));
        using var cache = new FileCache(Path.Combine(folder.FullPath, "cache"), Quick);
        var exception = await Assert.ThrowsExactlyAsync<PackerException>(() => cache.DownloadAsync(new DownloadRequest([address], "md5:" + new string('0', 32), "ISO"), ui, Token));
        Assert.AreEqual(DiagnosticCodes.ChecksumMismatch, exception.Code);
        AssertContent(path);
    }

    [TestMethod]
    public async Task UserAndPasswordAreSentButNeverShown()
    {
        await using var server = new TestServer(request =>
            request.Headers.GetValueOrDefault("Authorization") == "Basic " + Convert.ToBase64String("me:s3cr3t/"u8) && request.Path.StartsWith("/disk.iso", StringComparison.Ordinal)
                ? request.ServeAsync(content) : request.HeadAsync("503 Busy", "Content-Length: 0"));
        var good = new Uri($"http://me:s3cr3t%2F@127.0.0.1:{server.Port}/disk.iso?key=t0ken");
        AssertContent(await GetAsync(good));
        var exception = await Assert.ThrowsExactlyAsync<PackerException>(() => GetAsync([new Uri($"http://me:s3cr3t%2F@127.0.0.1:{server.Port}/x?key=t0ken")], checksum: "none"));
        foreach (var text in (string[])[ui.Text, exception.ToString()])
        {
            Assert.DoesNotContain("s3cr3t", text);
            Assert.DoesNotContain("t0ken", text);
        }
    }

    [TestMethod]
    [DataRow("file:SUMS", null)]
    [DataRow("file:../SUMS2", null)]
    [DataRow("file:mine", "project")]
    public async Task ChecksumFilesAreFoundBesideTheFileOrInTheProject(string checksum, string? project)
    {
        await using var server = new TestServer(request => request.Path switch
        {
            "/a/SUMS" or "/SUMS2" => request.ServeAsync(Encoding.ASCII.GetBytes($"{Sum["sha256:".Length..]}  disk.iso\n")),
            "/a/disk.iso" => request.ServeAsync(content),
            _ => request.HeadAsync("404 Not Found", "Content-Length: 0"),
        });
        if (project is not null) await File.WriteAllTextAsync(Path.Combine(folder.FullPath, "mine"), $"SHA256 (disk.iso) = {Sum["sha256:".Length..]}", Token);
        using var cache = new FileCache(folder.FullPath, Quick);
        AssertContent(await cache.DownloadAsync(new DownloadRequest([server.Address("a/disk.iso")], checksum, "ISO") { ProjectDirectory = project is null ? null : folder.FullPath }, ui, Token));
    }

    [TestMethod]
    public async Task AChecksumFileThatIsMissingIsSaid()
    {
        await using var server = new TestServer(request => request.HeadAsync("404 Not Found", "Content-Length: 0"));
        var exception = await Assert.ThrowsExactlyAsync<PackerException>(() => GetAsync([server.Address("disk.iso")], checksum: "file:SUMS"));
        Assert.Contains("SUMS' of the ISO could not be read: the server answered 404", exception.Message);
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task AFullDiskIsSaidAndLeavesNothing()
    {
        using var disk = await SmallDisk.MountAsync(folder.FullPath, "200k");
        await using var server = new TestServer(request => request.ServeAsync(content));
        using var cache = new FileCache(disk.Path, Quick);
        var exception = await Assert.ThrowsExactlyAsync<PackerException>(() => cache.DownloadAsync(new DownloadRequest([server.Address("disk.iso"), server.Address("2.iso")], Sum, "ISO"), ui, Token));
        Assert.AreEqual(DiagnosticCodes.DiskFull, exception.Code);
        Assert.HasCount(1, server.Requests);
        Assert.IsEmpty(Directory.EnumerateFiles(disk.Path, "*", SearchOption.AllDirectories));
        exception = await Assert.ThrowsExactlyAsync<PackerException>(() => cache.GetOrAddAsync("made", "key", (path, token) => File.WriteAllBytesAsync(path, content, token), Token));
        Assert.AreEqual(DiagnosticCodes.DiskFull, exception.Code);
        Assert.IsEmpty(Directory.EnumerateFiles(disk.Path, "*", SearchOption.AllDirectories));
    }

    [TestMethod]
    public async Task WhatIsMadeIsMadeOnce()
    {
        var made = 0;
        var paths = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            using var cache = new FileCache(folder.FullPath, Quick);
            return await cache.GetOrAddAsync("made", "key.v1", async (path, token) =>
            {
                Interlocked.Increment(ref made);
                await File.WriteAllBytesAsync(path, content, token);
            }, Token);
        })));
        Assert.AreEqual(1, made);
        AssertContent(paths[0]);
        AssertNothingBeside(paths[0]);
    }

    [TestMethod]
    public async Task WhatFailsToBeMadeIsNotThere()
    {
        using var cache = new FileCache(folder.FullPath, Quick);
        await Assert.ThrowsExactlyAsync<InvalidDataException>(() => cache.GetOrAddAsync("made", "key", async (path, token) =>
        {
            await File.WriteAllTextAsync(path, "half", token);
            throw new InvalidDataException();
        }, Token));
        AssertNothingBeside(null);
        Assert.AreEqual("whole", await File.ReadAllTextAsync(await cache.GetOrAddAsync("made", "key", (path, token) => File.WriteAllTextAsync(path, "whole", token), Token), Token));
    }

    [TestMethod]
    [DataRow("../x")]
    [DataRow("")]
    [DataRow(".hidden")]
    [DataRow("a/b")]
    public async Task NamesCannotLeaveTheCache(string name)
    {
        using var cache = new FileCache(folder.FullPath, Quick);
        await Assert.ThrowsExactlyAsync<ArgumentException>(() => cache.GetOrAddAsync("made", name, (_, _) => Task.CompletedTask, Token));
        await Assert.ThrowsExactlyAsync<ArgumentException>(() => cache.LockAsync(name, Token));
    }

    [TestMethod]
    public async Task ACacheThatCannotBeMadeIsSaid()
    {
        var file = Path.Combine(folder.FullPath, "file");
        await File.WriteAllTextAsync(file, "", Token);
        using var cache = new FileCache(Path.Combine(file, "cache"), Quick);
        Assert.AreEqual(DiagnosticCodes.CacheNotUsable, (await Assert.ThrowsExactlyAsync<PackerException>(() => cache.LockAsync("x", Token))).Code);
    }

    private Task<string> GetAsync(Uri address, FileCacheOptions? options = null, CancellationToken? token = null) => GetAsync([address], options, token);

    /// <summary>As a build of its own: each has its own cache object.</summary>
    private async Task<string> GetAsync(Uri[] addresses, FileCacheOptions? options = null, CancellationToken? token = null, string? checksum = null)
    {
        using var cache = new FileCache(folder.FullPath, options ?? Quick);
        return await cache.DownloadAsync(new DownloadRequest(addresses, checksum ?? Sum, "ISO"), ui, token ?? Token);
    }

    private void AssertContent(string path) => Assert.IsTrue(File.ReadAllBytes(path).AsSpan().SequenceEqual(content), "The file has the content.");

    private void AssertNothingBeside(string? path) =>
        CollectionAssert.AreEqual(path is null ? [] : new[] { path }, Directory.EnumerateFiles(folder.FullPath, "*", SearchOption.AllDirectories).ToArray());
}
