using System.Globalization;
using System.Text.Json;
using Packer.Debian;

namespace Packer.Bench;

/// <summary>The tools of Debian that make the same disk: mmdebstrap, mke2fs, mkfs.vfat, mtools, sgdisk and dd.</summary>
internal static class DebianPeer
{
    private const int BootMebibytes = 64;

    /// <summary>What it needs that this machine lacks, or null.</summary>
    public static string? Missing
    {
        get
        {
            if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return "Linux and root's rights";
            if (HostAptConfiguration.Find() is not { Archive: not null, Security: not null }) return "a Debian mirror in apt's configuration";
            return ((string[])["mmdebstrap", "mke2fs", "mkfs.vfat", "mcopy", "sgdisk"]).FirstOrDefault(name => !Programs.AreThere(name));
        }
    }

    /// <summary>The names of the packages that a lock file pins.</summary>
    public static IReadOnlyList<string> Names(string lockFile)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(lockFile));
        return [.. json.RootElement.GetProperty("packages").EnumerateArray().Select(package => package.GetProperty("name").GetString()!)];
    }

    /// <summary>Makes the tree <c>root</c> in a folder of packages.</summary>
    /// <param name="variant"><c>extract</c> unpacks only; <c>custom</c> runs the scripts of the packages too.</param>
    /// <param name="packages">Their names.</param>
    /// <param name="suite">The suite of Debian.</param>
    public static string Tree(string variant, IEnumerable<string> packages, string suite)
    {
        var host = HostAptConfiguration.Find()!;
        var archives = string.Join(' ', $"'deb {host.Archive} {suite} main'", $"'deb {host.Archive} {suite}-updates main'", $"'deb {host.Security} {suite}-security main'");
        return $"mmdebstrap --quiet --mode=root --variant={variant} --include={string.Join(',', packages)} {suite} root {archives}\n";
    }

    /// <summary>Makes <c>disk.raw</c> of the tree <c>root</c>: the kernel and other boot files on a partition of FAT, the rest on one of ext4.</summary>
    /// <param name="bootFiles">Full paths of files that lie beside the kernel on the boot partition.</param>
    /// <param name="freeMebibytes">Room that is left.</param>
    public static string Disk(IEnumerable<string> bootFiles, int freeMebibytes) => string.Create(CultureInfo.InvariantCulture, $"""
        cp -L root/boot/vmlinuz-* vmlinuz
        # Only the modules of the initial RAM disk are in the other image.
        rm -rf root/usr/lib/modules root/boot/*
        mke2fs -q -t ext4 -L root -d root root.img $(( $(du -sm root | cut -f1) + {freeMebibytes} ))M
        truncate -s {BootMebibytes}M boot.img
        mkfs.vfat -F 32 boot.img > /dev/null
        mmd -i boot.img ::EFI ::EFI/BOOT
        mcopy -i boot.img vmlinuz {string.Join(' ', bootFiles)} ::EFI/BOOT
        truncate -s $(( $(stat -c %s root.img) + ({BootMebibytes} + 2) * 1048576 )) disk.raw
        sgdisk -n 1:2048:+{BootMebibytes}M -t 1:ef00 -n 2:0:0 -t 2:8304 disk.raw > /dev/null
        dd if=boot.img of=disk.raw bs=1M seek=1 conv=notrunc,sparse status=none
        dd if=root.img of=disk.raw bs=1M seek={BootMebibytes + 1} conv=notrunc,sparse status=none
        sync disk.raw

        """);

    /// <summary>Runs a script in an empty folder and returns the seconds that it took. What the last one left is not counted.</summary>
    public static async Task<double> RunAsync(string folder, string script)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        return await new Command("sh", ["-ec", script], folder, new Dictionary<string, string?> { ["TMPDIR"] = folder }).RunAsync();
    }
}
