using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Packer.Communicators;
using Packer.Communicators.Ssh;
using Packer.Tests.Engine;
using Packer.Tests.Imaging;

namespace Packer.Tests.Communicators;

/// <summary>OpenSSH's server on a free port of loopback, with keys and settings of its own. It lets the user of the tests in with <see cref="Key"/>.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class SshServer : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> launcher;
    private readonly List<string> settings;
    private Process? process;

    public SshServer(IEnumerable<string>? settings = null, IEnumerable<string>? launcher = null)
    {
        Rig.Require("sshd", "scp");
        this.settings = [.. settings ?? []];
        this.launcher = [.. launcher ?? []];
        Port = FreePort();
        Key = SshKeyPair.Generate(new CommunicatorConfig { TemporaryKeyPairType = "ed25519" });
        File.WriteAllText(folder["authorized_keys"], Key.PublicKey + "\n");
        RenewHostKey();
    }

    public int Port { get; }

    public SshKeyPair Key { get; }

    public string AuthorizedKeys => folder["authorized_keys"];

    public MachineAddress Address => new("127.0.0.1", Port);

    public string HostKeyFingerprint { get; private set; } = "";

    /// <summary>Settings that reach this server.</summary>
    public CommunicatorConfig Config => new()
    {
        SshHost = "127.0.0.1",
        SshPort = Port,
        SshUsername = Environment.UserName,
        SshPrivateKey = Secret.FromLiteral(Key.PrivateKey),
        SshTimeout = TimeSpan.FromSeconds(60),
    };

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static SshServer Start(params string[] settings)
    {
        var server = new SshServer(settings);
        server.Start();
        return server;
    }

    public void Start()
    {
        // Where root runs it, it wants this folder, which the service would make.
        if (Environment.IsPrivilegedProcess) Directory.CreateDirectory("/run/sshd");
        File.WriteAllLines(folder["sshd_config"],
        [
            $"Port {Port}", "ListenAddress 127.0.0.1", $"HostKey {folder["host"]}", $"PidFile {folder["pid"]}", $"AuthorizedKeysFile {folder["authorized_keys"]}",
            "StrictModes no", "PermitRootLogin yes", "AcceptEnv *", "Subsystem sftp internal-sftp", "MaxStartups 100", .. settings, .. settings.Any(line => line.StartsWith("UsePAM", StringComparison.Ordinal)) ? Array.Empty<string>() : ["UsePAM no"],
        ]);
        List<string> command = [.. launcher, "/usr/sbin/sshd", "-D", "-e", "-f", folder["sshd_config"]];
        process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    /// <summary>Waits until it answers.</summary>
    public async Task ReadyAsync(CancellationToken token)
    {
        while (await BannerProbe.Start(Address, TimeSpan.FromSeconds(5), token).Result is not null)
        {
            token.ThrowIfCancellationRequested();
            await Task.Delay(20, token);
        }
    }

    /// <summary>Ends the server; connections go on unless they are ended too.</summary>
    public async Task StopAsync(bool withConnections = true)
    {
        if (process is null) return;
        if (withConnections) process.Kill(entireProcessTree: true);
        else process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>Gives the server another host key, for its next start.</summary>
    public void RenewHostKey()
    {
        var key = SshKeyPair.Generate(new CommunicatorConfig { TemporaryKeyPairType = "ed25519" });
        File.WriteAllText(folder["host"], key.PrivateKey);
        File.SetUnixFileMode(folder["host"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        HostKeyFingerprint = HostKeyPolicy.Fingerprint(Convert.FromBase64String(key.PublicKey.Split(' ')[1]));
    }

    /// <summary>How many processes serve connections now.</summary>
    public int Connections()
    {
        if (process is null) return 0;
        var own = process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])).Count(path =>
        {
            try
            {
                var status = File.ReadAllText(Path.Combine(path, "stat"));
                return status[(status.LastIndexOf(')') + 2)..].Split(' ')[1] == own;
            }
            catch (IOException)
            {
                return false;
            }
        });
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Dispose();
    }
}

/// <summary>A communicator with what it needs, for tests.</summary>
internal sealed class SshTestConnection(CommunicatorConfig config, MachineAddress? address = null, SshKeyPair? keyPair = null) : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();

    public SshCommunicator Communicator => field ??= new SshCommunicator(config,
        new SshConnector(config, _ => Task.FromResult(address ?? (config.SshHost is null ? null : new MachineAddress(config.SshHost, config.SshPort))), keyPair, ask: null), folder["temporary"]);

    public static async Task<SshTestConnection> OpenAsync(CommunicatorConfig config, CancellationToken token, SshKeyPair? keyPair = null)
    {
        var connection = new SshTestConnection(config, keyPair: keyPair);
        await connection.Communicator.ConnectAsync(token);
        return connection;
    }

    /// <summary>Runs a command; gives its status and the lines of both outputs.</summary>
    public async Task<(int Status, List<string> Output, List<string> Error)> RunAsync(string command, CancellationToken token, Stream? input = null)
    {
        var output = new List<string>();
        var error = new List<string>();
        var status = await Communicator.RunAsync(new RemoteCommand(command) { Input = input, Output = output.Add, Error = error.Add }, token);
        return (status, output, error);
    }

    public async ValueTask DisposeAsync()
    {
        await Communicator.DisposeAsync();
        folder.Dispose();
    }
}
