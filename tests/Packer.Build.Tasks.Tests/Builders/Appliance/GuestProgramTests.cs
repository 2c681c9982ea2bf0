using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Appliance;

/// <summary>The programs of the initial RAM disk; what they do is seen where machines are started.</summary>
[TestClass]
public sealed class GuestProgramTests
{
    /// <summary>Another compiler makes other bytes of the same source.</summary>
    private const string Compiler = "12.2.0";

    [TestMethod]
    [TestCategory("Rig")]
    public async Task The_committed_bytes_are_those_of_the_source()
    {
        Rig.Require("gcc", "objcopy", "aarch64-linux-gnu-gcc");
        var version = (await Tool.RunAsync("gcc", "-dumpfullversion")).Trim();
        if (version != Compiler) Assert.Inconclusive($"Skipped: this test needs gcc {Compiler}, and there is {version}.");
        var source = RepositoryFiles.FullPath("src", "Packer.Build.Tasks", "Builders", "Appliance", "Programs");
        using var folder = new TemporaryFolder();
        await Tool.RunAsync("sh", Path.Combine(source, "build.sh"), folder.Path);
        var made = Directory.GetFiles(folder.Path, "*.bin");
        CollectionAssert.AreEquivalent(Directory.GetFiles(source, "*.bin").Select(Path.GetFileName).ToList(), made.Select(Path.GetFileName).ToList());
        foreach (var path in made) CollectionAssert.AreEqual(await File.ReadAllBytesAsync(Path.Combine(source, Path.GetFileName(path))), await File.ReadAllBytesAsync(path), path);
    }
}
