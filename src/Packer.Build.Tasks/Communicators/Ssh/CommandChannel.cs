using System.Reflection;
using System.Runtime.CompilerServices;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Packer.Communicators.Ssh;

/// <summary>
/// The channel below a command of the library, which has no public way to open it apart from starting the command, to ask for a terminal, to send a signal,
/// or to say where its output goes. Tests with a real server hold the names that are used here.
/// </summary>
internal sealed class CommandChannel
{
    private const string ChannelField = "_channel";
    private const uint Columns = 80;
    private const uint Rows = 40;

    private readonly object channel;

    public CommandChannel(SshCommand command)
    {
        var field = typeof(SshCommand).GetField(ChannelField, BindingFlags.Instance | BindingFlags.NonPublic)
            ?? throw new InvalidOperationException($"The SSH library has no field '{ChannelField}' any more.");
        channel = field.GetValue(command)!;
    }

    /// <summary>Gives the output of a command that has not been started to streams of one's own.</summary>
    public static void Redirect(SshCommand command, Stream output, Stream error)
    {
        SetOutput(command, output);
        SetError(command, error);
    }

    /// <summary>Opens the channel; starting the command does it no second time.</summary>
    public void Open() => Call("Open");

    /// <summary>Asks for a terminal (RFC 4254, section 6.2), as Packer does: xterm.</summary>
    public bool RequestTerminal() => (bool)Call("SendPseudoTerminalRequest", "xterm", Columns, Rows, 0u, 0u, new Dictionary<TerminalModes, uint>())!;

    /// <summary>Says that there is no more input. The library's input stream says so only where something was written to it.</summary>
    public void CloseInput() => Call("SendEof");

    /// <summary>Sends a signal to the command (RFC 4254, section 6.9): <c>TERM</c>, <c>KILL</c>.</summary>
    public void Signal(string name) => Call("SendSignalRequest", name);

    /// <summary>Asks the server for a sign of life, and returns when one has come.</summary>
    public void KeepAlive() => Call("SendKeepAliveRequest");

    private object? Call(string name, params object[] arguments)
    {
        var method = channel.GetType().GetMethod(name, BindingFlags.Instance | BindingFlags.Public)
            ?? throw new InvalidOperationException($"The SSH library has no method '{name}' any more.");
        return method.Invoke(channel, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_OutputStream")]
    private static extern void SetOutput(SshCommand command, Stream stream);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_ExtendedOutputStream")]
    private static extern void SetError(SshCommand command, Stream stream);
}
