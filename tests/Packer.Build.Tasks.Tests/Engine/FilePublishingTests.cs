using Packer.Engine;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class FilePublishingTests
{
    private TemporaryDirectory folder = null!;

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    private string Final => Path.Combine(folder.FullPath, "web");

    private string Old => Final + ".old";

    private string Partial => Final + ".partial";

    [TestInitialize]
    public void Initialize() => folder = TemporaryDirectory.Create();

    [TestCleanup]
    public async Task CleanUp() => await folder.DisposeAsync();

    [TestMethod]
    public async Task AFileIsReplacedWhole()
    {
        var path = Path.Combine(folder.FullPath, "new", "file.json");
        await AtomicFile.WriteAsync(path, "one", Token);
        await AtomicFile.WriteAsync(path, "zwölf"u8.ToArray(), Token);
        Assert.AreEqual("zwölf", await File.ReadAllTextAsync(path, Token));
        await Assert.ThrowsAsync<OperationCanceledException>(() => AtomicFile.WriteAsync(path, "three", new CancellationToken(canceled: true)));
        Assert.AreEqual("zwölf", await File.ReadAllTextAsync(path, Token));
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [TestMethod]
    public async Task AFolderIsPublishedAndReplaced()
    {
        foreach (var content in (string[])["first", "second"])
        {
            Write(Partial, content);
            File.CreateSymbolicLink(Path.Combine(Partial, "link"), "/nowhere");
            await DirectorySwap.Publish(Partial, Final);
            AssertOnly(content);
        }
    }

    [TestMethod]
    public async Task WhatACrashLeftIsPutRight()
    {
        DirectorySwap.Recover(Final);

        // Between the two moves: the old one is put back.
        Write(Old, "old");
        DirectorySwap.Recover(Final);
        AssertOnly("old");

        // After both: the old one goes.
        Write(Old, "older");
        DirectorySwap.Recover(Final);
        AssertOnly("old");

        // Publishing does so by itself, too.
        Write(Old, "older");
        Write(Partial, "new");
        await DirectorySwap.Publish(Partial, Final);
        AssertOnly("new");
    }

    [TestMethod]
    public void APublishingThatFailsKeepsTheOldFolder()
    {
        Write(Final, "old");
        Assert.Throws<IOException>(() => DirectorySwap.Publish(Partial, Final));
        AssertOnly("old");
    }

    [TestMethod]
    public async Task ATemporaryFolderGoesWithItsOwner()
    {
        var temporary = TemporaryDirectory.Create(folder.FullPath);
        var locked = Directory.CreateDirectory(Path.Combine(temporary.FullPath, "a", "locked")).FullName;
        await File.WriteAllTextAsync(Path.Combine(locked, "file"), "", Token);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(locked, UnixFileMode.UserRead);
        await temporary.DisposeAsync();
        Assert.IsFalse(Directory.Exists(temporary.FullPath));
        await temporary.DisposeAsync();
    }

    private static void Write(string directory, string content)
    {
        Directory.CreateDirectory(Path.Combine(directory, "sub"));
        File.WriteAllText(Path.Combine(directory, "sub", "file"), content);
    }

    private void AssertOnly(string content)
    {
        Assert.AreEqual(content, File.ReadAllText(Path.Combine(Final, "sub", "file")));
        CollectionAssert.AreEqual(new[] { Final }, Directory.GetFileSystemEntries(folder.FullPath));
    }
}
