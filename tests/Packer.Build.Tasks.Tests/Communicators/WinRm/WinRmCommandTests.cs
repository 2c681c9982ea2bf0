using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Packer.Communicators.WinRm;
using Packer.Provisioners.WindowsRestart;
using Packer.Tests.Engine;
using Packer.Tests.Provisioners;

namespace Packer.Tests.Communicators.WinRm;

/// <summary>Commands over WinRM, against the stand-in with a real shell.</summary>
[UnsupportedOSPlatform("windows")]
[TestClass]
public sealed class WinRmCommandTests
{
    private static readonly WindowsRestartPauses Pauses = new() { Retry = TimeSpan.FromMilliseconds(10), Probe = TimeSpan.FromMilliseconds(10), Check = TimeSpan.FromMilliseconds(50) };

    private static readonly WinRmTimes Short = new() { Operation = TimeSpan.FromSeconds(1), Answer = TimeSpan.FromSeconds(2) };

    public required TestContext TestContext { get; init; }

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_command_gives_its_lines_and_its_exit_code()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);

        var (status, output, error) = await connection.RunAsync("echo 'one <&> ünï'; echo two >&2; printf 'three\nfour'; exit 7", Token);

        Assert.AreEqual(7, status);
        CollectionAssert.AreEqual((string[])["one <&> ünï", "three", "four"], output);
        CollectionAssert.AreEqual((string[])["two"], error);
        Assert.AreEqual(0, server.Service.Shells, "No shell is left.");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Lines_come_while_the_command_runs_and_waiting_without_output_is_no_error()
    {
        await using var server = TestWinRmServer.Start();
        server.Service.LongestReceive = TimeSpan.FromMilliseconds(50);
        using var connection = new WinRmTestConnection(server.Config);
        using var folder = new TemporaryFolder();
        var seen = new TaskCompletionSource();
        var command = new RemoteCommand($"echo begun; while [ ! -e {folder["go"]} ]; do sleep 0.05; done; echo ended") { Output = line => { if (line == "begun") seen.TrySetResult(); } };

        var run = connection.Communicator.RunAsync(command, Token);
        await seen.Task.WaitAsync(Token);
        // By then it has been answered several times that there is nothing.
        var count = server.Service.Count("Receive");
        await Eventually.IsTrueAsync(() => server.Service.Count("Receive") > count + 5, "it asks again and again");
        Assert.IsFalse(run.IsCompleted);
        File.WriteAllText(folder["go"], "");

        Assert.AreEqual(0, await run);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_command_reads_its_input_to_the_end_or_not_at_all()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);

        Assert.AreEqual("3", (await connection.RunAsync("wc -l", Token, new MemoryStream("a\nb\nc\n"u8.ToArray()))).Output.Single().Trim());
        Assert.AreEqual("0", (await connection.RunAsync("wc -c", Token, new MemoryStream())).Output.Single().Trim());
        // More than is kept on the way: a command that does not read it must not hold anything up.
        Assert.AreEqual("x", (await connection.RunAsync("head -c 1", Token, new MemoryStream(Encoding.UTF8.GetBytes(new string('x', 8 << 20))))).Output.Single());
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Much_output_is_complete()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        long lines = 0;

        Assert.AreEqual(0, await connection.Communicator.RunAsync(new RemoteCommand("yes 0123456789012345678901234567890123456789 | head -n 200000") { Output = _ => lines++ }, Token));

        Assert.AreEqual(200_000, lines);
    }

    [TestMethod]
    [DataRow("Receive")]
    [DataRow("Command")]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_connection_that_breaks_is_never_success_and_the_command_does_not_run_twice(string action)
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        using var folder = new TemporaryFolder();
        server.Cuts = (name, _) => name == action && (action == "Command" || File.Exists(folder["begun"]));

        var (status, _, error) = await connection.RunAsync($"echo >> {folder["begun"]}; sleep 60", Token);

        Assert.AreEqual(ICommunicator.ConnectionLost, status);
        Assert.StartsWith("The connection was lost: ", error.Single());
        server.Cuts = null;
        Assert.AreEqual(5, (await connection.RunAsync("exit 5", Token)).Status, "The next command is not affected.");
        Assert.AreEqual(action == "Command" ? 1 : 2, server.Service.CommandLines.Count);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_machine_that_goes_down_in_a_command_is_a_lost_connection_and_afterwards_one_that_cannot_be_reached()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        var begun = new TaskCompletionSource();
        var run = connection.Communicator.RunAsync(new RemoteCommand("echo begun; sleep 60") { Output = _ => begun.TrySetResult() }, Token);
        await begun.Task.WaitAsync(Token);

        await server.StopAsync();

        Assert.AreEqual(ICommunicator.ConnectionLost, await run);
        var error = await Assert.ThrowsExactlyAsync<PackerException>(() => connection.RunAsync("true", Token));
        Assert.AreEqual(DiagnosticCodes.WinRmConnectionLost, error.Code);
        server.Start();
        Assert.AreEqual(0, (await connection.RunAsync("true", Token)).Status);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_machine_that_says_nothing_any_more_counts_as_lost()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config, Short);
        using var quiet = new ManualResetEventSlim();
        server.Cuts = (name, _) =>
        {
            if (name == "Receive") quiet.Wait(Token);
            return name == "Receive";
        };

        Assert.AreEqual(ICommunicator.ConnectionLost, (await connection.RunAsync("sleep 60", Token)).Status);

        quiet.Set();
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task An_end_without_an_exit_code_is_never_success()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        server.Service.HidesExitCodes = true;

        Assert.AreEqual(ICommunicator.ConnectionLost, (await connection.RunAsync("true", Token)).Status);
    }

    [TestMethod]
    [DataRow("Create")]
    [DataRow("Command")]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_refused_command_says_what_the_machine_says(string action)
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        server.Service.Faults = name => name == action ? (2150859174u, "The maximum number of concurrent shells for this user has been exceeded.") : null;

        var error = await Assert.ThrowsExactlyAsync<PackerException>(() => connection.RunAsync("true", Token));

        Assert.AreEqual(DiagnosticCodes.WinRmRefused, error.Code);
        StringAssert.Contains(error.Message, "The maximum number of concurrent shells for this user has been exceeded (code 2150859174).");
        Assert.AreEqual(0, server.Service.Shells);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_fault_in_a_command_is_a_lost_connection_and_its_words_are_shown()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        server.Service.Faults = name => name == "Receive" ? (995u, "The I/O operation has been aborted because of either a thread exit or an application request.") : null;

        var (status, _, error) = await connection.RunAsync("true", Token);

        Assert.AreEqual(ICommunicator.ConnectionLost, status);
        StringAssert.Contains(error.Single(), "has been aborted");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_cancel_ends_the_command_in_the_machine_and_leaves_no_shell()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var id = 0;
        var command = new RemoteCommand("echo $$; while :; do sleep 0.05; done")
        {
            Output = line => { id = int.Parse(line, CultureInfo.InvariantCulture); cancel.Cancel(); },
        };

        await Assert.ThrowsAsync<OperationCanceledException>(() => connection.Communicator.RunAsync(command, cancel.Token));

        await Eventually.IsTrueAsync(() => !Directory.Exists($"/proc/{id}"), "the command is gone");
        Assert.AreEqual(0, server.Service.Shells);
        Assert.AreEqual(0, (await connection.RunAsync("true", Token)).Status, "The connection can be used after a cancel, as the clean-up provisioner does.");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_restart_is_followed()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        var id = await connection.Communicator.ReadBootIdAsync(Token);
        Assert.AreEqual(server.Service.BootTime.Ticks.ToString(CultureInfo.InvariantCulture), id);

        var wait = connection.Communicator.WaitForRebootAsync(id, Token);
        // It is reckoned a little differently: that is no restart.
        server.Service.BootTime += TimeSpan.FromSeconds(1);
        var count = server.Service.CommandLines.Count;
        await Eventually.IsTrueAsync(() => server.Service.CommandLines.Count > count + 1, "it asks again");
        Assert.IsFalse(wait.IsCompleted);
        await server.StopAsync();
        server.Service.BootTime += TimeSpan.FromMinutes(1);
        server.Start();

        await wait;
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Windows_restart_waits_until_the_machine_is_back(bool breaksOff)
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        using var machine = new Provisioning { Other = connection.Communicator };
        server.Service.Shutdown = line => breaksOff ? throw new IOException() : 0;

        var restart = machine.RunAsync(new WindowsRestartProvisioner { Pauses = Pauses }, [], Token);
        await Eventually.IsTrueAsync(() => machine.Ui.Text.Contains("Waiting for the machine to restart.", StringComparison.Ordinal), "it waits");
        await server.StopAsync();
        server.Service.BootTime += TimeSpan.FromMinutes(5);
        Assert.IsFalse(restart.IsCompleted);
        server.Start();

        await restart;
        Assert.Contains("winrm restarted.", machine.Ui.Lines);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Windows_restart_notices_a_restart_that_nobody_saw()
    {
        await using var server = TestWinRmServer.Start();
        using var connection = new WinRmTestConnection(server.Config);
        using var machine = new Provisioning { Other = connection.Communicator };
        var asked = 0;
        server.Service.Shutdown = line =>
        {
            asked++;
            server.Service.BootTime += TimeSpan.FromMinutes(5);
            return 0;
        };

        await machine.RunAsync(new WindowsRestartProvisioner { Pauses = Pauses }, [], Token);

        Assert.AreEqual(1, asked, "The machine is not asked for a second restart to see what it does.");
        Assert.Contains("winrm restarted.", machine.Ui.Lines);
    }
}
