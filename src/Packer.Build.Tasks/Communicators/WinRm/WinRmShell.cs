using System.Globalization;
using System.Xml.Linq;

namespace Packer.Communicators.WinRm;

/// <summary>A remote shell of Windows, for one command (MS-WSMV, section 3.1.4.5).</summary>
internal sealed class WinRmShell : IAsyncDisposable
{
    /// <summary>UTF-8.</summary>
    private const string CodePage = "65001";

    private readonly WsManClient client;
    private readonly TimeSpan endLimit;
    private readonly string shellId;
    private string commandId = "";

    private WinRmShell(WsManClient client, TimeSpan endLimit, string shellId)
    {
        this.client = client;
        this.endLimit = endLimit;
        this.shellId = shellId;
    }

    /// <summary>Makes a shell.</summary>
    /// <exception cref="WsManFault">The service has refused it.</exception>
    /// <exception cref="WinRmFailure">There was no answer of WS-Management.</exception>
    public static async Task<WinRmShell> OpenAsync(WsManClient client, TimeSpan endLimit, CancellationToken token)
    {
        var body = new XElement(WsManNames.Shell + "Shell", new XElement(WsManNames.Shell + "InputStreams", "stdin"), new XElement(WsManNames.Shell + "OutputStreams", "stdout stderr"));
        var answer = await client.SendAsync(WsManNames.Create, body, null, [("WINRS_NOPROFILE", "FALSE"), ("WINRS_CODEPAGE", CodePage)], token).ConfigureAwait(false);
        var id = answer.Descendants(WsManNames.WsMan + "Selector").FirstOrDefault(selector => (string?)selector.Attribute("Name") == "ShellId")?.Value
            ?? answer.Descendants(WsManNames.Shell + "ShellId").FirstOrDefault()?.Value;
        return new WinRmShell(client, endLimit, id ?? throw new WinRmFailure(WinRmPhase.Answer, $"{client.Machine} made a shell without a name."));
    }

    /// <summary>Starts the command.</summary>
    /// <param name="commandLine">The command line, for <c>cmd</c>.</param>
    /// <param name="hasInput">Whether something will be sent to it.</param>
    /// <param name="token">Cancels it.</param>
    public async Task StartAsync(string commandLine, bool hasInput, CancellationToken token)
    {
        var body = new XElement(WsManNames.Shell + "CommandLine", new XElement(WsManNames.Shell + "Command", commandLine));
        // A console where nothing is sent, as other clients have it; a pipe where something is, or its end would not be seen.
        var answer = await client.SendAsync(WsManNames.Command, body, shellId, [("WINRS_CONSOLEMODE_STDIN", hasInput ? "FALSE" : "TRUE"), ("WINRS_SKIP_CMD_SHELL", "FALSE")], token).ConfigureAwait(false);
        commandId = answer.Descendants(WsManNames.Shell + "CommandId").FirstOrDefault()?.Value ?? throw new WinRmFailure(WinRmPhase.Answer, $"{client.Machine} started a command without a name.");
    }

    /// <summary>Sends what the command reads.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> content, bool isEnd, CancellationToken token)
    {
        var stream = new XElement(WsManNames.Shell + "Stream", new XAttribute("Name", "stdin"), new XAttribute("CommandId", commandId), Convert.ToBase64String(content.Span));
        if (isEnd) stream.Add(new XAttribute("End", "true"));
        return client.SendAsync(WsManNames.Send, new XElement(WsManNames.Shell + "Send", stream), shellId, [], token);
    }

    /// <summary>Waits for output or for the end of the command; the wait may end with neither.</summary>
    /// <param name="output">Takes what comes on standard output.</param>
    /// <param name="error">Takes what comes on standard error.</param>
    /// <param name="token">Cancels it.</param>
    /// <returns>Whether it has ended, and its exit code, where it has one.</returns>
    public async Task<(bool Ended, int? ExitCode)> ReceiveAsync(Action<byte[]> output, Action<byte[]> error, CancellationToken token)
    {
        XElement answer;
        try
        {
            var streams = new XElement(WsManNames.Shell + "DesiredStream", new XAttribute("CommandId", commandId), "stdout stderr");
            answer = await client.SendAsync(WsManNames.Receive, new XElement(WsManNames.Shell + "Receive", streams), shellId, [], token).ConfigureAwait(false);
        }
        catch (WsManFault fault) when (fault.IsTimeout)
        {
            return (false, null);
        }
        foreach (var stream in answer.Descendants(WsManNames.Shell + "Stream").Where(stream => stream.Value.Length > 0))
        {
            var bytes = Convert.FromBase64String(stream.Value);
            if ((string?)stream.Attribute("Name") == "stderr") error(bytes);
            else output(bytes);
        }
        var state = answer.Descendants(WsManNames.Shell + "CommandState").FirstOrDefault();
        if ((string?)state?.Attribute("State") != WsManNames.Done) return (false, null);
        // Windows has 32 bits for it, which are written with a sign or without.
        return (true, long.TryParse(state!.Element(WsManNames.Shell + "ExitCode")?.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code) ? unchecked((int)code) : null);
    }

    /// <summary>Ends the command, as far as the machine can be reached.</summary>
    public Task TerminateAsync() => commandId.Length == 0 ? Task.CompletedTask : TryAsync(WsManNames.Signal,
        new XElement(WsManNames.Shell + "Signal", new XAttribute("CommandId", commandId), new XElement(WsManNames.Shell + "Code", WsManNames.Terminate)));

    public async ValueTask DisposeAsync() => await TryAsync(WsManNames.Delete, null).ConfigureAwait(false);

    private async Task TryAsync(string action, XElement? body)
    {
        using var limit = new CancellationTokenSource(endLimit);
        try
        {
            await client.SendAsync(action, body, shellId, [], limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WsManFault or WinRmFailure or OperationCanceledException)
        {
            // The machine has gone, or ended it by itself.
        }
    }
}
