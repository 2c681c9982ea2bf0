using Packer.Imaging;

namespace Packer.Tests.Imaging;

/// <summary>Lets the kernel read a file system.</summary>
internal static class Mount
{
    /// <summary>Mounts an image read-only, lets GNU tar pack what the kernel sees, and returns it as a tree.</summary>
    public static async Task<FileTree> ReadBackAsync(TemporaryFolder folder, string image)
    {
        var archive = folder["read-back.tar"];
        await WithAsync(folder, image, point => Tool.RunAsync("tar", "--format=gnu", "--numeric-owner", "--sort=name", "-cf", archive, "-C", point, "."));
        var tree = new FileTree(0);
        TarTree.AddTo(tree, archive);
        return tree;
    }

    /// <summary>Does something while an image is mounted; the test is inconclusive where that is not allowed.</summary>
    public static async Task WithAsync(TemporaryFolder folder, string image, Func<string, Task> action, bool writable = false)
    {
        var point = Directory.CreateDirectory(folder["mounted"]).FullName;
        var (exitCode, output) = await Tool.TryRunAsync("mount", "-o", writable ? "loop" : "loop,ro", "-t", "ext4", image, point);
        if (exitCode != 0 && (output.Contains("must be superuser", StringComparison.Ordinal) || output.Contains("permission denied", StringComparison.OrdinalIgnoreCase) || output.Contains("failed to setup loop", StringComparison.Ordinal)))
            Assert.Inconclusive($"Skipped: this test needs to mount. {output}");
        Assert.AreEqual(0, exitCode, output);
        try
        {
            await action(point);
        }
        finally
        {
            await Tool.RunAsync("umount", point);
        }
    }
}
