using System.Diagnostics;
using Packer.Engine;
using Packer.Engine.Checkpoints;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class CheckpointStoreTests
{
    private const string Key = "0123456789abcdef";
    private const string Other = "fedcba9876543210";
    private static readonly ByteSize Plenty = ByteSize.Parse("1G");

    private readonly TemporaryFolder folder = new();
    private readonly TestUi ui = new();

    private static CancellationToken Token => CancellationToken.None;

    private string Root => Path.Combine(folder.Path, "checkpoints");

    [TestCleanup]
    public void Remove() => folder.Dispose();

    [TestMethod]
    public async Task What_was_published_is_found_whole()
    {
        var store = Store();
        Assert.IsNull(await store.OpenAsync(Key, "of a test", Token));
        await PublishAsync(store, Key, "memory", "all of it");
        await using var found = await store.OpenAsync(Key, "of a test", Token);
        Assert.IsNotNull(found);
        Assert.AreEqual("all of it", File.ReadAllText(found.Find("memory")!));
        Assert.IsNull(found.Find("disk"));
        Assert.IsLessThan(60, (DateTimeOffset.UtcNow - found.Manifest.Taken).TotalSeconds);
        Assert.IsEmpty(ui.Warnings);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    public async Task Only_the_user_can_look_into_it()
    {
        await PublishAsync(Store(), Key, "memory", "secret");
        foreach (var path in (string[])[Root, Path.Combine(Root, Key)])
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path) & (UnixFileMode)511);
    }

    [TestMethod]
    [DataRow("manifest.json", "{", "manifest")]
    [DataRow("manifest.json", "", "manifest")]
    [DataRow("manifest.json", """{"version":1,"taken":1,"files":[{"name":"memory"}]}""", "manifest")]
    [DataRow("manifest.json", """{"version":99,"taken":1,"files":[]}""", "manifest")]
    [DataRow("manifest.json", null, "manifest")]
    [DataRow("memory", "all of iT", "damaged")]
    [DataRow("memory", "all", "3 bytes, not 9")]
    [DataRow("memory", null, "missing")]
    public async Task A_damaged_one_is_deleted_with_one_warning(string file, string? content, string reason)
    {
        var store = Store();
        await PublishAsync(store, Key, "memory", "all of it");
        var path = Path.Combine(Root, Key, file);
        if (content is null) File.Delete(path);
        else File.WriteAllText(path, content);
        Assert.IsNull(await store.OpenAsync(Key, "of a test", Token));
        var warning = ui.Warnings.Single();
        Assert.Contains(DiagnosticCodes.CheckpointNotUsable, warning);
        Assert.Contains("of a test", warning);
        Assert.Contains(reason, warning);
        AssertFolders();
    }

    [TestMethod]
    public async Task A_damaged_one_stays_while_another_build_uses_it()
    {
        var store = Store();
        await PublishAsync(store, Key, "memory", "all of it");
        await using (await store.OpenAsync(Key, "of a test", Token))
        {
            File.WriteAllText(Path.Combine(Root, Key, "memory"), "nothing.");
            Assert.IsNull(await store.OpenAsync(Key, "of a test", Token));
            AssertFolders(Key);
        }
        Assert.IsNull(await store.OpenAsync(Key, "of a test", Token));
        AssertFolders();
    }

    [TestMethod]
    public async Task Two_that_make_the_same_at_once_leave_one_whole()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => Store()).ToList();
        await Task.WhenAll(stores.Select((store, index) => Task.Run(async () =>
        {
            for (var round = 0; round < 5; round++)
            {
                // They take longest to tell apart when their sizes are equal.
                await PublishAsync(store, Key, "memory", $"all of {index}", replace: round % 2 == 0);
                await using var found = await store.OpenAsync(Key, "of a test", Token);
                if (found is not null) Assert.StartsWith("all of ", File.ReadAllText(found.Find("memory")!));
            }
        })));
        Assert.IsEmpty(ui.Warnings);
        AssertFolders(Key);
    }

    [TestMethod]
    public async Task The_first_stays_unless_it_is_to_be_replaced()
    {
        var store = Store();
        Assert.IsNotNull((await PublishAsync(store, Key, "memory", "first")).Own);
        Assert.IsNull((await PublishAsync(store, Key, "memory", "second")).Own);
        Assert.AreEqual("first", File.ReadAllText(Path.Combine(Root, Key, "memory")));
        Assert.IsNotNull((await PublishAsync(store, Key, "memory", "third", replace: true)).Own);
        Assert.AreEqual("third", File.ReadAllText(Path.Combine(Root, Key, "memory")));
        await using (await store.OpenAsync(Key, "of a test", Token))
            Assert.IsNull((await PublishAsync(store, Key, "memory", "fourth", replace: true)).Own);
        Assert.AreEqual("third", File.ReadAllText(Path.Combine(Root, Key, "memory")));
    }

    [TestMethod]
    public async Task The_one_used_least_recently_goes_when_there_is_no_room()
    {
        var store = Store(ByteSize.Parse("25"));
        await PublishAsync(store, Key, "memory", "0123456789");
        await PublishAsync(store, Other, "memory", "0123456789");
        // Used again, it is no longer the oldest.
        File.SetLastWriteTimeUtc(Path.Combine(Root, Key, "used"), DateTime.UtcNow.AddDays(-2));
        File.SetLastWriteTimeUtc(Path.Combine(Root, Other, "used"), DateTime.UtcNow.AddDays(-1));
        await using (await store.OpenAsync(Key, "of a test", Token))
        {
        }
        Assert.IsTrue((await PublishAsync(store, "aaaa", "memory", "0123456789")).Fits);
        AssertFolders(Key, "aaaa");
        Assert.Contains("PackerCheckpointLimit", ui.Text);
    }

    [TestMethod]
    public async Task One_in_use_never_goes_and_one_that_does_not_fit_is_not_kept()
    {
        var store = Store(ByteSize.Parse("15"));
        await PublishAsync(store, Key, "memory", "0123456789");
        await using (await store.OpenAsync(Key, "of a test", Token))
            Assert.IsFalse((await PublishAsync(store, Other, "memory", "0123456789")).Fits);
        AssertFolders(Key);
        Assert.IsFalse((await PublishAsync(store, Other, "memory", "0123456789012345")).Fits);
        AssertFolders();
    }

    [TestMethod]
    public async Task A_file_that_two_share_takes_its_room_once()
    {
        var store = Store(ByteSize.Parse("25"));
        await PublishAsync(store, Key, "disk", "0123456789");
        await using (var first = await store.OpenAsync(Key, "of a test", Token))
        await using (var draft = await store.BeginAsync(Other, Token))
        {
            draft.Add("disk", first!.Find("disk")!, first.Manifest.Files.Single());
            File.WriteAllText(draft.PathOf("memory"), "0123456789");
            var published = await store.PublishAsync(draft, replace: false, Token);
            Assert.IsTrue(published.Fits);
            await published.Own!.DisposeAsync();
        }
        AssertFolders(Key, Other);
        // Each is whole without the other.
        Directory.Delete(Path.Combine(Root, Key), recursive: true);
        await using var second = await store.OpenAsync(Other, "of a test", Token);
        Assert.AreEqual("0123456789", File.ReadAllText(second!.Find("disk")!));
    }

    [TestMethod]
    public async Task What_is_not_published_leaves_nothing()
    {
        await using (var draft = await Store().BeginAsync(Key, Token)) File.WriteAllText(draft.PathOf("memory"), "half");
        AssertFolders();
    }

    [TestMethod]
    [TestCategory("Rig")]
    [OSCondition(OperatingSystems.Linux)]
    public async Task What_a_killed_process_left_is_never_used_and_goes()
    {
        Rig.Require("flock");
        // As a process leaves it that is killed on the way: files without a manifest, and a lock that nobody holds any more.
        var name = $"{Key}.{Guid.NewGuid():N}.partial";
        var left = Directory.CreateDirectory(Path.Combine(Root, name)).FullName;
        File.WriteAllText(Path.Combine(left, "memory"), "half");
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(Root, "locks")).FullName, name + ".lock");
        File.WriteAllText(path, "1 x\n");
        var store = Store();
        Assert.IsNull(await store.OpenAsync(Key, "of a test", Token));
        using (var holder = Process.Start(new ProcessStartInfo("flock", ["--no-fork", path, "sh", "-c", "echo held; exec sleep 600"]) { RedirectStandardOutput = true })!)
        {
            try
            {
                Assert.AreEqual("held", await holder.StandardOutput.ReadLineAsync());
                await PublishAsync(store, Other, "memory", "all of it");
                Assert.IsTrue(Directory.Exists(left), "a process still works on it");
            }
            finally
            {
                holder.Kill();
                await holder.WaitForExitAsync();
            }
        }
        await PublishAsync(store, "aaaa", "memory", "all of it");
        AssertFolders(Other, "aaaa");
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task A_cache_that_is_full_is_an_error_and_nothing_else()
    {
        using var disk = await SmallDisk.MountAsync(folder.Path, "64k");
        var store = new CheckpointStore(disk.Path, Plenty, ui);
        await Assert.ThrowsExactlyAsync<IOException>(() => PublishAsync(store, Key, "memory", new string('x', 100_000)));
        Assert.IsNull(await store.OpenAsync(Key, "of a test", Token));
        await PublishAsync(store, Key, "memory", "small");
        Assert.IsTrue(store.Contains(Key));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task Files_are_copied_where_they_cannot_be_linked()
    {
        using var disk = await SmallDisk.MountAsync(folder.Path, "1M");
        var source = folder.Write("disk", "0123456789");
        var target = Path.Combine(disk.Path, "disk");
        Assert.IsFalse(FileLinks.LinkOrCopy(source, target));
        Assert.AreEqual("0123456789", File.ReadAllText(target));
        File.Delete(target);
        FileLinks.Refer(source, target);
        Assert.AreEqual(source, new FileInfo(target).LinkTarget);
        // A link to a link is a link to the file.
        Assert.IsTrue(FileLinks.LinkOrCopy(target, folder["again"]));
        Assert.IsNull(new FileInfo(folder["again"]).LinkTarget);
    }

    private CheckpointStore Store(ByteSize? limit = null) => new(folder.Path, limit ?? Plenty, ui);

    private static async Task<PublishedCheckpoint> PublishAsync(CheckpointStore store, string key, string file, string content, bool replace = false)
    {
        await using var draft = await store.BeginAsync(key, Token);
        await File.WriteAllTextAsync(draft.PathOf(file), content);
        var published = await store.PublishAsync(draft, replace, Token);
        if (published.Own is not null) await published.Own.DisposeAsync();
        return published;
    }

    private void AssertFolders(params string[] expected) =>
        CollectionAssert.AreEquivalent(expected, Directory.EnumerateDirectories(Root).Select(path => Path.GetFileName(path)).Where(name => name != "locks").ToArray());
}
