using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Packer.Tests.Imaging;

namespace Packer.Tests.Communicators.WinRm;

/// <summary>The stand-in is judged by two clients that others have written for Windows: what they accept is what counts as WinRM here.</summary>
[UnsupportedOSPlatform("windows")]
[TestClass]
[TestCategory("Rig")]
public sealed class WinRmPeerTests
{
    private const string Python = "/usr/bin/python3";
    private const string PythonModule = "/usr/lib/python3/dist-packages/winrm/__init__.py";

    public required TestContext TestContext { get; init; }

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    [DataRow("plaintext", false)]
    [DataRow("ntlm", false)]
    [DataRow("ssl", true)]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Pywinrm_runs_commands(string transport, bool useSsl)
    {
        RequirePython();
        await using var server = TestWinRmServer.Start(useSsl);
        server.Service.LongestReceive = TimeSpan.FromMilliseconds(200);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["client.py"], """
            import sys, winrm
            session = winrm.Session(sys.argv[1], auth=('vagrant', sys.argv[3]), transport=sys.argv[2], server_cert_validation='ignore', message_encryption='never')
            try:
                run = session.run_cmd('sleep 1; echo "out"; echo err >&2; exit 5')
                print(run.status_code, run.std_out, run.std_err)
                run = session.run_ps('Write-Output "from PowerShell"')
                print(run.status_code, run.std_out)
            except winrm.exceptions.InvalidCredentialsError as error:
                print('refused')
            """);
        // NTLM is made of MD4, which OpenSSL gives only to those who ask.
        File.WriteAllText(folder["openssl.cnf"], "openssl_conf = all\n[all]\nproviders = providers\n[providers]\ndefault = on\nlegacy = on\n[on]\nactivate = 1\n");
        var endpoint = $"{(useSsl ? "https" : "http")}://127.0.0.1:{server.Port}/wsman";

        Assert.AreEqual("5 b'out\\n' b'err\\n'\n0 b'from PowerShell\\r\\n'", (await RunAsync(Python, folder["openssl.cnf"], "-W", "ignore", folder["client.py"], endpoint, transport, TestWinRmServer.Password)).Trim());
        Assert.AreEqual("refused", (await RunAsync(Python, folder["openssl.cnf"], "-W", "ignore", folder["client.py"], endpoint, transport, "wrong")).Trim());
        Assert.AreEqual(0, server.Service.Shells);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Packer_connects_and_runs_commands(bool useSsl)
    {
        Rig.Require("packer");
        await using var server = TestWinRmServer.Start(useSsl);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["w.json"], $$"""
            { "builders": [{ "type": "null", "communicator": "winrm", "winrm_host": "127.0.0.1", "winrm_port": {{server.Port.ToString(CultureInfo.InvariantCulture)}}, "winrm_username": "{{TestWinRmServer.User}}",
                             "winrm_password": "{{TestWinRmServer.Password}}", "winrm_timeout": "60s", "winrm_use_ssl": {{(useSsl ? "true" : "false")}}, "winrm_insecure": true }],
              "provisioners": [{ "type": "shell-local", "inline": ["echo reached {{ "{{" }} build `Host` {{ "}}" }}"] }] }
            """);

        var output = await RunAsync("packer", folder["openssl.cnf"], "build", "-color=false", folder["w.json"]);

        StringAssert.Contains(output, "Connected to WinRM!");
        StringAssert.Contains(output, "null: reached 127.0.0.1");
        Assert.IsGreaterThan(0, server.Service.CommandLines.Count);
    }

    private static void RequirePython()
    {
        Rig.Require("python3");
        if (File.Exists(PythonModule)) return;
        const string Message = "Skipped: this test needs python3-winrm.";
        if (Environment.GetEnvironmentVariable("PACKER_REQUIRE_RIGS") == "1") Assert.Fail(Message);
        Assert.Inconclusive(Message);
    }

    private async Task<string> RunAsync(string program, string opensslConfig, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["CHECKPOINT_DISABLE"] = "1";
        start.Environment["OPENSSL_CONF"] = opensslConfig;
        // Python's library would check certificates against these, whatever it is told.
        foreach (var name in new[] { "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE" }) start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Token);
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.AreEqual(0, process.ExitCode, output + await error);
        return output;
    }
}
