using System.Diagnostics;
using Packer.Engine;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class FileLockTests
{
    private TemporaryDirectory folder = null!;

    public TestContext TestContext { get; set; } = null!;

    private string LockPath => Path.Combine(folder.FullPath, "locks", "x.lock");

    private CancellationToken Token => TestContext.CancellationToken;

    [TestInitialize]
    public void Initialize() => folder = TemporaryDirectory.Create();

    [TestCleanup]
    public async Task CleanUp() => await folder.DisposeAsync();

    [TestMethod]
    public async Task OneHoldsItAtATime()
    {
        var first = await FileLock.AcquireAsync(LockPath, Token);
        Assert.IsNull(FileLock.TryAcquire(LockPath));
        Assert.AreEqual(Environment.ProcessId, FileLock.ReadOwner(LockPath));
        int? owner = null;
        var second = FileLock.AcquireAsync(LockPath, Token, id => owner = id);
        Assert.AreEqual(Environment.ProcessId, owner);
        Assert.IsFalse(second.IsCompleted);
        first.Dispose();
        first.Dispose();
        (await second).Dispose();
        Assert.IsFalse(File.Exists(LockPath));
    }

    [TestMethod]
    public async Task WaitingCanBeStopped()
    {
        using var held = FileLock.TryAcquire(LockPath);
        using var cancel = new CancellationTokenSource();
        var waiting = FileLock.AcquireAsync(LockPath, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
    }

    /// <summary>The file is deleted at each release, so a lock on a deleted file would soon let two in.</summary>
    [TestMethod]
    public async Task ManyContendersNeverMeet()
    {
        var inside = 0;
        var entered = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var mine = 0; mine < 200;)
            {
                using var held = FileLock.TryAcquire(LockPath);
                if (held is null) continue;
                mine++;
                Assert.AreEqual(1, Interlocked.Increment(ref inside));
                Thread.SpinWait(5000);
                Interlocked.Increment(ref entered);
                Interlocked.Decrement(ref inside);
            }
        })));
        Assert.AreEqual(1600, entered);
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task AnotherProcessHoldsItUntilItDies()
    {
        Rig.Require("flock");
        Directory.CreateDirectory(Path.GetDirectoryName(LockPath)!);
        await File.WriteAllTextAsync(LockPath, "4711 x\n", Token);
        using var process = Process.Start(new ProcessStartInfo("flock", ["--no-fork", LockPath, "sh", "-c", "echo held; exec sleep 1000"]) { RedirectStandardOutput = true })!;
        try
        {
            Assert.AreEqual("held", await process.StandardOutput.ReadLineAsync(Token));
            Assert.IsNull(FileLock.TryAcquire(LockPath));
            int? owner = null;
            var waiting = FileLock.AcquireAsync(LockPath, Token, id => owner = id);
            Assert.AreEqual(4711, owner);
            process.Kill();
            (await waiting).Dispose();
            Assert.IsFalse(File.Exists(LockPath));
        }
        finally
        {
            process.Kill();
        }
    }

    [TestMethod]
    public void AFolderThatCannotBeMadeIsNoEndlessWait()
    {
        File.WriteAllText(Path.Combine(folder.FullPath, "locks"), "");
        Assert.Throws<IOException>(() => FileLock.TryAcquire(LockPath));
    }
}
