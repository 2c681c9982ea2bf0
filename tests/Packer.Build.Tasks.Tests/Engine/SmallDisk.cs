using System.Diagnostics;

namespace Packer.Tests.Engine;

/// <summary>A file system in memory that is soon full. Only root may mount it.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static async Task<SmallDisk> MountAsync(string folder, string size)
    {
        Rig.Require("mount", "umount");
        var path = Directory.CreateDirectory(System.IO.Path.Combine(folder, "small-disk")).FullName;
        using var process = Process.Start(new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", $"size={size}", "tmpfs", path]) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) Assert.Inconclusive($"Skipped: this test needs to mount a file system: {error}");
        return new SmallDisk(path);
    }

    public void Dispose()
    {
        using var process = Process.Start("umount", ["-l", Path]);
        process.WaitForExit();
    }
}
