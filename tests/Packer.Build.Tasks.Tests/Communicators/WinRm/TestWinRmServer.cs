using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Packer.Communicators;

namespace Packer.Tests.Communicators.WinRm;

/// <summary>
/// A stand-in for the WinRM service of Windows, for there is none here: HTTP/1.1 (RFC 9112) over a plain socket or TLS, Basic and NTLM authentication, and the shell of
/// WS-Management. It counts because two clients of others run commands through it, see <see cref="WinRmPeerTests"/>.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class TestWinRmServer : IAsyncDisposable
{
    public const string User = "vagrant";
    public const string Password = "Password";

    private readonly CancellationTokenSource end = new();
    private readonly ConcurrentDictionary<int, Socket> connections = [];
    private readonly X509Certificate2? certificate;
    private TcpListener? listener;
    private int count;

    public TestWinRmServer(bool useSsl = false, int port = 0)
    {
        if (useSsl) certificate = SelfSigned();
        if (port == 0) port = SshServer.FreePort();
        Port = port;
    }

    public int Port { get; }

    public MachineAddress Address => new("127.0.0.1", Port);

    public TestWsManService Service { get; } = new();

    /// <summary>Whether it lets nobody in by Basic authentication.</summary>
    public bool RefusesBasic { get; init; }

    /// <summary>Breaks the connection in place of an answer where it gives true: for an action, and how many requests of it there were.</summary>
    public Func<string, int, bool>? Cuts { get; set; }

    public int Open => connections.Count;

    public CommunicatorConfig Config => new()
    {
        Communicator = "winrm",
        WinrmHost = "127.0.0.1",
        WinrmPort = Port,
        WinrmUsername = User,
        WinrmPassword = Secret.FromLiteral(Password),
        WinrmTimeout = TimeSpan.FromSeconds(60),
        WinrmUseSsl = certificate is not null,
        WinrmInsecure = certificate is not null,
    };

    public static TestWinRmServer Start(bool useSsl = false)
    {
        var server = new TestWinRmServer(useSsl);
        server.Start();
        return server;
    }

    public void Start()
    {
        listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        _ = AcceptAsync(listener);
    }

    /// <summary>Goes down as a machine does that is switched off.</summary>
    public async Task StopAsync()
    {
        listener?.Dispose();
        listener = null;
        foreach (var socket in connections.Values) socket.Dispose();
        await Service.ForgetAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await StopAsync();
        certificate?.Dispose();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=winrm.test", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private async Task AcceptAsync(TcpListener from)
    {
        try
        {
            while (true) _ = ServeAsync(await from.AcceptSocketAsync(end.Token));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        var id = Interlocked.Increment(ref count);
        connections[id] = socket;
        // Head and body go out one after the other.
        socket.NoDelay = true;
        try
        {
            await using var plain = new NetworkStream(socket, ownsSocket: true);
            if (certificate is null)
            {
                await TalkAsync(plain);
                return;
            }
            await using var secure = new SslStream(plain);
            await secure.AuthenticateAsServerAsync(certificate);
            await TalkAsync(secure);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
        }
        finally
        {
            connections.TryRemove(id, out _);
            socket.Dispose();
        }
    }

    private async Task TalkAsync(Stream stream)
    {
        var ntlm = new NtlmServer(User);
        while (await ReadAsync(stream) is var (target, headers, body))
        {
            var (isLetIn, challenge) = Authenticate(headers.GetValueOrDefault("authorization"), ntlm);
            if (!isLetIn)
            {
                var offers = challenge is not null ? [$"WWW-Authenticate: {challenge}"] : RefusesBasic ? new[] { "WWW-Authenticate: Negotiate" } : ["WWW-Authenticate: Negotiate", "WWW-Authenticate: Basic realm=\"WSMAN\""];
                await WriteAsync(stream, "401 Unauthorized", [], offers);
                continue;
            }
            if (target != "/wsman" || !headers.GetValueOrDefault("content-type", "").StartsWith("application/soap+xml", StringComparison.Ordinal))
            {
                await WriteAsync(stream, "404 Not Found", []);
                continue;
            }
            var request = new WsManRequest(body);
            if (Cuts?.Invoke(request.ActionName, Service.Count(request.ActionName)) == true) return;
            var (isFault, answer) = await Service.AnswerAsync(request, end.Token);
            await WriteAsync(stream, isFault ? "500 Internal Server Error" : "200 OK", Encoding.UTF8.GetBytes(answer));
        }
    }

    private (bool IsLetIn, string? Challenge) Authenticate(string? header, NtlmServer ntlm)
    {
        if (ntlm.IsDone) return (true, null);
        var parts = (header ?? "").Split(' ');
        if (parts.Length != 2) return (false, null);
        if (parts[0] == "Basic") return (!RefusesBasic && Encoding.UTF8.GetString(Convert.FromBase64String(parts[1])) == $"{User}:{Password}", null);
        return (ntlm.Take(Convert.FromBase64String(parts[1]), out var answer), answer is null ? null : $"{parts[0]} {Convert.ToBase64String(answer)}");
    }

    /// <summary>One request, or null at the end of the connection.</summary>
    private async Task<(string Target, Dictionary<string, string> Headers, byte[] Body)?> ReadAsync(Stream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || !(head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n'))
        {
            if (await stream.ReadAsync(one, end.Token) == 0) return null;
            head.Add(one[0]);
        }
        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1].Trim());
        if (headers.GetValueOrDefault("expect") == "100-continue") await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), end.Token);
        var body = new byte[int.Parse(headers.GetValueOrDefault("content-length", "0"), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, end.Token);
        return (lines[0].Split(' ')[1], headers, body);
    }

    private async Task WriteAsync(Stream stream, string status, byte[] body, string[]? headers = null)
    {
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n");
        foreach (var header in headers ?? ["Content-Type: application/soap+xml;charset=UTF-8"]) head.Append(header).Append("\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), end.Token);
        await stream.WriteAsync(body, end.Token);
        await stream.FlushAsync(end.Token);
    }
}
