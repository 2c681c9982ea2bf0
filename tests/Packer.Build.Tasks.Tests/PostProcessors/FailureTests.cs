using Packer.Tests.Tasks;

namespace Packer.Tests.PostProcessors;

/// <summary>
/// A post-processor that fails while it runs, each for a reason of its own: the image and what the one before it made are left as they were, nothing of its own is, and when the reason
/// is gone the next build repeats it alone.
/// </summary>
[TestClass]
public sealed class FailureTests
{
    private static readonly DateTime Past = new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);

    [TestMethod]
    // A folder is where the file has to lie.
    [DataRow("checksum", """ChecksumTypes="sha256" OutputFile="../../place/x" """)]
    [DataRow("compress", """OutputFile="../../place/x" Format="tar.gz" KeepInputArtifact="true" """)]
    [DataRow("convert", """Formats="qcow2" OutputFile="../../place/x" KeepInputArtifact="true" Disks="disk.raw" """)]
    [DataRow("vagrant", """ProviderOverride="libvirt" OutputFile="../../place/x" KeepInputArtifact="true" Disks="disk.raw" """)]
    [DataRow("manifest", """OutputFile="../place/x" """)]
    [DataRow("shell-local", """Inline="test ! -e place" """)]
    [DataRow("artifice", """Files="../../made" KeepInputArtifact="true" """)]
    public void The_image_and_what_came_before_stay_and_only_it_is_repeated(string type, string settings)
    {
        using var project = new TaskProject($"""
            <PackerImage Include="disk" Builder="file" Source="source" TargetFile="disk.raw" />
            <PackerPostProcessor Include="checksum" ChecksumTypes="md5" OutputFile="sums" />
            <PackerPostProcessor Include="{type}" {settings}/>
            """);
        File.WriteAllBytes(Path.Combine(project.Folder, "source"), new byte[1 << 20]);
        var place = Directory.CreateDirectory(Path.Combine(project.Folder, "place", "x")).Parent!.FullName;
        File.WriteAllText(Path.Combine(place, "x", "in the way"), "");

        Assert.IsFalse(project.Build());
        Assert.Contains($"The post-processor '{type}' failed", string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("disk.raw sums", Files(project));
        Assert.AreEqual("x x/in the way", string.Join(' ', Directory.EnumerateFileSystemEntries(place, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(place, path)).Order(StringComparer.Ordinal)));
        foreach (var name in new[] { "disk.raw", "sums" }) File.SetLastWriteTimeUtc(Output(project, name), Past);

        Directory.Delete(place, recursive: true);
        File.WriteAllText(Path.Combine(project.Folder, "made"), "by hand");
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        foreach (var name in new[] { "disk.raw", "sums" }) Assert.AreEqual(Past, File.GetLastWriteTimeUtc(Output(project, name)), $"'{name}' was made again.");
        var plan = project.Plan();
        Assert.IsTrue(plan.Execute());
        Assert.IsEmpty(plan.StaleImages);
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task An_unreachable_registry_costs_nothing_and_is_tried_again()
    {
        await using var registry = await RegistryRig.StartAsync();
        using var project = new TaskProject($"""
            <PackerImage Include="disk" Builder="file" Source="source" TargetFile="disk.raw" />
            <PackerPostProcessor Include="checksum" ChecksumTypes="md5" OutputFile="sums" />
            <PackerPostProcessor Include="oci" Repository="{registry.Host}/late" PlainHttp="true" />
            """);
        File.WriteAllText(Path.Combine(project.Folder, "source"), "x");
        await registry.PauseAsync();
        Assert.IsFalse(project.Build());
        Assert.Contains("The post-processor 'oci' failed", string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("disk.raw sums", Files(project));
        foreach (var name in new[] { "disk.raw", "sums" }) File.SetLastWriteTimeUtc(Output(project, name), Past);

        await registry.ResumeAsync();
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        foreach (var name in new[] { "disk.raw", "sums" }) Assert.AreEqual(Past, File.GetLastWriteTimeUtc(Output(project, name)), $"'{name}' was made again.");
        Assert.Contains("layers", await registry.GetAsync("late/manifests/latest"));
    }

    private static string Output(TaskProject project, string name) => Path.Combine(project.OutputDirectory, "disk", name);

    private static string Files(TaskProject project) =>
        string.Join(' ', Directory.GetFileSystemEntries(Path.Combine(project.OutputDirectory, "disk")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
}
