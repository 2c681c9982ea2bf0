using System.Security.Cryptography;
using Packer.Tests.Engine;

namespace Packer.Tests.Builders.Qemu;

/// <summary>What can go wrong in a build of a machine: each fault has its own message, and none leaves anything.</summary>
[TestClass]
[TestCategory("Rig")]
public sealed class QemuFaultTests
{
    private const string Sector = """Communicator="none" DiskImage="true" IsoUrl="sector.bin" IsoChecksum="none" Format="raw" Memory="16" """;
    private const string LoginPrompt = """BootWait="0s" BootCommand="&lt;waitSerial 'login:' 4m&gt;" """;

    [TestMethod]
    public async Task A_program_that_is_missing_is_named_before_anything_else_is_done()
    {
        using var project = new QemuProject("""QemuBinary="qemu-system-nowhere" SshPassword="x" IsoUrl="http://127.0.0.1:9/never-asked-for.iso" IsoChecksum="none" """);

        var error = await project.FailAsync(DiagnosticCodes.MachineDoesNotStart);

        StringAssert.Contains(error, "There is no program 'qemu-system-nowhere' on this machine. Install QEMU");
    }

    [TestMethod]
    public async Task An_iso_with_another_checksum_is_refused()
    {
        using var project = new QemuProject($"""SshPassword="x" IsoUrl="sector.bin" IsoChecksum="sha256:{new string('0', 64)}" """);
        project.Write("sector.bin", Disk(BootSectors.PowerOff));

        var error = await project.FailAsync(DiagnosticCodes.ChecksumMismatch);

        StringAssert.Contains(error, "sector.bin");
    }

