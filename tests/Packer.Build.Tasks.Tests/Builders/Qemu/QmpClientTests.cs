using System.IO.Pipelines;
using System.Text;
using Packer.Builders.Qemu.Qmp;
using Packer.Tests.Steps.Vnc;

namespace Packer.Tests.Builders.Qemu;

[TestClass]
public sealed class QmpClientTests
{
    private const string Greeting = """{"QMP": {"version": {"qemu": {"micro": 2, "minor": 1, "major": 8}, "package": ""}, "capabilities": ["oob"]}}""";

    [TestMethod]
    [DataRow("")]
    [DataRow("HTTP/1.1 400 Bad Request\n")]
    [DataRow("{}\n")]
    [DataRow("[1]\n")]
    [DataRow("""{"QMP": {"version": {"qemu": {"micro": "x"}}}}""" + "\n")]
    public async Task What_is_no_QEMU_is_refused(string sent)
    {
        var (stream, server, _) = Connect();
        await server.WriteAsync(Encoding.UTF8.GetBytes(sent));
        await server.CompleteAsync();
        var failure = await Assert.ThrowsExactlyAsync<PackerException>(() => QmpClient.OpenAsync(stream, CancellationToken.None));
        Assert.AreEqual(DiagnosticCodes.MachineUnreachable, failure.Code);
    }

    [TestMethod]
    public async Task Answers_come_in_any_order_and_in_pieces_and_events_between_them()
    {
        var (stream, server, requests) = Connect();
        using var reader = new StreamReader(requests);
        await using var client = await OpenAsync(stream, server, reader);
        Assert.AreEqual(new Version(8, 1, 2), client.Version);
        using var events = client.Subscribe();
        var (first, second) = (client.ExecuteAsync("first", null, CancellationToken.None), client.ExecuteAsync("second", new { a = "ä\n" }, CancellationToken.None));
        foreach (var value in Encoding.UTF8.GetBytes("""{"event": "STOP", "data": {"x": 1}}""" + "\n" + """{"return": "é", "id": 3}""" + "\n" + """{"return": 2, "id": 2}""" + "\n"))
        {
            await server.WriteAsync(new[] { value });
        }
        Assert.AreEqual("é", (await second).GetString());
        Assert.AreEqual(2, (await first).GetInt32());
        Assert.AreEqual(1, (await events.WaitAsync(["STOP"], CancellationToken.None)).Data.GetProperty("x").GetInt32());
        Assert.AreEqual("""{"execute":"first","id":2}""", await reader.ReadLineAsync());
        StringAssert.StartsWith(await reader.ReadLineAsync(), """{"execute":"second","id":3,"arguments":{"a":""");
    }

    [TestMethod]
    public async Task A_lost_connection_ends_what_waits()
    {
        var (stream, server, requests) = Connect();
        using var reader = new StreamReader(requests);
        await using var client = await OpenAsync(stream, server, reader);
        using var cancel = new CancellationTokenSource();
        var cancelled = client.ExecuteAsync("slow", null, cancel.Token);
        var lost = client.ExecuteAsync("slow", null, CancellationToken.None);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => cancelled);
        await server.CompleteAsync();
        Assert.AreEqual(DiagnosticCodes.MachineConnectionLost, (await Assert.ThrowsExactlyAsync<PackerException>(() => lost)).Code);
        await client.Completion;
        Assert.AreEqual(DiagnosticCodes.MachineConnectionLost, (await Assert.ThrowsExactlyAsync<PackerException>(() => client.QueryStatusAsync(CancellationToken.None))).Code);
    }

    private static async Task<QmpClient> OpenAsync(Stream stream, PipeWriter server, StreamReader requests)
    {
        await server.WriteAsync(Encoding.UTF8.GetBytes(Greeting + "\r\n"));
        var opening = QmpClient.OpenAsync(stream, CancellationToken.None);
        Assert.AreEqual("""{"execute":"qmp_capabilities","id":1}""", await requests.ReadLineAsync());
        await server.WriteAsync("""{"return": {}, "id": 1}"""u8.ToArray());
        await server.WriteAsync("\n"u8.ToArray());
        return await opening;
    }

    private static (Stream Stream, PipeWriter Server, Stream Requests) Connect()
    {
        var (toClient, toServer) = (new Pipe(), new Pipe());
        return (new TwoWayStream(toClient.Reader.AsStream(), toServer.Writer.AsStream()), toClient.Writer, toServer.Reader.AsStream());
    }
}
