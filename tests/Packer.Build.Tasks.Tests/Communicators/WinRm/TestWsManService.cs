using System.Collections.Concurrent;
using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Packer.Communicators.WinRm;

namespace Packer.Tests.Communicators.WinRm;

/// <summary>A request of WS-Management.</summary>
internal sealed class WsManRequest(byte[] body)
{
    private readonly XElement envelope = XElement.Load(new MemoryStream(body));

    public string Action => Header(WsManNames.Addressing + "Action");

    /// <summary>The last part of the action.</summary>
    public string ActionName => Action[(Action.LastIndexOf('/') + 1)..];

    public string MessageId => Header(WsManNames.Addressing + "MessageID");

    public string Resource => Header(WsManNames.WsMan + "ResourceURI");

    public TimeSpan Timeout => XmlConvert.ToTimeSpan(Header(WsManNames.WsMan + "OperationTimeout"));

    public string ShellId => envelope.Descendants(WsManNames.WsMan + "Selector").FirstOrDefault(selector => (string?)selector.Attribute("Name") == "ShellId")?.Value ?? "";

    public XElement Body => envelope.Element(WsManNames.Soap + "Body")!;

    public string? Option(string name) => envelope.Descendants(WsManNames.WsMan + "Option").FirstOrDefault(option => (string?)option.Attribute("Name") == name)?.Value;

    private string Header(XName name) => envelope.Element(WsManNames.Soap + "Header")?.Element(name)?.Value ?? "";
}

/// <summary>The shells of the stand-in (MS-WSMV, section 3.2.4): each runs one command or several.</summary>
internal sealed class TestWsManService
{
    private const uint TimedOut = 2150858793;
    private const uint ShellNotFound = 2150858843;
    private const int LargestOutput = 100_000;

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, TestCommand>> shells = [];
    private readonly ConcurrentDictionary<string, int> counts = [];

