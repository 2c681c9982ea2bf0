using System.Runtime.Versioning;
using Packer.Communicators;
using Packer.Engine;
using Packer.Steps;
using Packer.Tests.Engine;

namespace Packer.Tests.Communicators.WinRm;

/// <summary>Waiting for WinRM, and logging in.</summary>
[UnsupportedOSPlatform("windows")]
[TestClass]
public sealed class WinRmConnectTests
{
    public required TestContext TestContext { get; init; }

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Every_phase_is_waited_through_and_said()
    {
        await using var server = new TestWinRmServer();
        using var connection = new WinRmTestConnection(server.Config);
        var connect = connection.Connector.ConnectAsync(Token);
        await Eventually.IsTrueAsync(() => connection.Said.Any(line => line.Contains("refused", StringComparison.OrdinalIgnoreCase)), "nothing listens");
        server.Service.IsStillBooting = true;
        server.Start();
        await Eventually.IsTrueAsync(() => connection.Said.Any(line => line.Contains("not recognized", StringComparison.Ordinal)), "PowerShell does not run");
        server.Service.IsStillBooting = false;

        await connect;

        Assert.AreEqual(server.Address, connection.Connector.Machine);
        Assert.AreEqual(0, (await connection.RunAsync("true", Token)).Status);
    }

    [TestMethod]
    [DataRow("wrong", "vagrant", false, "Basic authentication; it offers Negotiate, Basic")]
    [DataRow("Password", "other", false, "Basic authentication; it offers Negotiate, Basic")]
    [DataRow("Password", "vagrant", true, "Basic authentication; it offers Negotiate.")]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_refused_login_says_what_was_tried_and_what_is_offered(string password, string user, bool refusesBasic, string expected)
    {
        await using var server = new TestWinRmServer { RefusesBasic = refusesBasic };
        server.Start();
        using var connection = new WinRmTestConnection(server.Config with { WinrmUsername = user, WinrmPassword = Secret.FromLiteral(password), WinrmTimeout = TimeSpan.FromSeconds(2) });

        StringAssert.Contains(await FailsAsync(connection, DiagnosticCodes.WinRmLoginRefused), expected);
        Assert.IsTrue(connection.Said.Any(line => line.Contains("refused the login", StringComparison.Ordinal)), "It is said at once, and not only when the time is over.");
        Assert.AreEqual(0, server.Service.Count("Create"));
    }

