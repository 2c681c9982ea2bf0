using System.Security.Cryptography;
using Packer.Tests;

namespace Packer.Sdk.Tests.Samples;

[TestClass]
public sealed class WebApplianceTests
{
    private const string Disk = "bin/Debug/net10.0/images/web/web.raw";

    [TestMethod]
    [TestCategory("Rig")]
    public async Task The_same_sources_in_different_folders_give_the_same_disk()
    {
        // Its configuration says which mirror the machine uses.
        Rig.Require("apt-get");

        var here = await BuildAsync();
        var there = await BuildAsync();

        Assert.AreEqual(here, there);
    }

    /// <summary>Builds the sample in a folder of its own and returns the hash of its disk.</summary>
    private static async Task<string> BuildAsync()
    {
        using var project = await TestProject.CopyAsync(Repository.FullPath("samples", "WebAppliance"));
        await project.BuildCleanlyAsync();
        await using var disk = File.OpenRead(project.PathOf(Disk));
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(disk));
    }
}
