using System.Security.Cryptography;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Qemu;

/// <summary>The file tree of a disk's first partition (at 1 MiB, ext4), read by other people's tools.</summary>
internal static class DiskTree
{
    /// <summary>A line for each file, folder and link: its path, its mode, and the hash of its content. No times.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(string disk)
    {
        Rig.Require("qemu-img", "debugfs");
        using var folder = new TemporaryFolder();
        await Tool.RunAsync("qemu-img", "convert", "-O", "raw", disk, folder["disk.raw"]);
        Directory.CreateDirectory(folder["tree"]);
        await Tool.RunAsync("debugfs", "-R", $"rdump / {folder["tree"]}", folder["disk.raw"] + "?offset=1048576");
        return [.. new DirectoryInfo(folder["tree"]).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Select(Line).Order(StringComparer.Ordinal)];

        string Line(FileSystemInfo entry)
        {
            var path = Path.GetRelativePath(folder["tree"], entry.FullName);
            if (entry.LinkTarget is { } target) return $"{path} -> {target}";
            return entry is FileInfo file && (file.Attributes & (FileAttributes.Device | FileAttributes.Directory)) == 0
                ? $"{path} {entry.UnixFileMode} {file.Length} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file.FullName)))}"
                : $"{path} {entry.UnixFileMode}";
        }
    }
}
