using System.Text;
using System.Text.Json.Nodes;
using Packer.Provisioners.PowerShell;
using Packer.Provisioners.WindowsRestart;
using Packer.Provisioners.WindowsShell;

namespace Packer.Tests.Provisioners;

/// <summary>No Windows is here: what goes over the connection is looked at, byte by byte.</summary>
[TestClass]
public sealed class WindowsTests : IDisposable
{
    private const string Block = "& { if (Test-Path variable:global:ProgressPreference) { Set-Variable -Name variable:global:ProgressPreference -Value 'SilentlyContinue' }; . c:/vars.ps1; &'c:/a.ps1'; exit $LastExitCode }";

    private readonly Provisioning machine = new();
    private readonly RecordingCommunicator windows = new();

    public WindowsTests() => machine.Other = windows;

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    public void Dispose() => machine.Dispose();

    [TestMethod]
    public async Task PowerShell_copies_variables_and_script_runs_them_and_removes_all()
    {
        await PowerShellAsync(new() { ["inline"] = new JsonArray("Write-Host hi", "cmd /c exit 3"), ["env"] = new JsonObject { ["A"] = "$x \"y\" `z` it's" } });
        var (variables, script, removal) = (windows.Uploads[0], windows.Uploads[1], windows.Uploads[2]);
        Assert.MatchesRegex("^c:/Windows/Temp/packer-ps-env-vars-[0-9a-f-]{36}\\.ps1$", variables.Path);
        Assert.AreEqual("$env:A=\"`$x `\"y`\" ``z`` it`'s\"; $env:PACKER_BUILDER_TYPE=\"test\"; $env:PACKER_BUILD_NAME=\"web\"; ", variables.Text);
        Assert.MatchesRegex("^c:/Windows/Temp/script-[0-9a-f-]{36}\\.ps1$", script.Path);
        Assert.Contains("$exitCode = 0\r\ntry {\r\nWrite-Host hi\r\ncmd /c exit 3\r\nif ($LASTEXITCODE) { $exitCode = $LASTEXITCODE }\r\n} catch {\r\n", script.Text);
        Assert.EndsWith("exit $exitCode\r\n", script.Text);
        Assert.AreEqual("powershell -executionpolicy bypass \"" + Block.Replace("c:/vars.ps1", variables.Path, StringComparison.Ordinal).Replace("c:/a.ps1", script.Path, StringComparison.Ordinal) + "\"", windows.Commands[0]);
        Assert.MatchesRegex("^c:/Windows/Temp/packer-cleanup-[0-9a-f-]{36}\\.ps1$", removal.Path);
        Assert.AreEqual(string.Concat(new[] { variables.Path, script.Path, removal.Path }.Select(file => $"if (Test-Path -LiteralPath '{file}') {{ Remove-Item -Force -LiteralPath '{file}' }}\r\n")) + "exit 0\r\n", removal.Text);
        Assert.AreEqual(windows.Commands[0].Replace(script.Path, removal.Path, StringComparison.Ordinal), windows.Commands[1]);
    }

    [TestMethod]
    [DataRow("""{ "execution_policy": "none" }""", Block)]
    [DataRow("""{ "execution_policy": "RemoteSigned" }""", "powershell -executionpolicy remotesigned \"" + Block + "\"")]
    [DataRow("""{ "use_pwsh": true }""", "pwsh -executionpolicy bypass -command \"" + Block + "\"")]
    [DataRow("""{ "execute_command": "run {{.Vars}} {{.Path}}" }""", "run c:/vars.ps1 c:/a.ps1")]
    public async Task PowerShell_is_started_as_the_settings_say(string keys, string expected)
    {
        var settings = (JsonObject)JsonNode.Parse(keys)!;
        settings["inline"] = "true";
        settings["skip_clean"] = true;
        settings["remote_path"] = "c:/a.ps1";
        settings["remote_env_var_path"] = "c:/vars.ps1";
        await PowerShellAsync(settings);
        Assert.AreEqual(expected, windows.Commands.Single());
        CollectionAssert.AreEqual(new[] { "c:/vars.ps1", "c:/a.ps1" }, windows.Uploads.Select(upload => upload.Path).ToArray());
    }

