using System.Diagnostics;
using Packer.Engine;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Qemu;

/// <summary>A disk on which the tiny guest is installed, made once and kept beside its media.</summary>
internal static class InstalledTinyGuest
{
    /// <summary>Kernel arguments that start an installed disk.</summary>
    public const string DiskArguments = "root=LABEL=tinyroot console=ttyS0 quiet mitigations=off cryptomgr.notests";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>
    /// A disk (qcow2, 1 GiB) on which it is installed. The user root has the password <c>packer</c>; <c>sshkey="…"</c> among the kernel arguments lets a key in.
    /// </summary>
    public static async Task<string> GetInstalledDiskAsync(this TinyGuest guest)
    {
        const string Answers = """
            hostname tiny
            password packer
            run mkdir -p /etc/rc.d /root/.ssh; chmod 700 /root/.ssh
            run printf '#!/bin/sh\nsed -n "s/.*sshkey=\\"\\([^\\"]*\\)\\".*/\\1/p" /proc/cmdline > /root/.ssh/authorized_keys\n' > /etc/rc.d/key; chmod 755 /etc/rc.d/key
            finish poweroff

            """;
        await using var held = await FileLock.AcquireAsync(Path.Combine(Path.GetDirectoryName(guest.Iso)!, "installed.lock"), CancellationToken.None);
        var disk = Path.Combine(Path.GetDirectoryName(guest.Iso)!, "installed.qcow2");
        if (File.Exists(disk) && File.GetLastWriteTimeUtc(disk) > File.GetLastWriteTimeUtc(guest.Iso)) return disk;
        using var folder = new TemporaryFolder();
        await Tool.RunAsync("xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-o", folder["answers.iso"], folder.Write("tiny.cfg", Answers));
        await Tool.RunAsync("qemu-img", "create", "-q", "-f", "qcow2", folder["disk.qcow2"], "1G");
        string[] line =
        [
            "-accel", "tcg", "-m", "256", "-display", "none", "-nodefaults", "-no-reboot", "-serial", "file:" + folder["serial.log"],
            "-drive", $"if=virtio,file={folder["disk.qcow2"]},format=qcow2,cache=unsafe",
            "-drive", $"media=cdrom,file={guest.Iso},format=raw,readonly=on", "-drive", $"media=cdrom,file={folder["answers.iso"]},format=raw,readonly=on",
            "-kernel", guest.Kernel, "-initrd", guest.Initrd, "-append", "console=ttyS0 quiet mitigations=off cryptomgr.notests cfg=cd:tiny.cfg",
        ];
        using var process = Process.Start(new ProcessStartInfo("qemu-system-x86_64", line) { RedirectStandardError = true, WorkingDirectory = folder.Path })!;
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            process.Kill();
        }
        Assert.Contains("done, poweroff", await File.ReadAllTextAsync(folder["serial.log"]));
        File.Move(folder["disk.qcow2"], disk, overwrite: true);
        return disk;
    }
}
