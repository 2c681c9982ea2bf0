namespace Packer.Sdk.Tests.Usage;

/// <summary>Tasks that a target of a project calls.</summary>
[TestClass]
public sealed class DiskTaskTests
{
    [TestMethod]
    public async Task A_target_converts_and_packs_only_what_is_newer()
    {
        using var project = await TestProject.CreateAsync("""
            <Target Name="Convert" BeforeTargets="Build" Inputs="disk.raw" Outputs="out/disk.vhdx">
              <ConvertDisk Source="disk.raw" Destination="out/disk.vhdx" />
              <Message Importance="high" Text="converted" />
            </Target>
            <Target Name="MakeBox" BeforeTargets="Build" DependsOnTargets="Convert" Inputs="out/disk.vhdx" Outputs="out/disk.box">
              <PackVagrantBox Disks="out/disk.vhdx" Destination="out/disk.box" />
              <Message Importance="high" Text="packed" />
            </Target>
            """);
        await File.WriteAllBytesAsync(project.PathOf("disk.raw"), new byte[1 << 20]);
        var first = await project.RunAsync("build", "-tl:off");
        first.AssertSucceeded();
        first.AssertContains("converted");
        first.AssertContains("packed");
        Assert.IsTrue(File.Exists(project.PathOf("out/disk.box")));
        var second = await project.RunAsync("build", "-tl:off", "--no-restore");
        second.AssertSucceeded();
        second.AssertDoesNotContain("converted");
        second.AssertDoesNotContain("packed");
    }
}