    [TestMethod]
    public async Task PowerShell_can_trace_and_keeps_the_names_of_files_in_a_folder()
    {
        machine.AddFile("setup/one.ps1", "'é'\n");
        await PowerShellAsync(new() { ["scripts"] = new JsonArray("setup/*.ps1"), ["remote_path"] = "c:/scripts/", ["debug_mode"] = 2, ["skip_clean"] = true });
        Assert.AreEqual(("c:/scripts/one.ps1", "'é'\n"), windows.Uploads[1]);
        Assert.Contains("Set-PSDebug -Trace 2; . ", windows.Commands.Single());
    }

    [TestMethod]
    public async Task PowerShell_runs_as_another_user_by_a_scheduled_task()
    {
        await PowerShellAsync(new()
        {
            ["inline"] = "true", ["remote_path"] = "c:/a.ps1", ["remote_env_var_path"] = "c:/vars.ps1",
            ["elevated_user"] = "CORP\\o'neil", ["elevated_password"] = "pa'ss{{\"{{\"}}$word", ["elevated_env_var_format"] = "[%s|%s]",
        });
        Assert.AreEqual("[PACKER_BUILDER_TYPE|test][PACKER_BUILD_NAME|web]", windows.Uploads[0].Text);
        var task = windows.Uploads[2];
        Assert.MatchesRegex("^C:/Windows/Temp/packer-elevated-shell-[0-9a-f-]{36}\\.ps1$", task.Path);
        Assert.AreEqual($"powershell -executionpolicy bypass -file \"{task.Path}\"", windows.Commands[0]);
        Assert.Contains("$user = 'CORP\\o''neil'\r\n", task.Text);
        Assert.Contains("$password = 'pa''ss{{$word'\r\n", task.Text);
        Assert.Contains("$command = 'powershell -executionpolicy bypass \"" + Block.Replace("'", "''", StringComparison.Ordinal) + "\"'\r\n", task.Text);
        Assert.Contains("<LogonType>Password</LogonType><RunLevel>HighestAvailable</RunLevel>", task.Text);
        Assert.Contains("$password, 1, $null)", task.Text);
        Assert.Contains("\r\n<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n", task.Text, "A here-string and its end begin their lines.");
        Assert.Contains("\r\n\"@\r\n", task.Text);
        Assert.Contains($"'{task.Path}'", windows.Uploads[3].Text, "It holds the password, so it is removed where it could not do so itself.");
    }

    [TestMethod]
    public async Task A_user_without_a_password_is_a_service_account()
    {
        await PowerShellAsync(new() { ["inline"] = "true", ["elevated_user"] = "SYSTEM" });
        Assert.Contains("$password = $null\r\n", windows.Uploads[2].Text);
        Assert.DoesNotContain("<LogonType>", windows.Uploads[2].Text);
        Assert.Contains("$password, 5, $null)", windows.Uploads[2].Text);
    }

    [TestMethod]
    public async Task PowerShell_fails_on_a_bad_exit_code_and_on_a_lost_connection()
    {
        windows.Answer = command => (command.Contains("packer-cleanup", StringComparison.Ordinal) ? 0 : 5, "");
        var failure = await machine.FailAsync(new PowerShellProvisioner(), new() { ["inline"] = "true" }, Token);
        Assert.AreEqual(DiagnosticCodes.ScriptFailed, failure.Code);
        Assert.Contains("exit code 5; allowed are 0", failure.Message);
        Assert.Contains("packer-cleanup", windows.Uploads[^1].Path);

        windows.Answer = _ => (ICommunicator.ConnectionLost, "");
        Assert.AreEqual(DiagnosticCodes.ScriptDisconnected, (await machine.FailAsync(new PowerShellProvisioner(), new() { ["inline"] = "true" }, Token)).Code);
    }