    [TestMethod]
    public async Task Two_builds_of_one_image_at_once_start_one_machine()
    {
        Rig.Require("qemu-system-x86_64", "qemu-img");
        using var project = new QemuProject(Sector);
        project.Write("sector.bin", Disk(BootSectors.PowerOff));

        var both = await Task.WhenAll(project.BuildAsync(), project.BuildAsync()).WaitAsync(QemuProject.Patience);

        CollectionAssert.AreEqual(new[] { true, true }, both, string.Join('\n', project.Engine.Diagnostics));
        Assert.HasCount(1, project.Engine.Messages.Where(message => message.Contains("Starting the machine", StringComparison.Ordinal)));
        Assert.IsTrue(project.Engine.Messages.Any(message => message.Contains("is being built by", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("NetDevice=\"e1000\"", DiagnosticCodes.SshAddressUnknown, "The machine had no address within 5s (SshTimeout). ", DisplayName = "The guest has no driver for its network card, and so no lease.")]
    [DataRow("SshPort=\"2200\"", DiagnosticCodes.SshNoAnswer, "closes them without an answer", DisplayName = "Nothing listens at the port.")]
    public async Task A_guest_that_cannot_be_reached_shows_its_screen_and_console(string attribute, string code, string reason)
    {
        var guest = await InstalledGuest.GetAsync();
        using var project = new QemuProject($"{guest.Attributes.Replace("SshTimeout=\"4m\"", "SshTimeout=\"5s\"", StringComparison.Ordinal)} {LoginPrompt} SshPassword=\"x\" {attribute}");

        var error = await project.FailAsync(code);

        StringAssert.Contains(error, " within 5s (SshTimeout).");
        StringAssert.Contains(error, reason);
        StringAssert.Contains(error, "tiny login:");
        project.AssertEvidence(error, "tiny: up after");
    }

    [TestMethod]
    public async Task A_wrong_password_is_told_apart()
    {
        var guest = await InstalledGuest.GetAsync();
        using var project = new QemuProject($"{guest.Attributes} SshPassword=\"SECRET\" SshHandshakeAttempts=\"2\"".Replace("SECRET", "wrong", StringComparison.Ordinal));

        var error = await project.FailAsync(DiagnosticCodes.SshLoginRefused);

        StringAssert.Contains(error, "does not let the user 'root' in");
        project.AssertEvidence(error, "tiny: up after");
    }

    [TestMethod]
    public async Task A_script_that_fails_ends_the_build()
    {
        using var project = await ProvisionAsync("", """<PackerProvisioner Include="shell" Inline="echo 'it is broken'; exit 3" />""");

        var error = await project.FailAsync(DiagnosticCodes.ScriptFailed);

        StringAssert.Contains(error, "ended with exit code 3");
        Assert.IsTrue(project.Engine.Messages.Any(message => message.Contains("it is broken", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task A_connection_that_is_cut_in_a_command_is_told_at_once()
    {
        using var project = await ProvisionAsync("", """<PackerProvisioner Include="shell" Inline="killall -9 dropbear; sleep 600" />""");

        var error = await project.FailAsync(DiagnosticCodes.ScriptDisconnected);

        StringAssert.Contains(error, "The connection was lost while the script");
    }

    [TestMethod]
    public async Task A_connection_that_is_cut_in_an_upload_is_told_at_once()
    {
        using var project = await ProvisionAsync("", """
            <PackerProvisioner Include="shell" Inline="(while [ ! -s /root/big ]; do usleep 10000; done; killall -9 dropbear) &gt;/dev/null 2&gt;&amp;1 &lt;/dev/null &amp;" />
            <PackerProvisioner Include="file" Source="big.bin" Destination="/root/big" />
            """);
        project.Write("big.bin", new byte[64 << 20]);

        var error = await project.FailAsync(DiagnosticCodes.FileNotCopied);

        StringAssert.Contains(error, "connection was lost");
    }

    [TestMethod]
    public async Task A_guest_that_does_not_switch_itself_off_ends_the_build()
    {
        using var project = await ProvisionAsync("""ShutdownCommand="true" ShutdownTimeout="2s" """, "");

        var error = await project.FailAsync(DiagnosticCodes.ShutdownTimedOut);

        StringAssert.Contains(error, "within 2 s. Correct 'ShutdownCommand'");
        project.AssertEvidence(error, "tiny: up after");
    }

    [TestMethod]
    public async Task A_disk_image_that_does_not_fit_is_named()
    {
        using var folder = new TemporaryFolder();
        using var small = await SmallDisk.MountAsync(folder.Path, "48m");
        using var project = await ProvisionAsync($"OutputDirectory=\"{Path.Combine(small.Path, "web")}\"", """<PackerProvisioner Include="shell" Inline="dd if=/dev/urandom of=/root/fill bs=1M count=200; sync" />""");

        var error = await project.FailAsync(DiagnosticCodes.DiskFull);

        StringAssert.Contains(error, small.Path);
        AssertEmpty(small);
    }

    /// <summary>QEMU stops a machine whose disk image cannot grow, and waits for somebody who makes room.</summary>
    [TestMethod]
    public async Task A_guest_that_fills_the_disk_of_this_machine_is_the_error()
    {
        using var folder = new TemporaryFolder();
        using var small = await SmallDisk.MountAsync(folder.Path, "160m");
        using var project = await ProvisionAsync($"Checkpoints=\"none\" OutputDirectory=\"{Path.Combine(small.Path, "web")}\"", """<PackerProvisioner Include="shell" Inline="dd if=/dev/urandom of=/root/fill bs=1M count=300; sync" />""");

        var error = await project.FailAsync(DiagnosticCodes.GuestStopped);

        StringAssert.Contains(error, "space");
        AssertEmpty(small);
    }

    [TestMethod]
    [DataRow("12m", "Copying the disk image", DisplayName = "While the disk is made.")]
    [DataRow("24m", "Compacting the disks", DisplayName = "While the disk is compacted.")]
    public async Task A_disk_of_this_machine_that_is_full_before_or_after_the_guest_runs_is_named(string size, string phase)
    {
        Rig.Require("qemu-system-x86_64", "qemu-img");
        using var folder = new TemporaryFolder();
        using var small = await SmallDisk.MountAsync(folder.Path, size);
        using var project = new QemuProject($"{Sector.Replace("Format=\"raw\"", "", StringComparison.Ordinal)} OutputDirectory=\"{Path.Combine(small.Path, "web")}\"");
        // Twice its size fits on neither.
        project.Write("sector.bin", [.. Disk(BootSectors.PowerOff), .. RandomNumberGenerator.GetBytes(15 << 20)]);

        var error = await project.FailAsync(DiagnosticCodes.DiskNotMade);

        StringAssert.Contains(error, "No space left on device");
        Assert.AreEqual(phase.StartsWith("Compacting", StringComparison.Ordinal), project.Engine.Messages.Any(message => message.Contains("Compacting", StringComparison.Ordinal)));
        AssertEmpty(small);
    }

    [TestMethod]
    [DataRow("Waiting 1m for the machine to boot")]
    [DataRow("Typing the boot command")]
    public async Task A_machine_that_is_killed_before_it_is_reached_is_the_error(string phase)
    {
        Rig.Require("qemu-system-x86_64", "qemu-img");
        using var project = new QemuProject($"{Sector} BootWait=\"{(phase.StartsWith("Typing", StringComparison.Ordinal) ? "0s" : "1m")}\" BootCommand=\"&lt;wait10m&gt;\"");
        project.Write("sector.bin", Disk(BootSectors.KeyboardEcho));
        await KillAsync(project, phase);
    }

    [TestMethod]
    public async Task A_machine_that_is_killed_while_it_is_waited_for_is_the_error()
    {
        Rig.Require("qemu-system-x86_64", "qemu-img");
        using var project = new QemuProject(Sector.Replace("\"none\" D", "\"ssh\" SshPassword=\"x\" D", StringComparison.Ordinal));
        project.Write("sector.bin", Disk(BootSectors.KeyboardEcho));
        await KillAsync(project, "Waiting for SSH");
    }

    [TestMethod]
    public async Task A_machine_that_is_killed_while_it_is_provisioned_is_the_error()
    {
        using var project = await ProvisionAsync("", """<PackerProvisioner Include="shell" Inline="echo now; sleep 600" />""");
        await KillAsync(project, "now");
    }

    [TestMethod]
    public async Task A_machine_that_is_killed_while_it_shuts_down_is_the_error()
    {
        using var project = await ProvisionAsync("""ShutdownCommand="echo now; sleep 600" """, "");
        await KillAsync(project, "now");
    }

    [TestMethod]
    [DataRow("Copying the disk image", "none")]
    [DataRow("Starting the machine", "none")]
    [DataRow("Waiting 1m for the machine to boot", "none")]
    [DataRow("on the serial console", "none")]
    [DataRow("Waiting for SSH", "ssh")]
    public async Task A_cancel_before_the_machine_is_reached_leaves_nothing(string phase, string communicator)
    {
        Rig.Require("qemu-system-x86_64", "qemu-img");
        var boot = phase.StartsWith("Waiting 1m", StringComparison.Ordinal) ? "BootWait=\"1m\" BootCommand=\"x\"" : communicator == "ssh" ? "" : "BootWait=\"0s\" BootCommand=\"&lt;waitSerial 'never' 10m&gt;\"";
        using var project = new QemuProject($"{Sector.Replace("\"none\" D", $"\"{communicator}\" SshPassword=\"x\" D", StringComparison.Ordinal)} {boot}");
        project.Write("sector.bin", Disk(BootSectors.KeyboardEcho));
        await CancelAsync(project, phase);
    }

    [TestMethod]
    public async Task A_cancel_of_the_download_leaves_nothing()
    {
        await using var server = new TestServer(request => request.StallAsync());
        using var project = new QemuProject($"SshPassword=\"x\" IsoUrl=\"{server.Address("slow.iso")}\" IsoChecksum=\"none\"");
        await CancelAsync(project, "slow.iso");
    }

    [TestMethod]
    [DataRow("now")]
    [DataRow("Shutting the machine down")]
    [DataRow("Compacting the disks")]
    public async Task A_cancel_of_a_machine_that_runs_leaves_nothing(string phase)
    {
        var compacts = phase.StartsWith("Compacting", StringComparison.Ordinal);
        using var project = await ProvisionAsync($"UseBackingFile=\"{(compacts ? "false" : "true")}\" ShutdownCommand=\"{(compacts ? "shutdown -P now" : "sleep 600")}\"",
            phase == "now" ? """<PackerProvisioner Include="shell" Inline="echo now; sleep 600" />""" : "");
        await CancelAsync(project, phase);
    }

    /// <summary>A disk from which firmware starts by virtio, which it does not from a smaller one.</summary>
    private static byte[] Disk(byte[] sector) => [.. sector, .. new byte[(1 << 20) - sector.Length]];

    private static async Task<QemuProject> ProvisionAsync(string attributes, string steps)
    {
        var guest = await InstalledGuest.GetAsync();
        var own = attributes.Contains("UseBackingFile", StringComparison.Ordinal) ? guest.Attributes.Replace("UseBackingFile=\"true\"", "", StringComparison.Ordinal) : guest.Attributes;
        return new QemuProject($"{own} SshPassword=\"{InstalledGuest.Password}\" {attributes}", steps);
    }

    private static void AssertEmpty(SmallDisk disk) =>
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(disk.Path).Where(path => !path.EndsWith(".lock", StringComparison.Ordinal)));

    private static async Task KillAsync(QemuProject project, string phase)
    {
        var build = project.BuildAsync();
        await project.SaysAsync(phase, build);
        project.KillMachine();
        var error = project.AssertFailed(await build.WaitAsync(QemuProject.Patience), DiagnosticCodes.MachineConnectionLost);
        StringAssert.Contains(error, "QEMU ended unexpectedly");
        StringAssert.Contains(error, "exit code 137");
    }

    private static async Task CancelAsync(QemuProject project, string phase)
    {
        var build = project.BuildAsync();
        await project.SaysAsync(phase, build);
        await Task.Run(project.Cancel).WaitAsync(QemuProject.Patience);
        Assert.IsTrue(build.Wait(TimeSpan.FromSeconds(10)) && build.IsCompleted, "Cancel has returned before the build has ended.");
        var error = project.AssertFailed(await build, DiagnosticCodes.BuildCancelled);
        StringAssert.Contains(error, "was cleaned up");
    }
}
