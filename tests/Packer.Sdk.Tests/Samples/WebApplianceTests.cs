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

    [TestMethod]
    [TestCategory("Rig")]
    public async Task A_lock_file_pins_the_packages_and_then_a_build_needs_no_network()
    {
        Rig.Require("apt-get");
        using var project = await TestProject.CopyAsync(Repository.FullPath("samples", "WebAppliance"));

        (await project.BuildCleanlyAsync("-p:PackerUpdateLock=true")).AssertContains("Wrote the lock file");
        var locked = project.Read("packer.lock.json");
        var disk = await HashAsync(project.PathOf(Disk));

        (await project.BuildCleanlyAsync()).AssertDoesNotContain("Composing the image");
        (await project.BuildCleanlyAsync("-p:PackerUpdateLock=true")).AssertContains("The lock file holds the newest already").AssertDoesNotContain("Composing the image");
        Assert.AreEqual(locked, project.Read("packer.lock.json"));

        // Nothing listens there: whatever asked the mirror would fail.
        string[] offline = ["-p:PackerForce=true", "-p:PackerDebianMirror=http://127.0.0.1:9/debian", "-p:PackerDebianSecurityMirror=http://127.0.0.1:9/debian-security"];
        (await project.BuildCleanlyAsync(offline)).AssertContains("Composing the image");
        Assert.AreEqual(disk, await HashAsync(project.PathOf(Disk)));

        project.Write("packer.lock.json", locked.Replace("\"trixie\"", "\"bookworm\"", StringComparison.Ordinal));
        (await project.BuildAsync()).AssertFailed().AssertOnlyError("PKR0029");
        project.Write("packer.lock.json", locked[..(locked.Length / 2)]);
        (await project.BuildAsync()).AssertFailed().AssertOnlyError("PKR0028");
    }

    /// <summary>Builds the sample in a folder of its own and returns the hash of its disk.</summary>
    private static async Task<string> BuildAsync()
    {
        using var project = await TestProject.CopyAsync(Repository.FullPath("samples", "WebAppliance"));
        await project.BuildCleanlyAsync("-p:PackerProvenance=true");
        var provenance = project.Read("bin/Debug/net10.0/images/web/web.provenance.json");
        foreach (var part in new[] { "\"app/WebAppliance.dll\"", "\"pkg:deb/debian/libc6@" }) StringAssert.Contains(provenance, part);
        Assert.DoesNotContain(project.Folder, provenance);
        return $"{await HashAsync(project.PathOf(Disk))}\n{provenance}";
    }

    private static async Task<string> HashAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file));
    }
}
