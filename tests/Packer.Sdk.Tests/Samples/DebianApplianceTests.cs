using Packer.Tests;

namespace Packer.Sdk.Tests.Samples;

[TestClass]
public sealed class DebianApplianceTests
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINVf8cA0pJj6gGqkzDs7KuCUlZRQ9jZ1pT3h2BqXbU1C me@here\n";

    [TestMethod]
    [TestCategory("Rig")]
    public async Task It_makes_a_disk_with_and_without_a_key()
    {
        // Its configuration says which mirror the machine uses.
        Rig.Require("apt-get");
        using var project = await TestProject.CopyAsync(Repository.FullPath("samples", "DebianAppliance"));

        (await project.BuildCleanlyAsync()).AssertContains("Composing the image");
        Assert.IsTrue(File.Exists(project.PathOf("bin/Debug/net10.0/images/debian/debian.qcow2")));

        project.Write("me.pub", Key);
        (await project.BuildCleanlyAsync("-p:OwnPublicKey=me.pub")).AssertContains("Composing the image");
        (await project.BuildCleanlyAsync("-p:OwnPublicKey=me.pub")).AssertDoesNotContain("Composing the image");
        // Another key makes the image out of date.
        project.Write("me.pub", Key.Replace("me@here", "you@there", StringComparison.Ordinal));
        (await project.BuildCleanlyAsync("-p:OwnPublicKey=me.pub")).AssertContains("Composing the image");
    }
}
