using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Packer.Tests.Provisioners;

/// <summary>A real OpenSSH server on this machine that lets the user of the tests in by a key.</summary>
internal sealed class SshServer : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("packer-sshd-").FullName;
    private readonly Process process;

    public SshServer()
    {
        // The system makes it when its own server starts; that one may never have run here.
        if (Environment.IsPrivilegedProcess) Directory.CreateDirectory("/run/sshd");
        Keygen("host");
        Keygen("user");
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        var config = Path.Combine(folder, "config");
        File.WriteAllText(config, $"ListenAddress 127.0.0.1:{Port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\nStrictModes no\nUsePAM no\nPidFile none\nSubsystem sftp internal-sftp\n");
        process = Process.Start(new ProcessStartInfo("/usr/sbin/sshd", ["-D", "-e", "-f", config]) { RedirectStandardError = true })!;
        process.BeginErrorReadLine();
    }

    public int Port { get; }

    public string PrivateKey => Path.Combine(folder, "user");

    public async Task WaitAsync(CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            Assert.IsFalse(process.HasExited, "sshd has ended.");
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20, limit.Token);
            }
        }
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private void Keygen(string name)
    {
        using var keygen = Process.Start(new ProcessStartInfo("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(folder, name)]))!;
        keygen.WaitForExit();
        Assert.AreEqual(0, keygen.ExitCode);
    }
}