    /// <summary>The most that it waits for output, whatever is asked for.</summary>
    public TimeSpan LongestReceive { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The fault to answer an action with, or null.</summary>
    public Func<string, (uint Code, string Words)?>? Faults { get; set; }

    /// <summary>Whether it keeps to itself how commands end.</summary>
    public bool HidesExitCodes { get; set; }

    /// <summary>The same, of PowerShell only.</summary>
    public bool IsStillBooting { get; set; }

    /// <summary>Does what the command <c>shutdown</c> of Windows would, and gives its exit code.</summary>
    public Func<string, int> Shutdown { get; set; } = static _ => 1;

    public DateTime BootTime { get; set; } = new(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);

    public int Shells => shells.Count;

    public ConcurrentQueue<string> CommandLines { get; } = [];

    public int Count(string action) => counts.GetValueOrDefault(action);

    public async Task ForgetAsync()
    {
        foreach (var id in shells.Keys) await DeleteAsync(id);
    }

    /// <summary>Answers a request: whether with a fault, and the envelope.</summary>
    public async Task<(bool IsFault, string Answer)> AnswerAsync(WsManRequest request, CancellationToken token)
    {
        counts.AddOrUpdate(request.ActionName, 1, static (_, count) => count + 1);
        if (request.Resource != WsManNames.ShellResource) return Fault(request, 2150858752, $"The resource '{request.Resource}' is not known.");
        if (Faults?.Invoke(request.ActionName) is { } fault) return Fault(request, fault.Code, fault.Words);
        if (request.Action == WsManNames.Create) return Create(request);
        if (!shells.TryGetValue(request.ShellId, out var commands)) return Fault(request, ShellNotFound, $"The request for the Windows Remote Shell with ShellId {request.ShellId} failed because the shell was not found on the server.");
        switch (request.Action)
        {
            case WsManNames.Delete:
                await DeleteAsync(request.ShellId);
                return Answer(request, null);
            case WsManNames.Command:
                var line = request.Body.Descendants(WsManNames.Shell + "Command").Single().Value;
                var arguments = string.Concat(request.Body.Descendants(WsManNames.Shell + "Arguments").Select(argument => " " + argument.Value));
                CommandLines.Enqueue(line + arguments);
                var id = NewId();
                commands[id] = TestCommand.Start(line + arguments, this);
                return Answer(request, new XElement(WsManNames.Shell + "CommandResponse", new XElement(WsManNames.Shell + "CommandId", id)));
        }
        var named = request.Body.Descendants().Select(element => (string?)element.Attribute("CommandId")).FirstOrDefault(value => value is not null) ?? "";
        if (!commands.TryGetValue(named, out var command)) return Fault(request, ShellNotFound, $"There is no command '{named}' in this shell.");
        switch (request.Action)
        {
            case WsManNames.Signal:
                await command.DisposeAsync();
                return Answer(request, new XElement(WsManNames.Shell + "SignalResponse"));
            case WsManNames.Send:
                var stream = request.Body.Descendants(WsManNames.Shell + "Stream").Single();
                if (!await command.SendAsync(Convert.FromBase64String(stream.Value), ((string?)stream.Attribute("End"))?.ToLowerInvariant() == "true", token)) return Fault(request, 109, "The pipe has been ended.");
                return Answer(request, new XElement(WsManNames.Shell + "SendResponse"));
            case WsManNames.Receive:
                return await ReceiveAsync(request, named, command, token);
            default:
                return Fault(request, 2150858817, $"The action '{request.Action}' is not supported.");
        }
    }

    private async Task<(bool IsFault, string Answer)> ReceiveAsync(WsManRequest request, string id, TestCommand command, CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(request.Timeout < LongestReceive ? request.Timeout : LongestReceive);
        var answer = new XElement(WsManNames.Shell + "ReceiveResponse");
        try
        {
            if (!await command.Output.WaitToReadAsync(limit.Token))
            {
                var exitCode = await command.ExitCode.WaitAsync(limit.Token);
                var state = new XElement(WsManNames.Shell + "CommandState", new XAttribute("CommandId", id), new XAttribute("State", WsManNames.Done));
                if (!HidesExitCodes) state.Add(new XElement(WsManNames.Shell + "ExitCode", exitCode));
                answer.Add(state);
                return Answer(request, answer);
            }
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return Fault(request, TimedOut, "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  ");
        }
        for (var size = 0; size < LargestOutput && command.Output.TryRead(out var piece); size += piece.Bytes.Length)
            answer.Add(new XElement(WsManNames.Shell + "Stream", new XAttribute("Name", piece.Name), new XAttribute("CommandId", id), Convert.ToBase64String(piece.Bytes)));
        answer.Add(new XElement(WsManNames.Shell + "CommandState", new XAttribute("CommandId", id), new XAttribute("State", WsManNames.Done.Replace("Done", "Running", StringComparison.Ordinal))));
        return Answer(request, answer);
    }

    private (bool IsFault, string Answer) Create(WsManRequest request)
    {
        var id = NewId();
        shells[id] = [];
        return Answer(request, new XElement(XNamespace.Get("http://schemas.xmlsoap.org/ws/2004/09/transfer") + "ResourceCreated",
            new XElement(WsManNames.Addressing + "Address", "http://127.0.0.1/wsman"),
            new XElement(WsManNames.Addressing + "ReferenceParameters",
                new XElement(WsManNames.WsMan + "ResourceURI", WsManNames.ShellResource),
                new XElement(WsManNames.WsMan + "SelectorSet", new XElement(WsManNames.WsMan + "Selector", new XAttribute("Name", "ShellId"), id)))));
    }

    private async Task DeleteAsync(string id)
    {
        if (!shells.TryRemove(id, out var commands)) return;
        foreach (var command in commands.Values) await command.DisposeAsync();
    }

    private static string NewId() => Guid.NewGuid().ToString().ToUpperInvariant();

    private static (bool IsFault, string Answer) Answer(WsManRequest request, XElement? body) => (false, Envelope(request, request.Action + "Response", body));

    private static (bool IsFault, string Answer) Fault(WsManRequest request, uint code, string words)
    {
        XNamespace detail = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault";
        return (true, Envelope(request, "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault", new XElement(WsManNames.Soap + "Fault",
            new XElement(WsManNames.Soap + "Code", new XElement(WsManNames.Soap + "Value", "s:Receiver"), new XElement(WsManNames.Soap + "Subcode", new XElement(WsManNames.Soap + "Value", code == TimedOut ? "w:TimedOut" : "w:InternalError"))),
            new XElement(WsManNames.Soap + "Reason", new XElement(WsManNames.Soap + "Text", new XAttribute(XNamespace.Xml + "lang", "en-US"), words)),
            new XElement(WsManNames.Soap + "Detail", new XElement(detail + "WSManFault", new XAttribute(XNamespace.Xmlns + "f", detail), new XAttribute("Code", code.ToString(CultureInfo.InvariantCulture)), new XAttribute("Machine", "127.0.0.1"), new XElement(detail + "Message", words))))));
    }

    private static string Envelope(WsManRequest request, string action, XElement? body) => new XElement(WsManNames.Soap + "Envelope",
        new XAttribute(XNamespace.Xmlns + "s", WsManNames.Soap), new XAttribute(XNamespace.Xmlns + "a", WsManNames.Addressing), new XAttribute(XNamespace.Xmlns + "w", WsManNames.WsMan), new XAttribute(XNamespace.Xmlns + "rsp", WsManNames.Shell),
        new XElement(WsManNames.Soap + "Header",
            new XElement(WsManNames.Addressing + "Action", action),
            new XElement(WsManNames.Addressing + "MessageID", "uuid:" + NewId()),
            new XElement(WsManNames.Addressing + "To", WsManNames.Anonymous),
            new XElement(WsManNames.Addressing + "RelatesTo", request.MessageId)),
        new XElement(WsManNames.Soap + "Body", body)).ToString(SaveOptions.DisableFormatting);
}
