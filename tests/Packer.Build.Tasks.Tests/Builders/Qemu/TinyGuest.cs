using System.Diagnostics;
using Packer.Engine;
using Packer.Tests.Imaging;

namespace Packer.Tests.Builders.Qemu;

/// <summary>A small Linux installer that takes seconds under emulation, made once from the fixture's script and kept in <c>artifacts/tiny-guest</c>.</summary>
/// <param name="Iso">Full path of its CD.</param>
/// <param name="Kernel">Full path of its kernel.</param>
/// <param name="Initrd">Full path of its initial RAM disk.</param>
internal sealed record TinyGuest(string Iso, string Kernel, string Initrd)
{
    /// <summary>Kernel arguments that start an installed disk.</summary>
    public const string DiskArguments = "root=LABEL=tinyroot console=ttyS0 quiet mitigations=off cryptomgr.notests";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private static string Folder => RepositoryFiles.FullPath("artifacts", "tiny-guest");

    /// <summary>Makes it, or finds it made.</summary>
    public static async Task<TinyGuest> GetAsync()
    {
        var script = Path.GetFullPath(RepositoryFiles.FullPath("..", "shared", "fixtures", "tiny-guest", "make.sh"));
        if (!File.Exists(script)) Assert.Inconclusive("Skipped: this test needs the fixtures in ../shared.");
        Rig.Require("xorriso", "cpio", "mcopy", "dpkg-deb", "gzip", "apt-get", "qemu-system-x86_64", "qemu-img");
        await using var held = await FileLock.AcquireAsync(Folder + ".lock", CancellationToken.None);
        await Tool.RunAsync("env", $"DEBS={Path.Combine(Folder, ".debs")}", "bash", script, Folder);
        return new TinyGuest(Path.Combine(Folder, "tiny.iso"), Path.Combine(Folder, "vmlinuz"), Path.Combine(Folder, "initrd.gz"));
    }

    /// <summary>
    /// A disk (qcow2, 1 GiB) on which it is installed. The user root has the password <c>packer</c>; <c>sshkey="…"</c> among the kernel arguments lets a key in.
    /// </summary>
    public async Task<string> GetInstalledDiskAsync()
    {
        const string Answers = """
            hostname tiny
            password packer
            run mkdir -p /etc/rc.d /root/.ssh; chmod 700 /root/.ssh
            run printf '#!/bin/sh\nsed -n "s/.*sshkey=\\"\\([^\\"]*\\)\\".*/\\1/p" /proc/cmdline > /root/.ssh/authorized_keys\n' > /etc/rc.d/key; chmod 755 /etc/rc.d/key
            finish poweroff

            """;
        await using var held = await FileLock.AcquireAsync(Folder + ".lock", CancellationToken.None);
        var disk = Path.Combine(Folder, "installed.qcow2");
        if (File.Exists(disk) && File.GetLastWriteTimeUtc(disk) > File.GetLastWriteTimeUtc(Iso)) return disk;
        using var folder = new TemporaryFolder();
        await Tool.RunAsync("xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-o", folder["answers.iso"], folder.Write("tiny.cfg", Answers));
        await Tool.RunAsync("qemu-img", "create", "-q", "-f", "qcow2", folder["disk.qcow2"], "1G");
        string[] line =
        [
            "-accel", "tcg", "-m", "256", "-display", "none", "-nodefaults", "-no-reboot", "-serial", "file:" + folder["serial.log"],
            "-drive", $"if=virtio,file={folder["disk.qcow2"]},format=qcow2,cache=unsafe",
            "-drive", $"media=cdrom,file={Iso},format=raw,readonly=on", "-drive", $"media=cdrom,file={folder["answers.iso"]},format=raw,readonly=on",
            "-kernel", Kernel, "-initrd", Initrd, "-append", "console=ttyS0 quiet mitigations=off cryptomgr.notests cfg=cd:tiny.cfg",
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
