using Packer.Imaging;

namespace Packer.Tests.Imaging;

/// <summary>Trees of hashes, held against veritysetup.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class VerityTreeTests
{
    private static readonly Guid Id = new("11223344-5566-7788-99aa-bbccddeeff00");
    private static readonly byte[] Salt = [.. Enumerable.Range(1, 32).Select(number => (byte)number)];

    public TestContext TestContext { get; set; } = null!;

    // Two blocks, a whole block of hashes, one more, two levels, three; none is a power of two only.
    [TestMethod]
    [DataRow(2)]
    [DataRow(128)]
    [DataRow(129)]
    [DataRow(1025)]
    [DataRow(16385)]
    public async Task A_tree_is_that_of_veritysetup(int blocks)
    {
        Rig.Require("veritysetup");
        using var folder = new TemporaryFolder();
        var data = Samples.Bytes(blocks * 4096, blocks);
        // Empty blocks between full ones.
        data.AsSpan(4096 * (blocks / 2), 4096).Clear();
        await File.WriteAllBytesAsync(folder["data"], data, TestContext.CancellationToken);

        var tree = VerityTree.Create(new BytesSource(data), Id, Salt, TestContext.CancellationToken);

        var said = await Tool.RunAsync("veritysetup", "format", folder["data"], folder["theirs"], "--salt", Convert.ToHexStringLower(Salt), "--uuid", Id.ToString());
        StringAssert.Contains(said, tree.RootHash);
        var theirs = await File.ReadAllBytesAsync(folder["theirs"], TestContext.CancellationToken);
        Assert.AreEqual(VerityTree.LengthFor(data.Length), tree.Image.Length);
        CollectionAssert.AreEqual(theirs, tree.Image.ReadAll().Take(theirs.Length).ToArray());
        await File.WriteAllBytesAsync(folder["ours"], tree.Image.ReadAll(), TestContext.CancellationToken);
        await Tool.RunAsync("veritysetup", "verify", folder["data"], folder["ours"], tree.RootHash);

        data[^1] ^= 1;
        await File.WriteAllBytesAsync(folder["data"], data, TestContext.CancellationToken);
        Assert.AreNotEqual(0, (await Tool.TryRunAsync("veritysetup", "verify", folder["data"], folder["ours"], tree.RootHash)).ExitCode);
        Assert.AreNotEqual(tree.RootHash, VerityTree.Create(new BytesSource(data), Id, Salt, TestContext.CancellationToken).RootHash);
    }
}
