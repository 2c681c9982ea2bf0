using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Packer.Tests.Engine;
using Packer.Tests.Imaging;

namespace Packer.Tests.Communicators;

/// <summary>Commands over SSH, against OpenSSH's own server.</summary>
[UnsupportedOSPlatform("windows")]
[TestClass]
[TestCategory("Rig")]
public sealed class SshCommandTests
{
    public required TestContext TestContext { get; init; }

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_command_gives_its_lines_and_its_exit_status()
    {
        await using var server = SshServer.Start();
        await using var connection = await SshTestConnection.OpenAsync(server.Config, Token);

        var (status, output, error) = await connection.RunAsync("echo one; echo two >&2; printf three; exit 7", Token);

        Assert.AreEqual(7, status);
        CollectionAssert.AreEqual((string[])["one", "three"], output);
        CollectionAssert.AreEqual((string[])["two"], error);
        Assert.AreEqual(128 + 15, (await connection.RunAsync("kill -TERM $$", Token)).Status);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Lines_come_while_the_command_runs()
    {
        await using var server = SshServer.Start();
        await using var connection = await SshTestConnection.OpenAsync(server.Config, Token);
        using var folder = new TemporaryFolder();
        var seen = new TaskCompletionSource();
        var command = new RemoteCommand($"echo begun; while [ ! -e {folder["go"]} ]; do sleep 0.05; done; echo ended") { Output = line => { if (line == "begun") seen.TrySetResult(); } };

        var run = connection.Communicator.RunAsync(command, Token);
        await seen.Task.WaitAsync(Token);
        Assert.IsFalse(run.IsCompleted);
        File.WriteAllText(folder["go"], "");

        Assert.AreEqual(0, await run);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_command_reads_its_input_to_the_end_or_not_at_all()
    {
        await using var server = SshServer.Start();
        await using var connection = await SshTestConnection.OpenAsync(server.Config, Token);

        Assert.AreEqual("3", (await connection.RunAsync("wc -l", Token, new MemoryStream(Encoding.UTF8.GetBytes("a\nb\nc\n")))).Output.Single().Trim());
        Assert.AreEqual("0", (await connection.RunAsync("wc -c", Token)).Output.Single().Trim());
        // More than the channel's window: a command that does not read it must not hold anything up.
        Assert.AreEqual("x", (await connection.RunAsync("head -c 1", Token, new MemoryStream(Encoding.UTF8.GetBytes(new string('x', 8 << 20))))).Output.Single());
        Assert.AreEqual(0, (await connection.RunAsync("true", Token)).Status);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_terminal_is_there_only_when_it_is_asked_for()
    {
        await using var server = SshServer.Start();
        await using var plain = await SshTestConnection.OpenAsync(server.Config, Token);
        await using var terminal = await SshTestConnection.OpenAsync(server.Config with { SshPty = true }, Token);

        Assert.AreNotEqual(0, (await plain.RunAsync("test -t 1", Token)).Status);
        var (status, output, _) = await terminal.RunAsync("test -t 1 && echo $TERM && stty size; exit 3", Token);
        Assert.AreEqual(3, status);
        CollectionAssert.AreEqual((string[])["xterm", "40 80"], output);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_connection_that_breaks_is_never_success_and_is_made_again()
    {
        await using var server = SshServer.Start();
        await using var connection = await SshTestConnection.OpenAsync(server.Config, Token);

        // The parent of the command is the process that serves the connection.
        var status = await connection.Communicator.RunAsync(new RemoteCommand("echo $PPID; sleep 60") { Output = line => Process.GetProcessById(int.Parse(line, CultureInfo.InvariantCulture)).Kill() }, Token);

        Assert.AreEqual(ICommunicator.ConnectionLost, status);
        Assert.AreEqual(5, (await connection.RunAsync("exit 5", Token)).Status);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_cancel_ends_the_command_in_the_machine()
    {
        await using var server = SshServer.Start();
        await using var connection = await SshTestConnection.OpenAsync(server.Config, Token);
        using var folder = new TemporaryFolder();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var command = new RemoteCommand($"trap 'echo ended > {folder["trace"]}; exit' TERM; echo begun; while :; do sleep 0.05; done") { Output = _ => cancel.Cancel() };

        await Assert.ThrowsAsync<OperationCanceledException>(() => connection.Communicator.RunAsync(command, cancel.Token));

        Assert.IsTrue(File.Exists(folder["trace"]));
        Assert.AreEqual(0, (await connection.RunAsync("true", Token)).Status, "The connection can be used after a cancel, as the clean-up provisioner does.");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_command_that_ignores_a_cancel_is_killed()
    {
        await using var server = SshServer.Start();
        await using var connection = await SshTestConnection.OpenAsync(server.Config, Token);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var id = 0;
        var command = new RemoteCommand("trap '' TERM; echo $$; while :; do sleep 0.05; done")
        {
            Output = line => { id = int.Parse(line, CultureInfo.InvariantCulture); cancel.Cancel(); },
        };

        await Assert.ThrowsAsync<OperationCanceledException>(() => connection.Communicator.RunAsync(command, cancel.Token));

        await Eventually.IsTrueAsync(() => !Directory.Exists($"/proc/{id}"), "the command is gone");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Output_without_end_takes_little_memory()
    {
        await using var server = SshServer.Start();
        await using var connection = await SshTestConnection.OpenAsync(server.Config, Token);
        long lines = 0;

        var status = await connection.Communicator.RunAsync(new RemoteCommand("yes 0123456789012345678901234567890123456789 | head -n 2000000") { Output = _ => lines++ }, Token);

        Assert.AreEqual(0, status);
        Assert.AreEqual(2_000_000, lines);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_machine_that_says_nothing_any_more_counts_as_lost()
    {
        await using var server = SshServer.Start();
        await using var connection = await SshTestConnection.OpenAsync(server.Config with { SshReadWriteTimeout = TimeSpan.FromSeconds(1), SshKeepAliveInterval = TimeSpan.FromMilliseconds(200) }, Token);

        // The server's process for this connection stops, and answers nothing.
        var (status, _, _) = await connection.RunAsync("kill -STOP $PPID; sleep 60", Token);

        Assert.AreEqual(ICommunicator.ConnectionLost, status);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_reboot_is_followed()
    {
        await using var server = SshServer.Start();
        await using var connection = await SshTestConnection.OpenAsync(server.Config, Token);
        var id = await connection.Communicator.ReadBootIdAsync(Token);
        Assert.AreEqual(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), id);

        // This machine cannot reboot here, so it never shows another id; one that was never seen stands for the boot before.
        await connection.Communicator.WaitForRebootAsync("00000000-0000-0000-0000-000000000000", Token);

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<OperationCanceledException>(() => connection.Communicator.WaitForRebootAsync(id, limit.Token));
    }
}