    [TestMethod]
    [TestCategory("Rig")]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Ntlm_logs_in_where_this_machine_has_it()
    {
        RequireNtlm();
        await using var server = new TestWinRmServer { RefusesBasic = true };
        server.Start();
        foreach (var user in new[] { "vagrant", @"DOMAIN\vagrant" })
        {
            using var connection = new WinRmTestConnection(server.Config with { WinrmUseNtlm = true, WinrmUsername = user });
            await connection.Connector.ConnectAsync(Token);
            Assert.AreEqual("4", (await connection.RunAsync("wc -c; exit 3", Token, new MemoryStream("abcd"u8.ToArray()))).Output.Single().Trim());
        }
        using var wrong = new WinRmTestConnection(server.Config with { WinrmUseNtlm = true, WinrmPassword = Secret.FromLiteral("wrong"), WinrmTimeout = TimeSpan.FromSeconds(2) });
        StringAssert.Contains(await FailsAsync(wrong, DiagnosticCodes.WinRmLoginRefused), "NTLM (Negotiate)");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_certificate_is_checked_unless_that_is_switched_off()
    {
        await using var server = TestWinRmServer.Start(useSsl: true);
        using var careless = new WinRmTestConnection(server.Config);
        await careless.Connector.ConnectAsync(Token);
        Assert.AreEqual(3, (await careless.RunAsync("exit 3", Token)).Status);

        // At once: nobody makes it good by waiting.
        using var careful = new WinRmTestConnection(server.Config with { WinrmInsecure = false, WinrmTimeout = TimeSpan.FromHours(1) });
        var error = await FailsAsync(careful, DiagnosticCodes.WinRmCertificateRefused);
        StringAssert.Contains(error, "not made for '127.0.0.1'");
        StringAssert.Contains(error, "WinrmInsecure");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task What_is_not_WinRM_is_told_from_what_is_not_there()
    {
        await using var server = TestWinRmServer.Start(useSsl: true);
        using var silent = new FaultyPeer(async (stream, token) => await stream.ReadExactlyAsync(new byte[1 << 20], token));
        using var closing = new FaultyPeer((_, _) => Task.CompletedTask);
        using var other = new FaultyPeer(async (stream, token) =>
        {
            _ = await stream.ReadAsync(new byte[4096], token);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"u8.ToArray(), token);
        });
        var config = server.Config with { WinrmUseSsl = false, WinrmInsecure = false, WinrmTimeout = TimeSpan.FromSeconds(4) };
        foreach (var (port, code, words) in new[]
        {
            (SshServer.FreePort(), DiagnosticCodes.WinRmNotListening, "refused"),
            (silent.Address.Port, DiagnosticCodes.WinRmNoAnswer, "gives no answer"),
            (closing.Address.Port, DiagnosticCodes.WinRmNoAnswer, "ended the connection"),
            (other.Address.Port, DiagnosticCodes.WinRmNoAnswer, "no WS-Management"),
        })
        {
            using var connection = new WinRmTestConnection(config with { WinrmPort = port });
            StringAssert.Contains(await FailsAsync(connection, code), words);
        }
        using var nowhere = new WinRmTestConnection(config with { WinrmHost = null, WinrmTimeout = TimeSpan.FromSeconds(1) });
        await FailsAsync(nowhere, DiagnosticCodes.WinRmAddressUnknown);
        using var plain = new WinRmTestConnection(config with { WinrmUseSsl = true, WinrmPort = other.Address.Port });
        StringAssert.Contains(await FailsAsync(plain, DiagnosticCodes.WinRmNoAnswer), "TLS");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_cancel_leaves_no_connection()
    {
        using var peer = new FaultyPeer(async (stream, token) => await stream.ReadExactlyAsync(new byte[1 << 20], token));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var connection = new WinRmTestConnection(new CommunicatorConfig { Communicator = "winrm", WinrmHost = "127.0.0.1", WinrmPort = peer.Address.Port, WinrmUsername = "x" });
        var connect = connection.Connector.ConnectAsync(cancel.Token);
        await Eventually.IsTrueAsync(() => peer.Seen > 0, "it connects");
        await cancel.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => connect);

        await Eventually.IsTrueAsync(() => peer.Open == 0, "no connection is left");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task The_step_gives_the_connection_and_the_variables_and_closes_it_at_the_end()
    {
        await using var server = TestWinRmServer.Start();
        var hook = new AskingHook();
        var context = Context(new TestUi(), hook);
        // The builder says where the machine is.
        var connect = new ConnectStep(context, server.Config with { WinrmHost = null }, _ => Task.FromResult<MachineAddress?>(server.Address));

        await new StepRunner(context).RunAsync([connect, new ProvisionStep(context, connect)], Token);

        Assert.AreEqual("hello", hook.Said);
        Assert.IsTrue(hook.CanSeeRestarts);
        Assert.AreEqual("127.0.0.1", hook.Data["Host"]);
        Assert.AreEqual(server.Port, hook.Data["Port"]);
        Assert.AreEqual("winrm", hook.Data["ConnType"]);
        Assert.AreEqual(TestWinRmServer.User, hook.Data["User"]);
        Assert.AreEqual(TestWinRmServer.Password, hook.Data["Password"]);
        Assert.AreEqual(TestWinRmServer.Password, hook.Data["WinRMPassword"]);
        Assert.DoesNotContain(TestWinRmServer.Password, context.Secrets.Redact($"It is {TestWinRmServer.Password}."));
        Assert.IsNull(connect.Communicator);
        await Eventually.IsTrueAsync(() => server.Open == 0, "no connection is left");
    }

    [TestMethod]
    [DataRow(null, false, 5985)]
    [DataRow(null, true, 5986)]
    [DataRow(80, true, 80)]
    public void The_port_follows_from_the_settings(int? port, bool useSsl, int expected) =>
        Assert.AreEqual(expected, new CommunicatorConfig { Communicator = "winrm", SshPort = 2222, WinrmPort = port, WinrmUseSsl = useSsl }.Port);

    /// <summary>On Linux it is a library that .NET finds by the list of GSS-API.</summary>
    private static void RequireNtlm()
    {
        if (!OperatingSystem.IsLinux() || File.Exists("/etc/gss/mech.d/mech.ntlmssp.conf")) return;
        const string Message = "Skipped: this test needs gss-ntlmssp.";
        if (Environment.GetEnvironmentVariable("PACKER_REQUIRE_RIGS") == "1") Assert.Fail(Message);
        Assert.Inconclusive(Message);
    }

    private async Task<string> FailsAsync(WinRmTestConnection connection, string code)
    {
        var error = await Assert.ThrowsExactlyAsync<PackerException>(() => connection.Connector.ConnectAsync(Token));
        Assert.AreEqual(code, error.Code, error.Message);
        return error.Message;
    }

    private static BuildContext Context(IUi ui, IHook hook) => new()
    {
        Image = "web",
        RunId = "00000000-0000-0000-0000-000000000001",
        BuilderType = "test",
        Ui = ui,
        Hook = hook,
        Cache = null!,
        OutputDirectory = "/nowhere",
        ProjectDirectory = "/nowhere",
        TemporaryDirectory = "/nowhere",
        LogDirectory = "/nowhere",
        Processes = null!,
        Secrets = new SecretRedactor(),
    };

    private sealed class AskingHook : IHook
    {
        public string? Said { get; private set; }

        public bool CanSeeRestarts { get; private set; }

        public IReadOnlyDictionary<string, object?> Data { get; private set; } = new Dictionary<string, object?>();

        public async Task RunAsync(string name, IUi ui, ICommunicator? communicator, IReadOnlyDictionary<string, object?> data, CancellationToken token)
        {
            Data = data;
            CanSeeRestarts = communicator is IRebootingCommunicator;
            await communicator!.RunAsync(new RemoteCommand("echo hello") { Output = line => Said = line }, token);
        }
    }
}