    [TestMethod]
    public async Task A_start_on_Windows_is_tried_again_from_the_beginning()
    {
        windows.FailingUploads = 3;
        await PowerShellAsync(new() { ["inline"] = "true", ["skip_clean"] = true });
        Assert.AreEqual("$env:PACKER_BUILDER_TYPE=\"test\"; $env:PACKER_BUILD_NAME=\"web\"; ", windows.Uploads[0].Text);
        Assert.HasCount(1, windows.Commands);
    }

    [TestMethod]
    [DataRow("""{ "inline": "x", "elevated_password": "env:X" }""", "PKR0012")]
    [DataRow("""{ "inline": "x", "debug_mode": 3 }""", "PKR0011")]
    [DataRow("""{ "inline": "x", "execution_policy": "some" }""", "PKR0011")]
    [DataRow("""{ "inline": "x", "env_var_format": "%s" }""", "PKR0011")]
    [DataRow("""{ }""", "PKR0012")]
    public void What_is_wrong_for_PowerShell_is_said_before_anything_runs(string keys, string code)
    {
        var found = machine.Prepare(new PowerShellProvisioner(), (JsonObject)JsonNode.Parse(keys)!).Diagnostics;
        Assert.AreEqual(code, found.Single().Code, found.Single().Message);
    }

    [TestMethod]
    public async Task A_batch_file_has_the_line_ends_of_Windows()
    {
        machine.AddFile("a.bat", "echo a\r\necho b\n");
        var provisioner = new WindowsShellProvisioner { RetryPause = TimeSpan.FromMilliseconds(1) };
        windows.FailingUploads = 1;
        await machine.RunAsync(provisioner, new() { ["script"] = "a.bat", ["env"] = new JsonObject { ["A"] = "1 2" } }, Token);
        await machine.RunAsync(provisioner, new() { ["inline"] = new JsonArray("echo a", "exit 0"), ["remote_path"] = "c:/b.bat", ["execute_command"] = "call {{.Path}}" }, Token);
        await machine.RunAsync(provisioner, new() { ["script"] = "a.bat", ["binary"] = true }, Token);
        CollectionAssert.AreEqual(new[] { ("c:/Windows/Temp/script.bat", "echo a\r\necho b\r\n"), ("c:/b.bat", "echo a\r\nexit 0\r\n"), ("c:/Windows/Temp/script.bat", "echo a\r\necho b\n") }, windows.Uploads);
        Assert.AreEqual("set \"A=1 2\" && set \"PACKER_BUILDER_TYPE=test\" && set \"PACKER_BUILD_NAME=web\" && \"c:/Windows/Temp/script.bat\"", windows.Commands[0]);
        Assert.AreEqual("call c:/b.bat", windows.Commands[1]);

        windows.Answer = _ => (1, "");
        Assert.AreEqual(DiagnosticCodes.ScriptFailed, (await machine.FailAsync(provisioner, new() { ["inline"] = "exit 1" }, Token)).Code);
    }

    [TestMethod]
    public async Task A_restart_is_given_seen_and_waited_for()
    {
        var probes = new Queue<int>([1190, 77, ICommunicator.ConnectionLost]);
        var checks = new Queue<string>(["", "The module cannot be loaded.", "HOST restarted."]);
        windows.Answer = command => command switch
        {
            "shutdown /r /f /t 0 /c \"packer restart\"" => (1115, ""),
            "shutdown /r /f /t 60 /c \"packer restart test\"" => (probes.Dequeue(), ""),
            _ => (0, checks.Dequeue()),
        };
        await machine.RunAsync(Restart(), [], Token);
        Assert.IsEmpty(probes);
        Assert.IsEmpty(checks);
        Assert.Contains("The machine has restarted.", machine.Ui.Text);
        Assert.EndsWith("echo (\"{0} restarted.\" -f [System.Net.Dns]::GetHostName())", Decode(windows.Commands[^1]));
    }

