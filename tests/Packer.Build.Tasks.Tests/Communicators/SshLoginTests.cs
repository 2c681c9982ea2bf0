using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Packer.Communicators;
using Packer.Communicators.Ssh;
using Packer.Steps;
using Packer.Tests.Engine;
using Packer.Tests.Imaging;

namespace Packer.Tests.Communicators;

/// <summary>The ways to log in, against OpenSSH's own server, agent and tools.</summary>
[UnsupportedOSPlatform("windows")]
[TestClass]
[TestCategory("Rig")]
public sealed class SshLoginTests
{
    public required TestContext TestContext { get; init; }

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    [DataRow("rsa", 2048)]
    [DataRow("ecdsa", null)]
    [DataRow("ed25519", null)]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_temporary_key_lets_in_and_is_taken_out_again(string type, int? bits)
    {
        var pair = SshKeyPair.Generate(new CommunicatorConfig { TemporaryKeyPairType = type, TemporaryKeyPairBits = bits });
        await using var server = new SshServer();
        File.AppendAllText(server.AuthorizedKeys, pair.PublicKey + "\n");
        server.Start();
        await using var connection = await SshTestConnection.OpenAsync(server.Config with { SshPrivateKey = null }, Token, pair);
        Assert.AreEqual(0, (await connection.RunAsync("true", Token)).Status);
    }

    [TestMethod]
    [DataRow("PasswordAuthentication yes", "KbdInteractiveAuthentication no")]
    [DataRow("PasswordAuthentication no", "KbdInteractiveAuthentication yes")]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_password_lets_in_also_where_it_is_asked_for(string password, string questions)
    {
        Rig.Require("unshare", "openssl", "sshd");
        if (!Environment.IsPrivilegedProcess) Assert.Inconclusive("Skipped: this test needs root, for a password file of its own.");
        using var folder = new TemporaryFolder();
        // The server sees a password file of its own, in a mount namespace: the one of this machine stays as it is.
        var hash = (await Tool.RunAsync("openssl", "passwd", "-6", "secret-word")).Trim();
        File.WriteAllText(folder["shadow"], $"root:{hash}:20000:0:99999:7:::\n");
        await using var server = new SshServer([password, questions, "UsePAM yes"], ["unshare", "-m", "sh", "-c", $"mount --bind {folder["shadow"]} /etc/shadow && exec \"$@\"", "sh"]);
        server.Start();
        var config = server.Config with { SshPrivateKey = null, SshUsername = "root", SshPassword = Secret.FromLiteral("secret-word"), SshHandshakeAttempts = 1 };

        await using (var connection = await SshTestConnection.OpenAsync(config, Token)) Assert.AreEqual(0, (await connection.RunAsync("true", Token)).Status);

        await using var wrong = new SshTestConnection(config with { SshPassword = Secret.FromLiteral("another-word") });
        var error = await Assert.ThrowsExactlyAsync<PackerException>(() => wrong.Communicator.ConnectAsync(Token));
        Assert.AreEqual(DiagnosticCodes.SshLoginRefused, error.Code);
        Assert.DoesNotContain("another-word", error.Message);
    }

