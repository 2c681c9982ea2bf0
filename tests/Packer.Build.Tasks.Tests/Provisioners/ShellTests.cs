using System.Text.Json.Nodes;
using Packer.Engine;
using Packer.Provisioners.Shell;
using Packer.Tests.Engine;

namespace Packer.Tests.Provisioners;

/// <summary>What scripts do is real: they run in the shell of this machine.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class ShellTests : IDisposable
{
    private const string Tricky = "it's \"$HOME\" `date` \\n; a\nsecond line\t{{ .Path }}";

    private readonly Provisioning machine = new();

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    public void Dispose() => machine.Dispose();

    [TestMethod]
    public async Task Lines_run_as_one_script_that_stops_at_the_first_failure_and_is_removed()
    {
        await RunAsync(new() { ["inline"] = new JsonArray("x=1", "echo value $x", "echo to-error >&2", "echo done > result") });
        Assert.Contains("value 1\n", machine.Ui.Text + "\n");
        Assert.Contains("to-error", machine.Ui.Text);
        CollectionAssert.AreEqual(new[] { "result" }, machine.RemoteFiles);

        var failure = await FailAsync(new() { ["inline"] = new JsonArray("false", "echo never > result2") });
        Assert.AreEqual(DiagnosticCodes.ScriptFailed, failure.Code);
        Assert.Contains("exit code 1", failure.Message);
        CollectionAssert.AreEqual(new[] { "result" }, machine.RemoteFiles);
    }

    [TestMethod]
    public async Task Without_settings_the_commands_are_those_of_Packer()
    {
        var recorder = new RecordingCommunicator();
        machine.Other = recorder;
        machine.Data["PackerHTTPAddr"] = "10.0.2.2:8081";
        await machine.RunAsync(Provisioner(), new() { ["inline"] = "true", ["env"] = new JsonObject { ["B"] = "it's" } }, Token);
        var path = recorder.Uploads.Single().Path;
        Assert.MatchesRegex("^/tmp/script_[0-9a-f]{8}\\.sh$", path);
        Assert.AreEqual("#!/bin/sh -e\ntrue\n", recorder.Uploads.Single().Text);
        CollectionAssert.AreEqual(new[]
        {
            $"chmod +x {path}; B='it'\"'\"'s' PACKER_BUILDER_TYPE='test' PACKER_BUILD_NAME='web' PACKER_HTTP_ADDR='10.0.2.2:8081'  {path}",
            $"rm -f '{path}'",
        }, recorder.Commands);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Variables_arrive_exactly(bool file)
    {
        await RunAsync(new()
        {
            ["inline"] = new JsonArray("printf '%s' \"$TRICKY\" > tricky", "printf '%s' \"$BOTH $PACKER_BUILD_NAME $PACKER_BUILDER_TYPE\" > both"),
            ["environment_vars"] = new JsonArray("BOTH=first"), ["env"] = new JsonObject { ["TRICKY"] = "{{ build `Tricky` }}", ["BOTH"] = "a=b" },
            ["use_env_var_file"] = file,
        }, ("Tricky", Tricky));
        Assert.AreEqual(Tricky, Remote("tricky"));
        Assert.AreEqual("a=b web test", Remote("both"));
        CollectionAssert.AreEqual(new[] { "both", "tricky" }, machine.RemoteFiles);
        Assert.AreEqual(file, !machine.Communicator.Commands.First().Contains("second line", StringComparison.Ordinal), "With a file the command line shows no values.");
    }

    [TestMethod]
    public async Task The_file_with_variables_is_for_the_user_of_the_connection_alone()
    {
        await RunAsync(new() { ["inline"] = "true", ["use_env_var_file"] = true });
        var (path, mode) = machine.Communicator.Modes.Single(entry => entry.Key.Contains("/varfile_", StringComparison.Ordinal));
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
        Assert.Contains($". {path} && ", machine.Communicator.Commands.First());
    }

    [TestMethod]
    public async Task Files_run_in_order_with_the_line_ends_of_Unix()
    {
        machine.AddFile("setup/10.sh", "#!/bin/sh\r\nprintf 'a%s' '' >> order\r\n");
        machine.AddFile("setup/20.sh", "#!/bin/sh\nprintf b >> order\n");
        await RunAsync(new() { ["scripts"] = new JsonArray("setup/*.sh") });
        Assert.AreEqual("ab", Remote("order"));
    }

    [TestMethod]
    public async Task A_binary_file_is_copied_as_it_is()
    {
        machine.AddFile("data", "a\r\nb");
        await RunAsync(new() { ["script"] = "data", ["binary"] = true, ["execute_command"] = "cp {{.Path}} copy" });
        Assert.AreEqual("a\r\nb", Remote("copy"));
    }

    [TestMethod]
    public async Task The_command_the_paths_and_the_first_line_can_be_chosen()
    {
        machine.Data["Password"] = "OK";
        await RunAsync(new()
        {
            ["inline"] = new JsonArray("echo \"$0 $A\" > said"), ["inline_shebang"] = "/bin/sh -ex", ["remote_path"] = machine.Remote + "/my.sh", ["skip_clean"] = true,
            ["env"] = new JsonObject { ["A"] = "1" }, ["env_var_format"] = "%s=x%s ", ["execute_command"] = "env {{.Vars}} sh {{.Path}} # {{ build `Password` }}",
        });
        CollectionAssert.AreEqual(new[] { "my.sh", "said" }, machine.RemoteFiles);
        Assert.AreEqual(machine.Remote + "/my.sh x1\n", Remote("said"));
        Assert.StartsWith("#!/bin/sh -ex\n", Remote("my.sh"));
        Assert.EndsWith("# OK", machine.Communicator.Commands.Last());
    }

    [TestMethod]
    public async Task A_first_line_of_ones_own_stays_the_first()
    {
        await RunAsync(new() { ["inline"] = new JsonArray("#!/usr/bin/env sh", "false", "true"), ["remote_file"] = "own.sh", ["skip_clean"] = true });
        Assert.StartsWith("#!/usr/bin/env sh\nfalse\n", Remote("own.sh"));
    }

    [TestMethod]
    public async Task Exit_codes_that_are_allowed_are_success()
    {
        await RunAsync(new() { ["inline"] = "exit 3", ["valid_exit_codes"] = new JsonArray(0, 3) });
        var failure = await FailAsync(new() { ["inline"] = "exit 4", ["valid_exit_codes"] = new JsonArray(0, 3) });
        Assert.Contains("exit code 4; allowed are 0, 3", failure.Message);
    }

    [TestMethod]
    public async Task A_lost_connection_is_a_failure_unless_it_is_expected()
    {
        machine.Communicator.Loses = command => command.StartsWith("chmod", StringComparison.Ordinal);
        var failure = await FailAsync(new() { ["inline"] = "true", ["valid_exit_codes"] = new JsonArray(ICommunicator.ConnectionLost) });
        Assert.AreEqual(DiagnosticCodes.ScriptDisconnected, failure.Code);
        Assert.Contains("ExpectDisconnect", failure.Message);
        await RunAsync(new() { ["inline"] = "true", ["expect_disconnect"] = true });
    }

    [TestMethod]
    public async Task After_an_expected_disconnect_the_removal_waits_for_the_machine()
    {
        var lost = 2;
        machine.Communicator.Loses = command => command.StartsWith("chmod", StringComparison.Ordinal) || lost-- > 0;
        await RunAsync(new() { ["inline"] = "true", ["expect_disconnect"] = true });
        Assert.AreEqual(3, machine.Communicator.Commands.Count(command => command.StartsWith("rm -f", StringComparison.Ordinal)));
        Assert.IsEmpty(machine.RemoteFiles);
    }

    [TestMethod]
    public async Task A_start_is_tried_again_but_an_exit_code_is_final()
    {
        machine.Communicator.FailingUploads = 3;
        await RunAsync(new() { ["inline"] = "echo once >> times", ["use_env_var_file"] = true });
        Assert.AreEqual("once\n", Remote("times"));
        Assert.AreEqual(1, machine.Ui.Lines.Count(line => line.Contains("is tried again", StringComparison.Ordinal)), "One reason is said once.");

        await FailAsync(new() { ["inline"] = "echo failed >> times; exit 1" });
        Assert.AreEqual("once\nfailed\n", Remote("times"));
    }

    [TestMethod]
    public async Task A_start_is_given_up_after_its_time()
    {
        machine.Communicator.FailingUploads = int.MaxValue;
        var failure = await FailAsync(new() { ["inline"] = "true", ["start_retry_timeout"] = "50ms" });
        Assert.AreEqual(DiagnosticCodes.ScriptNotStarted, failure.Code);
        Assert.Contains("within 50ms (StartRetryTimeout): The connection was refused.", failure.Message);
    }

    [TestMethod]
    public async Task A_cancel_ends_the_script_and_removes_it()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = machine.RunAsync(Provisioner(), Keys(new() { ["inline"] = new JsonArray("touch begun", "sleep 600") }), cancel.Token);
        await Eventually.IsTrueAsync(() => File.Exists(Path.Combine(machine.Remote, "begun")), "the script has begun");
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => running);
        CollectionAssert.AreEqual(new[] { "begun" }, machine.RemoteFiles);
    }

    [TestMethod]
    public async Task A_timeout_of_the_step_ends_the_script()
    {
        var step = Provisioner();
        Assert.IsTrue(machine.Prepare(step, Keys(new() { ["inline"] = "sleep 600" }), running: true).Succeeded);
        var hook = new ProvisionHook([new ProvisionerStep(step, "shell", Timeout: TimeSpan.FromMilliseconds(200), MaxRetries: 1)], null, () => TestBuild.Context(machine.Ui));
        var failure = await Assert.ThrowsExactlyAsync<PackerException>(() => hook.RunAsync(Hooks.Provision, machine.Ui, machine.Communicator, machine.Data, Token));
        Assert.AreEqual(DiagnosticCodes.ProvisionerTimedOut, failure.Code);
        Assert.IsEmpty(machine.RemoteFiles);
    }

    [TestMethod]
    public async Task The_next_step_after_a_restart_waits_for_the_machine()
    {
        machine.AddFile("1.sh", "true\n");
        machine.AddFile("2.sh", "true\n");
        var scripts = 0;
        machine.Communicator.Loses = command => command.StartsWith("chmod", StringComparison.Ordinal) && ++scripts == 2;
        var rebooting = new RebootingCommunicator(machine.Communicator);
        machine.Other = rebooting;
        await RunAsync(new() { ["scripts"] = new JsonArray("1.sh", "2.sh"), ["reboot"] = true });
        CollectionAssert.AreEqual(new[] { "run", "remove", "read", "run", "wait for the one after boot-1", "remove" }, rebooting.Log);
    }

    [TestMethod]
    public async Task A_machine_that_does_not_come_back_is_an_error_with_the_limit()
    {
        machine.Other = new RebootingCommunicator(machine.Communicator) { ComesBack = false };
        var failure = await FailAsync(new() { ["inline"] = "kill -TERM $$", ["reboot"] = true, ["reboot_timeout"] = "20ms" });
        Assert.AreEqual(DiagnosticCodes.RestartFailed, failure.Code);
        Assert.Contains("20ms (RebootTimeout)", failure.Message);
    }

    [TestMethod]
    public async Task A_connection_that_cannot_wait_for_a_restart_says_so_before_the_script_runs()
    {
        var failure = await FailAsync(new() { ["inline"] = "touch ran", ["reboot"] = true });
        Assert.AreEqual(DiagnosticCodes.RestartNotSupported, failure.Code);
        Assert.IsEmpty(machine.RemoteFiles);
    }

    [TestMethod]
    public async Task A_pause_comes_after_the_scripts_and_can_be_cancelled()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = machine.RunAsync(Provisioner(), Keys(new() { ["inline"] = "true", ["pause_after"] = "1h" }), cancel.Token);
        await Eventually.IsTrueAsync(() => machine.Ui.Text.Contains("Pausing 1h", StringComparison.Ordinal), "the pause has begun");
        Assert.IsEmpty(machine.RemoteFiles);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => running);
    }

    [TestMethod]
    public async Task A_command_that_asks_for_an_unknown_build_variable_says_which_there_are()
    {
        machine.Data["Host"] = "10.0.0.1";
        var failure = await FailAsync(new() { ["inline"] = "true", ["execute_command"] = "{{ build `Hots` }} {{.Path}}" });
        Assert.AreEqual(DiagnosticCodes.TemplateError, failure.Code);
        Assert.Contains("The build variables are Host.", failure.Message);
    }

    [TestMethod]
    public async Task A_file_that_cannot_be_removed_is_an_error()
    {
        machine.Communicator.Starting = command =>
        {
            if (!command.StartsWith("rm -f", StringComparison.Ordinal)) return;
            File.Delete(Path.Combine(machine.Remote, "own.sh"));
            Directory.CreateDirectory(Path.Combine(machine.Remote, "own.sh"));
        };
        Assert.AreEqual(DiagnosticCodes.RemoteFileLeft, (await FailAsync(new() { ["inline"] = "true", ["remote_file"] = "own.sh" })).Code);
    }

    [TestMethod]
    public void Scripts_are_inputs_of_the_image()
    {
        var script = machine.AddFile("a.sh", "true\n");
        var inputs = machine.Prepare(Provisioner(), new() { ["scripts"] = new JsonArray("*.sh") }).Decoded!.Inputs;
        CollectionAssert.AreEqual(new[] { script }, inputs.Select(input => input.Path).ToArray());
    }

    [TestMethod]
    [DataRow("""{ }""", "PKR0012")]
    [DataRow("""{ "inline": "true", "script": "a.sh" }""", "PKR0014")]
    [DataRow("""{ "script": "none.sh" }""", "PKR0019")]
    [DataRow("""{ "inline": "true", "environment_vars": ["NAME"] }""", "PKR0011")]
    [DataRow("""{ "inline": "true", "env_var_format": "%s" }""", "PKR0011")]
    [DataRow("""{ "inline": "true", "execute_command": "{{ .Script }}" }""", "PKR0018")]
    public void What_is_wrong_is_said_before_anything_runs(string keys, string code)
    {
        machine.AddFile("a.sh", "true\n");
        var found = machine.Prepare(Provisioner(), (JsonObject)JsonNode.Parse(keys)!).Diagnostics;
        Assert.AreEqual(code, found.Single().Code, found.Single().Message);
    }

    private static ShellProvisioner Provisioner() => new() { RetryPause = TimeSpan.FromMilliseconds(1) };

    private JsonObject Keys(JsonObject keys)
    {
        keys.TryAdd("remote_folder", machine.Remote);
        return keys;
    }

    private Task RunAsync(JsonObject keys, params (string Key, object Value)[] data)
    {
        foreach (var (key, value) in data) machine.Data[key] = value;
        return machine.RunAsync(Provisioner(), Keys(keys), Token);
    }

    private Task<PackerException> FailAsync(JsonObject keys) => machine.FailAsync(Provisioner(), Keys(keys), Token);

    private string Remote(string name) => File.ReadAllText(Path.Combine(machine.Remote, name));

    /// <summary>A machine that restarts when it is asked to.</summary>
    private sealed class RebootingCommunicator(LocalCommunicator inner) : ICommunicator, IRebootingCommunicator
    {
        public List<string> Log { get; } = [];

        public bool ComesBack { get; init; } = true;

        public Task<string?> ReadBootIdAsync(CancellationToken token)
        {
            Log.Add("read");
            return Task.FromResult<string?>("boot-1");
        }

        public Task WaitForRebootAsync(string? previousBootId, CancellationToken token)
        {
            Log.Add($"wait for the one after {previousBootId}");
            return ComesBack ? Task.CompletedTask : Task.Delay(Timeout.Infinite, token);
        }

        public Task<int> RunAsync(RemoteCommand command, CancellationToken token)
        {
            Log.Add(command.Command.StartsWith("rm", StringComparison.Ordinal) ? "remove" : "run");
            return inner.RunAsync(command, token);
        }

        public Task UploadAsync(string path, Stream content, UnixFileMode? mode, CancellationToken token) => inner.UploadAsync(path, content, mode, token);

        public Task UploadDirectoryAsync(string destination, string source, IReadOnlyList<string> excludes, CancellationToken token) => throw new NotSupportedException();

        public Task DownloadAsync(string path, Stream content, CancellationToken token) => throw new NotSupportedException();

        public Task DownloadDirectoryAsync(string source, string destination, IReadOnlyList<string> excludes, CancellationToken token) => throw new NotSupportedException();
    }
}