    [TestMethod]
    public async Task A_machine_that_is_back_already_is_not_restarted_a_second_time()
    {
        windows.Answer = command => (0, command.StartsWith("powershell", StringComparison.Ordinal) ? "HOST restarted." : "");
        await machine.RunAsync(Restart(), new() { ["restart_command"] = "restart-it", ["restart_check_command"] = "check-it" }, Token);
        CollectionAssert.AreEqual(new[] { "restart-it", "shutdown /r /f /t 60 /c \"packer restart test\"", "shutdown /a", "check-it" }, windows.Commands.Take(4).ToArray());
        Assert.HasCount(5, windows.Commands);
    }

    [TestMethod]
    public async Task The_registry_is_waited_for_too()
    {
        var answers = new Queue<string>(["True", "False", "True", "False", "False"]);
        windows.Answer = command =>
        {
            if (!command.StartsWith("powershell", StringComparison.Ordinal)) return (1, "");
            return (0, Decode(command).Contains("Test-Path", StringComparison.Ordinal) ? answers.Dequeue() : "HOST restarted.");
        };
        windows.Answer = Accepting(windows.Answer);
        await machine.RunAsync(Restart(), new() { ["check_registry"] = true, ["registry_keys"] = new JsonArray("HKLM:A", "HKLM:B") }, Token);
        Assert.IsEmpty(answers);
        CollectionAssert.AreEqual(new[] { "A", "A", "B", "A", "B" }, windows.Commands.Where(command => command.StartsWith("powershell", StringComparison.Ordinal)).Select(Decode)
            .Where(text => text.Contains("Test-Path", StringComparison.Ordinal)).Select(text => text[^2..^1]).ToArray());
    }

    [TestMethod]
    public async Task A_machine_that_stays_away_is_an_error_and_so_is_a_command_that_fails()
    {
        windows.Answer = command => command.StartsWith("shutdown /r /f /t 0", StringComparison.Ordinal) ? (0, "") : throw new IOException("No connection.");
        var failure = await machine.FailAsync(Restart(), new() { ["restart_timeout"] = "100ms" }, Token);
        Assert.AreEqual(DiagnosticCodes.RestartFailed, failure.Code);
        Assert.Contains("100ms (RestartTimeout)", failure.Message);

        windows.Answer = _ => (5, "Access is denied.");
        Assert.Contains("exit code 5", (await machine.FailAsync(Restart(), [], Token)).Message);

        windows.Answer = _ => throw new IOException("No connection.");
        Assert.Contains("(RestartTimeout): No connection.", (await machine.FailAsync(Restart(), new() { ["restart_timeout"] = "50ms" }, Token)).Message);
    }

    [TestMethod]
    public async Task A_restart_can_be_cancelled()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        windows.Answer = command =>
        {
            if (command.StartsWith("powershell", StringComparison.Ordinal)) cancel.Cancel();
            return (0, "");
        };
        await Assert.ThrowsAsync<OperationCanceledException>(() => machine.RunAsync(Restart(), [], cancel.Token));
    }

    private static WindowsRestartProvisioner Restart()
    {
        var short_ = TimeSpan.FromMilliseconds(1);
        return new WindowsRestartProvisioner { Pauses = new WindowsRestartPauses { Retry = short_, Probe = short_, Check = short_ } };
    }

    /// <summary>The restart itself succeeds.</summary>
    private static Func<string, (int, string)> Accepting(Func<string, (int ExitCode, string Output)> rest) =>
        command => command.StartsWith("shutdown /r /f /t 0", StringComparison.Ordinal) ? (0, "") : rest(command);

    private static string Decode(string command) => Encoding.Unicode.GetString(Convert.FromBase64String(command["powershell.exe -EncodedCommand ".Length..]));

    private Task PowerShellAsync(JsonObject keys) => machine.RunAsync(new PowerShellProvisioner { RetryPause = TimeSpan.FromMilliseconds(1) }, keys, Token);
}
