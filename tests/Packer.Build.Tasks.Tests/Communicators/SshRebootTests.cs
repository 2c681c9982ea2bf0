using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Packer.Provisioners.Shell;
using Packer.Tests.Provisioners;

namespace Packer.Tests.Communicators;

/// <summary>A script that restarts its machine, over OpenSSH's own server. The machine is this one, with a boot id that can be changed.</summary>
[UnsupportedOSPlatform("windows")]
[TestClass]
[TestCategory("Rig")]
public sealed class SshRebootTests
{
    public required TestContext TestContext { get; init; }

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_script_may_restart_the_machine_and_what_follows_runs_in_the_next_boot()
    {
        Rig.Require("unshare", "sshd", "setsid");
        if (!Environment.IsPrivilegedProcess) Assert.Inconclusive("Skipped: this test needs root, to mount a boot id.");
        using var folder = new TemporaryFolder();
        using var machine = new Provisioning();
        File.WriteAllText(folder["boot_id"], "boot-1\n");
        await using var server = new SshServer(launcher: ["unshare", "-m", "sh", "-c", $"mount --bind {folder["boot_id"]} /proc/sys/kernel/random/boot_id && exec \"$@\"", "sh"]);
        server.Start();
        await using var connection = await SshTestConnection.OpenAsync(server.Config, Token);
        machine.Other = connection.Communicator;

        await RunAsync(new()
        {
            // It goes on for a while with the old boot, as a machine does that ends its services; then the connection breaks, as with a machine that is off.
            ["inline"] = new JsonArray(
                $"setsid sh -c 'sleep 2; echo boot-2 > {folder["boot_id"]}' >/dev/null 2>&1 </dev/null &",
                "server=$PPID; while [ \"$(cat /proc/$server/comm)\" != sshd ]; do server=$(awk '{ print $4 }' /proc/$server/stat); done",
                "kill -9 $server; sleep 60"),
            ["reboot"] = true,
        });
        await RunAsync(new() { ["inline"] = new JsonArray("cat /proc/sys/kernel/random/boot_id") });

        var said = machine.Ui.Lines.ToList();
        Assert.Contains("The machine has restarted.", said);
        Assert.Contains("boot-2", said);
        Assert.IsEmpty(machine.RemoteFiles, "The script was removed after the restart.");

        var error = await Assert.ThrowsExactlyAsync<PackerException>(() => RunAsync(new() { ["inline"] = new JsonArray("true"), ["reboot"] = true, ["reboot_timeout"] = "1s" }));
        Assert.AreEqual(DiagnosticCodes.RestartFailed, error.Code);

        Task RunAsync(JsonObject keys)
        {
            keys["remote_folder"] = machine.Remote;
            return machine.RunAsync(new ShellProvisioner(), keys, Token);
        }
    }
}
