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
            <Target Name="Pack" BeforeTargets="Build" DependsOnTargets="Convert" Inputs="out/disk.vhdx" Outputs="out/disk.box">
              <PackVagrantBox Disks="out/disk.vhdx" Destination="out/disk.box" />
              <Message Importance="high" Text="packed" />
            </Target>
            """);
        await File.WriteAllBytesAsync(project.PathOf("disk.raw"), new byte[1 << 20]);
        var first = await project.RunAsync("build", "-nologo", "-tl:off");
        first.AssertSucceeded();
        StringAssert.Contains(first.Text, "converted");
        StringAssert.Contains(first.Text, "packed");
        Assert.IsTrue(File.Exists(project.PathOf("out/disk.box")));
        var second = await project.RunAsync("build", "-nologo", "-tl:off", "--no-restore");
        second.AssertSucceeded();
        Assert.DoesNotContain("converted", second.Text);
        Assert.DoesNotContain("packed", second.Text);
    }
}
