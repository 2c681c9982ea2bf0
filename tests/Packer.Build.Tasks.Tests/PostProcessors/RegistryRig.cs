using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Packer.Tests.Imaging;

namespace Packer.Tests.PostProcessors;

/// <summary>Debian's <c>docker-registry</c>, on a port of this machine and with its data in a folder of its own.</summary>
internal sealed class RegistryRig : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string config;
    private Process process;

    private RegistryRig(int port, string authentication)
    {
        Host = $"127.0.0.1:{port}";
        // The password 'secret' of the user 'ci'.
        var users = folder.Write("users", "ci:$2b$04$8X8HH39yzt1vIQvX5CJrZOTFS13UuAh7CuVtqSGB4HCS0AlvZalWC\n");
        config = folder.Write("config.yml", $$"""
            version: 0.1
            log: { level: error, accesslog: { disabled: true } }
            storage: { filesystem: { rootdirectory: {{folder["data"]}} }, delete: { enabled: true } }
            http: { addr: "{{Host}}" }
            {{authentication.Replace("USERS", users, StringComparison.Ordinal)}}

            """);
        process = Start();
    }

    /// <summary>Host and port.</summary>
    public string Host { get; }

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="authentication">Its configuration for logins, a line of YAML; USERS stands for the file of users.</param>
    public static async Task<RegistryRig> StartAsync(string authentication = "")
    {
        Rig.Require("docker-registry", "curl");
        var rig = new RegistryRig(FreePort(), authentication);
        await rig.WaitUntilItAnswersAsync();
        return rig;
    }

    /// <summary>Ends it; what it has stays.</summary>
    public async Task PauseAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Starts it again at the same address.</summary>
    public Task ResumeAsync()
    {
        process = Start();
        return WaitUntilItAnswersAsync();
    }

    /// <summary>What curl is given for a path below <c>/v2/</c>.</summary>
    public Task<string> GetAsync(string path, params string[] options) =>
        Tool.RunAsync("curl", ["-s", "-S", "-f", "-H", "Accept: application/vnd.oci.image.manifest.v1+json", .. options, $"http://{Host}/v2/{path}"]);

    /// <summary>Makes it forget what lies at a path below <c>/v2/</c>; what it does not have is passed over.</summary>
    public Task DeleteAsync(string path) => Tool.TryRunAsync("curl", "-s", "-S", "-X", "DELETE", $"http://{Host}/v2/{path}");

    /// <summary>The status that curl sees, or 000 where nobody answers.</summary>
    public async Task<string> StatusAsync(string path) =>
        (await Tool.TryRunAsync("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Accept: application/vnd.oci.image.manifest.v1+json", $"http://{Host}/v2/{path}")).Output;

    public async ValueTask DisposeAsync()
    {
        await PauseAsync();
        folder.Dispose();
    }

    private Process Start()
    {
        var started = Process.Start(new ProcessStartInfo("docker-registry", ["serve", config]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        started.OutputDataReceived += (_, _) => { };
        started.ErrorDataReceived += (_, _) => { };
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return started;
    }

    private async Task WaitUntilItAnswersAsync()
    {
        var clock = Stopwatch.StartNew();
        while (await StatusAsync("") == "000")
        {
            if (process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(60)) Assert.Fail("The registry does not answer.");
            await Task.Delay(20);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