    [TestMethod]
    [DataRow("rsa")]
    [DataRow("ed25519")]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_key_in_an_agent_lets_in(string type)
    {
        Rig.Require("ssh-agent", "ssh-add", "ssh-keygen");
        using var folder = new TemporaryFolder();
        await Tool.RunAsync("ssh-keygen", "-q", "-t", type, "-N", "", "-f", folder["key"]);
        using var agent = Process.Start(new ProcessStartInfo("ssh-agent", ["-D", "-a", folder["agent"]]) { RedirectStandardOutput = true })!;
        try
        {
            await Eventually.IsTrueAsync(() => File.Exists(folder["agent"]), "the agent is there");
            var empty = Assert.ThrowsExactly<PackerException>(() => new SshAgent(folder["agent"]).Keys());
            Assert.AreEqual(DiagnosticCodes.SshAgentUnusable, empty.Code);
            using (var add = Process.Start(new ProcessStartInfo("ssh-add", ["-q", folder["key"]]) { Environment = { ["SSH_AUTH_SOCK"] = folder["agent"] } })!) await add.WaitForExitAsync(Token);
            await using var server = new SshServer();
            File.AppendAllText(server.AuthorizedKeys, await File.ReadAllTextAsync(folder["key.pub"], Token));
            server.Start();
            await server.ReadyAsync(Token);
            // The agent of the user who runs the tests is no business of theirs: the key source is given by hand.
            using var method = new Renci.SshNet.PrivateKeyAuthenticationMethod(Environment.UserName, [.. new SshAgent(folder["agent"]).Keys()]);
            await using var link = await new SshDialer(server.Config).DialAsync(static info => new Renci.SshNet.SshClient(info), server.Address, "The machine", new HostKeyPolicy("pin"), Environment.UserName, [method], Token);
            Assert.IsTrue(link.IsConnected);
        }
        finally
        {
            agent.Kill();
            await agent.WaitForExitAsync(Token);
        }
        Assert.AreEqual(DiagnosticCodes.SshAgentUnusable, Assert.ThrowsExactly<PackerException>(() => new SshAgent(folder["none"]).Keys()).Code);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_certificate_lets_in()
    {
        Rig.Require("ssh-keygen");
        using var folder = new TemporaryFolder();
        await Tool.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder["authority"]);
        await Tool.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder["key"]);
        await Tool.RunAsync("ssh-keygen", "-q", "-s", folder["authority"], "-I", "test", "-n", Environment.UserName, folder["key.pub"]);
        await using var server = SshServer.Start($"TrustedUserCAKeys {folder["authority.pub"]}");
        await using var connection = await SshTestConnection.OpenAsync(server.Config with { SshPrivateKey = null, SshPrivateKeyFile = folder["key"], SshCertificateFile = folder["key-cert.pub"] }, Token);
        Assert.AreEqual(0, (await connection.RunAsync("true", Token)).Status);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task The_machine_is_reached_through_a_proxy()
    {
        Rig.Require("ssh");
        using var folder = new TemporaryFolder();
        await using var server = SshServer.Start();
        await server.ReadyAsync(Token);
        await File.WriteAllTextAsync(folder["key"], server.Key.PrivateKey, Token);
        File.SetUnixFileMode(folder["key"], UnixFileMode.UserRead);
        var port = SshServer.FreePort();
        using var proxy = Process.Start("ssh", ["-F", "none", "-N", "-D", $"127.0.0.1:{port}", "-p", server.Port.ToString(CultureInfo.InvariantCulture), "-i", folder["key"], "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "127.0.0.1"]);
        try
        {
            await using var connection = await SshTestConnection.OpenAsync(server.Config with { SshProxyHost = "127.0.0.1", SshProxyPort = port }, Token);
            Assert.AreEqual(0, (await connection.RunAsync("true", Token)).Status);
        }
        finally
        {
            proxy.Kill();
            await proxy.WaitForExitAsync(Token);
        }
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task The_step_gives_the_connection_and_the_variables_and_closes_it_at_the_end()
    {
        await using var server = SshServer.Start();
        var hook = new AskingHook();
        var ui = new TestUi();
        var context = Context(ui, hook);
        var connect = new ConnectStep(context, server.Config with { SshHost = null }, _ => Task.FromResult<MachineAddress?>(server.Address));

        await new StepRunner(context).RunAsync([connect, new ProvisionStep(context, connect, () => new Dictionary<string, object?> { ["ID"] = "machine-1" })], Token);

        Assert.AreEqual("Linux", hook.Said);
        Assert.AreEqual("127.0.0.1", hook.Data["Host"]);
        Assert.AreEqual(server.Port, hook.Data["Port"]);
        Assert.AreEqual("ssh", hook.Data["ConnType"]);
        Assert.AreEqual("machine-1", hook.Data["ID"]);
        Assert.AreEqual(server.Key.PublicKey.Split(' ')[1], ((string)hook.Data["SSHPublicKey"]!).Split(' ')[1]);
        Assert.DoesNotContain("PRIVATE KEY", context.Secrets.Redact((string)hook.Data["SSHPrivateKey"]!));
        Assert.IsNull(connect.Communicator);
        await Eventually.IsTrueAsync(() => server.Connections() == 0, "no connection is left");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task The_key_of_the_build_is_taken_out_of_the_machine()
    {
        var pair = SshKeyPair.Generate(new CommunicatorConfig { TemporaryKeyPairType = "ed25519" });
        await using var server = SshServer.Start();
        using var home = new TemporaryFolder();
        Directory.CreateDirectory(home[".ssh"]);
        File.WriteAllText(home[".ssh/authorized_keys"], $"{server.Key.PublicKey}\n{pair.PublicKey}\n");
        var script = ClearAuthorizedKeysStep.Script(pair).Replace("/root/.ssh/authorized_keys", "", StringComparison.Ordinal);
        await using var connection = await SshTestConnection.OpenAsync(server.Config, Token);

        var (status, _, error) = await connection.RunAsync($"HOME={home.Path}; {script}", Token);

        Assert.AreEqual(0, status, string.Join('\n', error));
        Assert.AreEqual(server.Key.PublicKey + "\n", File.ReadAllText(home[".ssh/authorized_keys"]));
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

        public IReadOnlyDictionary<string, object?> Data { get; private set; } = new Dictionary<string, object?>();

        public async Task RunAsync(string name, IUi ui, ICommunicator? communicator, IReadOnlyDictionary<string, object?> data, CancellationToken token)
        {
            Data = data;
            await communicator!.RunAsync(new RemoteCommand("uname -s") { Output = line => Said = line }, token);
        }
    }
}
