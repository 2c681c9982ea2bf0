using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Packer.Debian;

namespace Packer.Tests.Debian;

/// <summary>What a mirror does with a file instead of serving it.</summary>
internal enum Fault
{
    Missing,
    Stall,
    Reset,
    Truncate,
    Flip,
}

/// <summary>A mirror in this process that signs its own archive, and misbehaves where it is told to.</summary>
internal sealed class TestMirror : IAsyncDisposable
{
    private readonly HttpListener _listener;
    private readonly TaskCompletionSource _ended = new();
    private readonly Task _loop;

    public TestMirror()
    {
        (_listener, Address) = Listen();
        _loop = ServeAsync();
    }

    public Uri Address { get; }

    public TestKey Key { get; } = new();

    public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>By a part of the path.</summary>
    public ConcurrentDictionary<string, Fault> Faults { get; } = new(StringComparer.Ordinal);

    public ConcurrentQueue<string> Requests { get; } = new();

    public DebianArchive Archive => new(new Uri(Address, "debian"), "trixie");

    public ArchiveKeyring Keyring => ArchiveKeyring.Empty.With(Key.Keyring(), "test");

    /// <summary>Puts packages and their index into the archive; each package holds one file of some length.</summary>
    public void Publish(string packages, Func<string, string>? sign = null, string codename = "trixie", string extension = ".xz", bool byHash = true, TimeSpan? validFor = null)
    {
        var index = new StringBuilder();
        foreach (var stanza in Stanza.Expand(packages).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var name = ControlParagraph.ParseSingle(stanza, "test")["Package"]!;
            var content = new byte[20_000];
            new Random(name.Length).NextBytes(content);
            var deb = PackageBuilder.Deb(stanza, PackageBuilder.Tar(($"./usr/share/{name}", content)), ".xz");
            Files[$"/debian/pool/{name}.deb"] = deb;
            index.Append(stanza.Replace(new string('a', 64), Sha256(deb), StringComparison.Ordinal).Replace("Size: 12", string.Create(CultureInfo.InvariantCulture, $"Size: {deb.Length}"), StringComparison.Ordinal)).Append("\n\n");
        }

        var plain = Encoding.UTF8.GetBytes(index.ToString());
        var packed = PackageBuilder.Pack(plain, extension);
        const string Folder = "main/binary-amd64";
        Files[$"/debian/dists/trixie/{Folder}/Packages{extension}"] = packed;
        if (byHash) Files[$"/debian/dists/trixie/{Folder}/by-hash/SHA256/{Sha256(packed)}"] = packed;
        var until = validFor is { } validity ? $"Valid-Until: {TestKey.Now + validity:ddd, dd MMM yyyy HH:mm:ss} UTC\n" : "";
        var release = string.Create(CultureInfo.InvariantCulture,
            $"Suite: stable\nCodename: {codename}\nDate: {TestKey.Now.AddDays(-30):ddd, dd MMM yyyy HH:mm:ss} UTC\n{until}Acquire-By-Hash: {(byHash ? "yes" : "no")}\nArchitectures: amd64\n"
            + $"SHA256:\n {Sha256(plain)} {plain.Length} {Folder}/Packages\n {Sha256(packed)} {packed.Length} {Folder}/Packages{extension}\n");
        Files["/debian/dists/trixie/InRelease"] = Encoding.UTF8.GetBytes((sign ?? (text => Key.Sign(text)))(release));
    }

    public Task<DebianRepository> OpenAsync(TestFetcher fetcher, CancellationToken token = default) =>
        DebianRepository.OpenAsync(fetcher, [Archive], "amd64", Keyring, TestKey.Now, token);

    public async ValueTask DisposeAsync()
    {
        _ended.SetResult();
        _listener.Close();
        await _loop;
    }

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static (HttpListener, Uri) Listen()
    {
        for (var attempt = 0; ; attempt++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
            probe.Stop();
            var listener = new HttpListener();
            listener.Prefixes.Add(address);
            try
            {
                listener.Start();
                return (listener, new Uri(address));
            }
            catch (HttpListenerException) when (attempt < 20)
            {
                // Another test took the port in the meantime.
            }
        }
    }

    private async Task ServeAsync()
    {
        var answers = new List<Task>();
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                break;
            }

            answers.Add(AnswerAsync(context));
        }

        await Task.WhenAll(answers);
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath;
        Requests.Enqueue(path);
        var fault = Faults.Where(entry => path.Contains(entry.Key, StringComparison.Ordinal)).Select(entry => (Fault?)entry.Value).FirstOrDefault();
        try
        {
            if (fault == Fault.Stall) await _ended.Task;
            if (fault == Fault.Stall) return;

            if (fault == Fault.Missing || !Files.TryGetValue(path, out var content))
            {
                context.Response.StatusCode = 404;
                context.Response.Close();
                return;
            }

            if (fault == Fault.Flip)
            {
                content = (byte[])content.Clone();
                // In a letter of the text where it is a signed text, so that only the signature can tell.
                content[content.AsSpan().IndexOf("Codename: t"u8) is var at && at > 0 ? at + 10 : content.Length / 2] ^= 1;
            }

            context.Response.ContentLength64 = content.Length;
            await context.Response.OutputStream.WriteAsync(content.AsMemory(0, fault switch { Fault.Truncate => content.Length / 2, Fault.Reset => 1, _ => content.Length }));
            if (fault is Fault.Truncate or Fault.Reset) context.Response.Abort();
            else context.Response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The client has gone, or the test has ended.
        }
    }
}
