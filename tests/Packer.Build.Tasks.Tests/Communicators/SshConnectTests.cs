using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Packer.Communicators;
using Packer.Communicators.Ssh;
using Packer.Tests.Engine;
using Packer.Tests.Imaging;

namespace Packer.Tests.Communicators;

/// <summary>Waiting for a machine: what is said when it fails, in each phase, and that nothing is left.</summary>
[UnsupportedOSPlatform("windows")]
[TestClass]
[TestCategory("Rig")]
public sealed class SshConnectTests
{
    public required TestContext TestContext { get; init; }

    private CancellationToken Token => TestContext.CancellationToken;

    private static CommunicatorConfig Nobody => new() { SshUsername = "nobody", SshPassword = Secret.FromLiteral("wrong-word"), SshTimeout = TimeSpan.FromSeconds(2) };

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Without_an_address_it_says_so()
    {
        await using var connection = new SshTestConnection(Nobody);
        var error = await FailsAsync(connection, DiagnosticCodes.SshAddressUnknown);
        StringAssert.Contains(error, "within 2s (SshTimeout)");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Without_a_listener_it_says_that_connections_are_refused()
    {
        var port = SshServer.FreePort();
        await using var connection = new SshTestConnection(Nobody, new MachineAddress("127.0.0.1", port));
        StringAssert.Contains(await FailsAsync(connection, DiagnosticCodes.SshNotListening), $"127.0.0.1:{port}");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_listener_that_says_nothing_or_closes_is_no_server()
    {
        using var silent = new FaultyPeer(async (stream, token) => await stream.ReadExactlyAsync(new byte[1 << 20], token));
        using var closing = new FaultyPeer((_, _) => Task.CompletedTask);
        foreach (var peer in new[] { silent, closing })
        {
            await using var connection = new SshTestConnection(Nobody with { SshTimeout = TimeSpan.FromSeconds(4) }, peer.Address);
            await FailsAsync(connection, DiagnosticCodes.SshNoAnswer);
            await Eventually.IsTrueAsync(() => peer.Open == 0, "no connection is left");
        }
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_server_that_is_slow_to_name_itself_is_left_to_its_work()
    {
        FaultyPeer? itself = null;
        var seen = new TaskCompletionSource<int>();
        using var peer = itself = new FaultyPeer(async (stream, token) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), token);
            seen.TrySetResult(itself!.Seen);
            await stream.WriteAsync("SSH-2.0-Slow\r\n"u8.ToArray(), token);
            await stream.ReadExactlyAsync(new byte[1 << 20], token);
        });
        await using var connection = new SshTestConnection(Nobody with { SshTimeout = TimeSpan.FromSeconds(20) }, peer.Address);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var connecting = connection.Communicator.ConnectAsync(stop.Token);
        Assert.AreEqual(1, await seen.Task.WaitAsync(Token), "While it works on its answer nobody else asks.");
        await Eventually.IsTrueAsync(() => peer.Seen >= 2, "the login follows");
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => connecting);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_server_that_stops_in_the_handshake_is_told_from_one_that_is_not_there()
    {
        using var peer = FaultyPeer.ThatOnlyNamesItself();
        await using var connection = new SshTestConnection(Nobody, peer.Address);
        StringAssert.Contains(await FailsAsync(connection, DiagnosticCodes.SshNoAnswer), "handshake");
        await Eventually.IsTrueAsync(() => peer.Open == 0, "no connection is left");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_refused_login_says_what_was_tried_and_what_the_server_offers()
    {
        await using var server = SshServer.Start("PasswordAuthentication no", "KbdInteractiveAuthentication no");
        await using var connection = new SshTestConnection(server.Config with { SshPrivateKey = Secret.FromLiteral(SshKeyPair.Generate(new CommunicatorConfig { TemporaryKeyPairType = "ed25519" }).PrivateKey), SshHandshakeAttempts = 2 });
        var error = await FailsAsync(connection, DiagnosticCodes.SshLoginRefused);
        StringAssert.Contains(error, "Tried: publickey. The server offers publickey.");
        StringAssert.Contains(error, "within 2 tries");
        await Eventually.IsTrueAsync(() => server.Connections() == 0, "no connection is left");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_cancel_in_any_phase_leaves_no_connection()
    {
        using var silent = new FaultyPeer(async (stream, token) => await stream.ReadExactlyAsync(new byte[1 << 20], token));
        using var halfway = FaultyPeer.ThatOnlyNamesItself();
        foreach (var peer in new[] { silent, halfway })
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            await using var connection = new SshTestConnection(Nobody with { SshTimeout = TimeSpan.FromMinutes(5) }, peer.Address);
            var connect = connection.Communicator.ConnectAsync(cancel.Token);
            // The second connection to the one that names itself is that of the library.
            await Eventually.IsTrueAsync(() => peer.Seen >= (peer == halfway ? 2 : 1), "it connects");
            await cancel.CancelAsync();
            await Assert.ThrowsAsync<OperationCanceledException>(() => connect);
            await Eventually.IsTrueAsync(() => peer.Open == 0, "no connection is left");
        }
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_server_that_starts_later_is_used_soon_also_behind_a_port_that_accepts_before()
    {
        await using var server = new SshServer();
        using var forward = new FaultyPeer(async (stream, token) =>
        {
            // As QEMU's user network does: accepts at once, and passes on only what comes after the guest listens.
            using var guest = new TcpClient();
            await guest.ConnectAsync(IPAddress.Loopback, server.Port, token);
            await Task.WhenAny(stream.CopyToAsync(guest.GetStream(), token), guest.GetStream().CopyToAsync(stream, token));
        }, holdsOnFailure: true);
        await using var connection = new SshTestConnection(server.Config, forward.Address);
        var connect = connection.Communicator.ConnectAsync(Token);
        await Eventually.IsTrueAsync(() => forward.Seen >= 3, "it looks again and again");
        var clock = Stopwatch.StartNew();
        server.Start();

        await connect;

        TestContext.WriteLine($"Connected {clock.Elapsed.TotalSeconds:0.00} s after the start of the server.");
        Assert.AreEqual(0, (await connection.RunAsync("true", Token)).Status);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Another_host_key_later_is_refused_unless_it_is_allowed()
    {
        await using var server = SshServer.Start();
        var first = server.HostKeyFingerprint;
        await using var pinning = await SshTestConnection.OpenAsync(server.Config, Token);
        await using var careless = await SshTestConnection.OpenAsync(server.Config with { SshHostKeyPolicy = "none" }, Token);
        await server.StopAsync();
        server.RenewHostKey();
        server.Start();

        var error = await Assert.ThrowsExactlyAsync<PackerException>(() => pinning.RunAsync("true", Token));

        Assert.AreEqual(DiagnosticCodes.SshHostKeyRefused, error.Code);
        StringAssert.Contains(error.Message, first);
        StringAssert.Contains(error.Message, server.HostKeyFingerprint);
        Assert.AreEqual(0, (await careless.RunAsync("true", Token)).Status);
        await using var expecting = await SshTestConnection.OpenAsync(server.Config with { SshHostKeyPolicy = server.HostKeyFingerprint }, Token);
        await using var deceived = new SshTestConnection(server.Config with { SshHostKeyPolicy = first });
        await FailsAsync(deceived, DiagnosticCodes.SshHostKeyRefused);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task The_machine_is_reached_through_a_jump_host()
    {
        await using var bastion = SshServer.Start();
        await bastion.ReadyAsync(Token);
        await using var server = SshServer.Start();
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["key"], bastion.Key.PrivateKey);
        foreach (var method in new[] { "scp", "sftp" })
        {
            await using var connection = await SshTestConnection.OpenAsync(server.Config with
            {
                SshBastionHost = "127.0.0.1", SshBastionPort = bastion.Port, SshBastionUsername = Environment.UserName, SshBastionPrivateKeyFile = folder["key"], SshFileTransferMethod = method,
            }, Token);

            Assert.IsGreaterThan(0, bastion.Connections());
            Assert.AreEqual(server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), (await connection.RunAsync("echo $SSH_CONNECTION", Token)).Output.Single().Split(' ')[3]);
            await connection.Communicator.UploadAsync(folder["file " + method], new MemoryStream([1, 2, 3]), null, Token);
            Assert.HasCount(3, File.ReadAllBytes(folder["file " + method]));
        }
        await using var without = new SshTestConnection(server.Config with { SshBastionHost = "127.0.0.1", SshBastionPort = SshServer.FreePort(), SshBastionUsername = "nobody", SshBastionPassword = Secret.FromLiteral("word") });
        await FailsAsync(without, DiagnosticCodes.SshGatewayFailed);
        await Eventually.IsTrueAsync(() => bastion.Connections() == 0, "no connection is left");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Tunnels_lead_both_ways()
    {
        await using var server = SshServer.Start();
        using var echo = new FaultyPeer(async (stream, token) => await stream.WriteAsync("hello\n"u8.ToArray(), token));
        var (inward, outward) = (SshServer.FreePort(), SshServer.FreePort());
        await using var connection = await SshTestConnection.OpenAsync(server.Config with
        {
            SshLocalTunnels = [$"{inward}:127.0.0.1:{echo.Address.Port}"], SshRemoteTunnels = [$"{outward}:127.0.0.1:{echo.Address.Port}"],
        }, Token);
        foreach (var port in new[] { inward, outward })
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, Token);
            using var reader = new StreamReader(client.GetStream());
            Assert.AreEqual("hello", await reader.ReadLineAsync(Token));
        }
        await using var taken = new SshTestConnection(server.Config with { SshLocalTunnels = [$"{server.Port}:127.0.0.1:1"] });
        await FailsAsync(taken, DiagnosticCodes.SshGatewayFailed);
    }

    private async Task<string> FailsAsync(SshTestConnection connection, string code)
    {
        var error = await Assert.ThrowsExactlyAsync<PackerException>(() => connection.Communicator.ConnectAsync(Token));
        Assert.AreEqual(code, error.Code, error.Message);
        return error.Message;
    }
}
