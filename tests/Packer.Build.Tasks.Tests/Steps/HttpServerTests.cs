using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Packer.Steps;
using Packer.Steps.Http;
using Packer.Tests.Engine;
using Packer.Tests.Imaging;

namespace Packer.Tests.Steps;

[TestClass]
public sealed class HttpServerTests
{
    private const int BigLength = 50 << 20;

    public required TestContext TestContext { get; init; }

    private CancellationToken Token => TestContext.CancellationTokenSource.Token;

    [TestMethod]
    public async Task Files_are_served_whole_by_head_and_in_part()
    {
        await using var folder = new StepFolder();
        folder.Add("http/preseed.cfg", "0123456789");
        folder.Add("http/sub/index.html", "<p>");
        folder.Add("http/a b/Größe.txt", "x");
        folder.Add("http/empty", "");
        folder.Add("http/bare/file", "x");
        await using var run = await StartAsync(folder, ("HttpDirectory", "http"));
        using var client = new HttpClient { BaseAddress = run.Address };
        Assert.AreEqual("0123456789", await client.GetStringAsync("preseed.cfg?query=1", Token));
        Assert.AreEqual("x", await client.GetStringAsync("a%20b/Gr%C3%B6%C3%9Fe.txt", Token));
        Assert.AreEqual("", await client.GetStringAsync("empty", Token));
        Assert.AreEqual("<p>", await client.GetStringAsync("sub", Token));
        Assert.AreEqual("<p>", await client.GetStringAsync("sub/", Token));
        foreach (var path in (string[])["nothing", "bare", "bare/", "", "preseed.cfg/", "preseed.cfg/x"])
            Assert.AreEqual(HttpStatusCode.NotFound, (await client.GetAsync(path, Token)).StatusCode, path);

        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "preseed.cfg"), Token);
        Assert.AreEqual(10, head.Content.Headers.ContentLength);
        Assert.AreEqual("text/plain; charset=utf-8", head.Content.Headers.ContentType?.ToString());
        Assert.AreEqual("", await head.Content.ReadAsStringAsync(Token));
        using var post = await client.PostAsync("preseed.cfg", new StringContent(new string('x', 500_000)), Token);
        Assert.AreEqual(HttpStatusCode.MethodNotAllowed, post.StatusCode);

        Assert.AreEqual("206 345 bytes 3-5/10", await PartAsync(client, "bytes=3-5"));
        Assert.AreEqual("206 789 bytes 7-9/10", await PartAsync(client, "bytes=7-"));
        Assert.AreEqual("206 89 bytes 8-9/10", await PartAsync(client, "bytes=-2"));
        Assert.AreEqual("206 0123456789 bytes 0-9/10", await PartAsync(client, "bytes=-99"));
        Assert.AreEqual("206 9 bytes 9-9/10", await PartAsync(client, "bytes=9-99"));
        Assert.AreEqual("416  bytes */10", await PartAsync(client, "bytes=10-"));
        Assert.AreEqual("200 0123456789 ", await PartAsync(client, "bytes=0-1,3-4"));
        Assert.AreEqual("200 0123456789 ", await PartAsync(client, "bytes=5-3"));
        Assert.AreEqual("200 0123456789 ", await PartAsync(client, "bytes=3-5", "\"other\""));
        Assert.AreEqual("206 345 bytes 3-5/10", await PartAsync(client, "bytes=3-5", head.Headers.ETag!.ToString()));
        StringAssert.Contains(folder.Ui.Text, "GET /preseed.cfg?query=1: 200, 10 bytes");
    }

    [TestMethod]
    public async Task Nothing_outside_of_the_folder_can_be_had()
    {
        await using var folder = new StepFolder();
        folder.Add("secret.txt", "secret");
        folder.Add("http-other/secret.txt", "secret");
        folder.Add("http/in.txt", "in");
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(folder["http/inside"], "in.txt");
            File.CreateSymbolicLink(folder["http/outside"], "../secret.txt");
            File.CreateSymbolicLink(folder["http/absolute"], folder["secret.txt"]);
            Directory.CreateSymbolicLink(folder["http/folder"], "..");
            Directory.CreateSymbolicLink(folder["http/two"], "folder/http-other");
            Directory.CreateSymbolicLink(folder["http/round"], "round");
        }
        await using var run = await StartAsync(folder, ("HttpDirectory", "http"));
        foreach (var path in (string[])["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/x/../../secret.txt", "/%2E./secret.txt", "//../secret.txt", "/../http-other/secret.txt", "/..%5csecret.txt",
            "/outside", "/absolute", "/folder/secret.txt", "/two/secret.txt", "/round/secret.txt", "/in.txt%00", "/%zz", "/%ff", folder["secret.txt"], "//etc/passwd", "http://x/../secret.txt", "*", "secret.txt"])
        {
            var answer = await RawAsync(run.Port, $"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            Assert.IsTrue(answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 404 ", StringComparison.Ordinal), $"{path}: {answer}");
            Assert.DoesNotContain("\r\n\r\nsecret", answer, path);
        }
        if (!OperatingSystem.IsWindows()) StringAssert.EndsWith(await RawAsync(run.Port, "GET /inside HTTP/1.0\r\n\r\n"), "\r\n\r\nin");
        StringAssert.EndsWith(await RawAsync(run.Port, "GET http://10.0.2.2:8000/in.txt HTTP/1.1\nConnection: close\n\n"), "\r\n\r\nin");
    }

    [TestMethod]
    public async Task Malformed_requests_are_answered_and_one_connection_serves_many()
    {
        await using var folder = new StepFolder();
        await using var run = await StartAsync(folder, ("HttpContent", "/a=1;/b=22"));
        var two = await RawAsync(run.Port, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n\r\nGET /b HTTP/1.1\r\nConnection: close\r\n\r\n");
        Assert.HasCount(3, two.Split("HTTP/1.1 200 OK"));
        StringAssert.EndsWith(two, "\r\n\r\n22");
        foreach (var text in (string[])["rubbish\r\n\r\n", "GET /a\r\n\r\n", "GET  /a HTTP/1.1\r\n\r\n", "GET /a HTTP/2.0\r\n\r\n", "GET /a HTTP/1.1\r\nno header\r\n\r\n", "GET /a HTTP/1.1\r\nName : x\r\n\r\n"])
            StringAssert.StartsWith(await RawAsync(run.Port, text), "HTTP/1.1 400 ", text);
        StringAssert.StartsWith(await RawAsync(run.Port, "GET /a HTTP/1.1\r\nX: " + new string('x', 40_000) + "\r\n\r\n"), "HTTP/1.1 431 ");
        Assert.AreEqual("", await RawAsync(run.Port, ""));
        Assert.AreEqual("", await RawAsync(run.Port, "GET /a HT"));
        var random = new Random(1);
        for (var index = 0; index < 50; index++)
        {
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            await RawAsync(run.Port, Encoding.Latin1.GetString(bytes) + "\r\n\r\n");
        }
        using var client = new HttpClient { BaseAddress = run.Address };
        Assert.AreEqual("1", await client.GetStringAsync("/a", Token));
    }

    [TestMethod]
    public async Task Texts_are_served_and_a_misspelt_path_gets_the_nearest()
    {
        await using var folder = new StepFolder();
        await using var run = await StartAsync(folder, ("HttpContent", "/preseed.cfg=d-i;/sub/user-data=#cloud-config"));
        using var client = new HttpClient { BaseAddress = run.Address };
        Assert.AreEqual("d-i", await client.GetStringAsync("/preseed.cfg", Token));
        Assert.AreEqual("#cloud-config", await client.GetStringAsync("/sub//user-data", Token));
        using var answer = await client.GetAsync("/preseed.conf", Token);
        Assert.AreEqual(HttpStatusCode.NotFound, answer.StatusCode);
        StringAssert.Contains(await answer.Content.ReadAsStringAsync(Token), "Is '/preseed.cfg' meant?");
    }

    [TestMethod]
    public async Task Twenty_clients_get_a_big_file_at_once()
    {
        await using var folder = new StepFolder();
        folder.Add("http/x", "");
        var bytes = Samples.Bytes(BigLength);
        await File.WriteAllBytesAsync(folder["http/big"], bytes, Token);
        await using var run = await StartAsync(folder, ("HttpDirectory", "http"));
        using var client = new HttpClient { BaseAddress = run.Address };
        await Parallel.ForAsync(0, 20, new ParallelOptions { MaxDegreeOfParallelism = 20, CancellationToken = Token }, async (_, token) =>
        {
            await using var stream = await client.GetStreamAsync("big", token);
            var buffer = new byte[1 << 20];
            var position = 0;
            for (int count; (count = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, token)) > 0; position += count)
                Assert.IsTrue(buffer.AsSpan(0, count).SequenceEqual(bytes.AsSpan(position, count)), $"at {position}");
            Assert.AreEqual(BigLength, position);
        });
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task Curl_downloads_and_resumes()
    {
        Rig.Require("curl");
        await using var folder = new StepFolder();
        folder.Add("http/x", "");
        var bytes = Samples.Bytes(3_000_000);
        await File.WriteAllBytesAsync(folder["http/big.iso"], bytes, Token);
        await using var run = await StartAsync(folder, ("HttpDirectory", "http"));
        await File.WriteAllBytesAsync(folder["part"], bytes[..1_234_567], Token);
        await Tool.RunAsync("curl", "-sSf", "--noproxy", "*", "-C", "-", "-o", folder["part"], $"{run.Address}big.iso");
        BytesAssert.AreEqual(bytes, await File.ReadAllBytesAsync(folder["part"], Token));
        StringAssert.Contains(await Tool.RunAsync("curl", "-sSI", "--noproxy", "*", $"{run.Address}big.iso"), "Content-Length: 3000000");
        Assert.AreEqual("404", await Tool.RunAsync("curl", "-sS", "--noproxy", "*", "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", $"{run.Address}none"));
        Assert.AreEqual("400", await Tool.RunAsync("curl", "-sS", "--noproxy", "*", "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", $"{run.Address}../secret"));
        StringAssert.Contains(folder.Ui.Text, "GET /big.iso: 206, 1765433 bytes");
    }

    [TestMethod]
    public async Task Both_ends_of_the_port_range_count_and_a_full_range_is_an_error()
    {
        await using var folder = new StepFolder();
        // Two neighbours that nobody else holds; others on this machine may take ports at any time.
        for (var tries = 0; ; tries++)
        {
            using var probe = PortRange.Listen(IPAddress.Loopback, 20_000, 60_000, onlyVersion6: false);
            var first = ((IPEndPoint)probe.LocalEndPoint!).Port;
            try
            {
                using var second = PortRange.Listen(IPAddress.Loopback, first + 1, first + 1, onlyVersion6: false);
                var settings = StepSettings.Of(folder.Project, ("HttpContent", "/a=1"), ("HttpPortMin", Text(first)), ("HttpPortMax", Text(first + 1)));
                var step = new HttpServerStep(settings.Http, folder.Context(), IPAddress.Loopback);
                var error = await Assert.ThrowsExactlyAsync<PackerException>(() => step.RunAsync(Token));
                Assert.AreEqual(DiagnosticCodes.HttpPortsTaken, error.Code);
                StringAssert.Contains(error.Message, $"from {first} to {first + 1}");
                second.Dispose();
                await step.RunAsync(Token);
                Assert.AreEqual(first + 1, step.Port);
                await step.CleanupAsync(StepOutcome.Succeeded, Token);
                Assert.AreEqual(0, step.Port);
                return;
            }
            catch (PackerException) when (tries < 100)
            {
            }
        }
    }

    [TestMethod]
    public async Task Clean_up_breaks_off_what_is_being_sent_and_frees_the_port()
    {
        await using var folder = new StepFolder();
        folder.Add("http/x", "");
        await using (var file = File.Create(folder["http/endless"])) file.SetLength(1L << 40);
        var run = await StartAsync(folder, ("HttpDirectory", "http"));
        using var idle = new TcpClient("127.0.0.1", run.Port);
        using var client = new HttpClient { BaseAddress = run.Address };
        await using var stream = await client.GetStreamAsync("endless", Token);
        await stream.ReadExactlyAsync(new byte[100_000], Token);
        await run.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => stream.CopyToAsync(Stream.Null, Token));
        await Eventually.IsTrueAsync(() => folder.Ui.Text.Contains("broken off", StringComparison.Ordinal), "the end was said");
        using var again = PortRange.Listen(IPAddress.Loopback, run.Port, run.Port, onlyVersion6: false);
        await run.DisposeAsync();
    }

    [TestMethod]
    public async Task The_step_says_where_the_guest_finds_the_server()
    {
        await using var folder = new StepFolder();
        var step = new HttpServerStep(StepSettings.Of(folder.Project, ("HttpContent", "/a=1")).Http, folder.Context(), IPAddress.Loopback, "10.0.2.2");
        Assert.AreEqual("0", step.TemplateFields["HTTPPort"]);
        Assert.IsEmpty(step.ProvisionData);
        await step.RunAsync(Token);
        Assert.IsTrue(step.Port is >= 8000 and <= 9000);
        Assert.AreEqual("10.0.2.2", step.TemplateFields["HTTPIP"]);
        Assert.AreEqual(Text(step.Port), step.TemplateFields["HTTPPort"]);
        Assert.AreEqual($"10.0.2.2:{step.Port}", step.ProvisionData["PackerHTTPAddr"]);
        StringAssert.Contains(folder.Ui.Text, $"Starting HTTP server on port {step.Port}");
        await step.CleanupAsync(StepOutcome.Cancelled, Token);

        var none = new HttpServerStep(StepSettings.Of(folder.Project).Http, folder.Context(), IPAddress.Loopback);
        await none.RunAsync(Token);
        Assert.AreEqual(0, none.Port);
        await none.CleanupAsync(StepOutcome.Succeeded, Token);
    }

    [TestMethod]
    public async Task It_listens_where_it_is_told_to()
    {
        await using var folder = new StepFolder();
        foreach (var (host, entries) in ((string, (string, string)[])[])[("127.0.0.2", [("HttpBindAddress", "127.0.0.2")]), ("127.0.0.1", [("HttpInterface", "lo")]), ("127.0.0.1", [("HttpBindAddress", "0.0.0.0")])])
        {
            if (!OperatingSystem.IsLinux() && host != "127.0.0.1") continue;
            if (!OperatingSystem.IsLinux() && entries[0].Item1 == "HttpInterface") continue;
            await using var run = await StartAsync(folder, [("HttpContent", "/a=1"), .. entries]);
            using var client = new HttpClient { BaseAddress = new Uri($"http://{host}:{run.Port}/") };
            Assert.AreEqual("1", await client.GetStringAsync("a", Token));
            if (host == "127.0.0.2") await Assert.ThrowsAsync<SocketException>(() => RawAsync(run.Port, ""));
        }
        foreach (var entry in ((string, string)[])[("HttpBindAddress", "203.0.113.7"), ("HttpInterface", "nosuch0")])
        {
            var step = new HttpServerStep(StepSettings.Of(folder.Project, ("HttpContent", "/a=1"), entry).Http, folder.Context(), IPAddress.Loopback);
            Assert.AreEqual(DiagnosticCodes.HttpAddressNotUsable, (await Assert.ThrowsExactlyAsync<PackerException>(() => step.RunAsync(Token))).Code);
        }
    }

    [TestMethod]
    [DataRow("PKR0014", "HttpDirectory", ".", "HttpContent", "/a=1")]
    [DataRow("PKR0014", "HttpContent", "/a=1;//a=2")]
    [DataRow("PKR0014", "HttpBindAddress", "127.0.0.1", "HttpInterface", "lo")]
    [DataRow("PKR0014", "HttpBindAddress", "127.0.0.1", "HttpNetworkProtocol", "tcp6")]
    [DataRow("PKR0011", "HttpContent", "a=1")]
    [DataRow("PKR0011", "HttpContent", "/../a=1")]
    [DataRow("PKR0011", "HttpPortMin", "9001")]
    [DataRow("PKR0011", "HttpPortMax", "70000")]
    [DataRow("PKR0011", "HttpBindAddress", "localhost")]
    [DataRow("PKR0011", "HttpNetworkProtocol", "unix")]
    public async Task Wrong_settings_are_found_before_the_build(string code, params string[] entries)
    {
        await using var folder = new StepFolder();
        StringAssert.Contains(StepSettings.Faults(folder.Project, [.. entries.Chunk(2).Select(pair => (pair[0], pair[1]))]), code);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<RunningServer> StartAsync(StepFolder folder, params (string Key, string Text)[] entries)
    {
        var step = new HttpServerStep(StepSettings.Of(folder.Project, [("HttpPortMin", "20000"), ("HttpPortMax", "60000"), .. entries]).Http, folder.Context(), IPAddress.Loopback);
        await step.RunAsync(Token);
        return new RunningServer(step, step.Port);
    }

    private async Task<string> PartAsync(HttpClient client, string range, string? ifRange = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "preseed.cfg");
        request.Headers.TryAddWithoutValidation("Range", range);
        if (ifRange is not null) request.Headers.IfRange = new RangeConditionHeaderValue(ifRange);
        using var answer = await client.SendAsync(request, Token);
        var body = answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable ? "" : await answer.Content.ReadAsStringAsync(Token);
        return $"{(int)answer.StatusCode} {body} {answer.Content.Headers.ContentRange}";
    }

    /// <summary>Sends a text as it is and returns all that comes back.</summary>
    private async Task<string> RawAsync(int port, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), Token);
        client.Client.Shutdown(SocketShutdown.Send);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, Token);
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    private sealed record RunningServer(HttpServerStep Step, int Port) : IAsyncDisposable
    {
        public Uri Address => new($"http://127.0.0.1:{Port}/");

        public async ValueTask DisposeAsync() => await Step.CleanupAsync(StepOutcome.Succeeded, CancellationToken.None);
    }
}
