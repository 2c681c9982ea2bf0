using Packer.Engine.Planning;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class LockFileTests
{
    [TestMethod]
    public async Task What_is_locked_is_found_again()
    {
        using var folder = new TemporaryFolder();
        var file = LockFile.Read(folder.Path);
        Assert.IsNull(file.Find("web"));

        file.Set("web", """{"a":"1+2"}""");
        Assert.IsTrue(await file.WriteAsync(CancellationToken.None));

        var read = LockFile.Read(folder.Path);
        Assert.AreEqual(file.Find("web"), read.Find("web"));
        Assert.Contains("1+2", await File.ReadAllTextAsync(read.FilePath));
    }

    [TestMethod]
    public async Task The_same_choice_is_not_written_again_and_the_order_of_setting_does_not_count()
    {
        using var folder = new TemporaryFolder();
        var file = LockFile.Read(folder.Path);
        file.Set("web", "{}");
        file.Set("api", "{}");
        await file.WriteAsync(CancellationToken.None);
        var text = await File.ReadAllTextAsync(file.FilePath);

        var again = LockFile.Read(folder.Path);
        again.Set("api", "{ }");
        Assert.IsFalse(await again.WriteAsync(CancellationToken.None));
        Assert.AreEqual(text, await File.ReadAllTextAsync(file.FilePath));
        Assert.DoesNotContain("\r", text);
    }

    [TestMethod]
    public async Task An_image_that_is_gone_is_dropped_and_others_stay()
    {
        using var folder = new TemporaryFolder();
        var file = LockFile.Read(folder.Path);
        file.Set("web", "{}");
        file.Set("old", "{}");
        file.KeepOnly(new HashSet<string> { "web", "new" });
        await file.WriteAsync(CancellationToken.None);

        var read = LockFile.Read(folder.Path);
        Assert.IsNotNull(read.Find("web"));
        Assert.IsNull(read.Find("old"));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{")]
    [DataRow("[]")]
    [DataRow("""{"version":2,"images":{}}""")]
    [DataRow("""{"version":1}""")]
    [DataRow("""{"version":1,"images":{"web":null}}""")]
    public async Task A_damaged_file_is_an_error_that_says_what_to_do(string text)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["packer.lock.json"], text);

        var error = Assert.ThrowsExactly<PackerException>(() => LockFile.Read(folder.Path));

        Assert.AreEqual(DiagnosticCodes.LockFileUnreadable, error.Code);
        Assert.Contains("PackerUpdateLock=true", error.Message);
    }
}
