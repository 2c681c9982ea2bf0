using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Packer.Configuration;
using Packer.Steps.Keyboards;

namespace Packer.Steps.BootCommands;

/// <summary>
/// Reads the boot command language: Packer's (packer-plugin-sdk, bootcommand/boot_command.pigeon), with its order of alternatives, and two waits
/// that look at the machine.
/// <list type="bullet">
/// <item><c>&lt;wait&gt;</c> 1 s, <c>&lt;wait5&gt;</c> 5 s, <c>&lt;wait1m20s&gt;</c> (units ns us µs ms s m h, lower case).</item>
/// <item><c>&lt;waitSerial "text" 60s&gt;</c> waits until the text comes on the serial console, at most 60 s. Text that came since the text that the
/// wait before found (or since the start) counts too.</item>
/// <item><c>&lt;waitScreen stable 2s 60s&gt;</c> waits until the screen has not changed for 2 s, at most 60 s.</item>
/// <item><c>&lt;waitScreen "file.png" 0.95 60s&gt;</c> waits until at least that share of the picture's pixels is equal to the screen's.</item>
/// <item><c>&lt;aOn&gt;</c>, <c>&lt;aOff&gt;</c> press and release the key of any one character.</item>
/// <item><c>&lt;enter&gt;</c> and the other names of <see cref="Keys.Named"/>, alone or with <c>On</c> or <c>Off</c>, in any letter case.</item>
/// <item>Everything else is typed as it stands, unknown names too.</item>
/// </list>
/// In <c>waitSerial</c> and <c>waitScreen</c> a text stands in double or single quotes, doubled where the text holds them; what follows it may be left
/// out: 5 minutes is waited at most, the screen is still for 2 s, the share is 0.95. A number without a unit is in seconds.
/// </summary>
internal static partial class BootCommandParser
{
    /// <summary>The longest wait that is allowed; a longer one is a slip.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromDays(7);

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DefaultUnchanged = TimeSpan.FromSeconds(2);
    private const double DefaultShare = 0.95;

    /// <summary>Reads a boot command. It never throws: what is wrong is in the result.</summary>
    /// <param name="text">The whole command, its list elements joined with nothing between them.</param>
    public static BootCommand Parse(string text)
    {
        var tokens = new List<BootToken>();
        var errors = new List<BootCommandError>();
        for (var position = 0; position < text.Length;)
        {
            var length = text[position] == '<' ? Special(text, position, tokens, errors) : 0;
            position += length > 0 ? length : Literal(text, position, tokens);
        }
        return new BootCommand(tokens, errors);
    }

    /// <summary>Reads what begins with <c>&lt;</c>; returns its length, or 0 where it is no more than text.</summary>
    private static int Special(string text, int start, List<BootToken> tokens, List<BootCommandError> errors)
    {
        if (WaitPattern().Match(text, start) is { Success: true } wait)
        {
            if (TryDuration(wait.Groups[1].Value, "1", out var duration)) tokens.Add(new WaitToken(start, duration));
            else errors.Add(Malformed(start, wait.Value, $"the time must be above 0 and at most {DurationFormat.Format(LongestWait)}"));
            return wait.Length;
        }
        if (ConsoleWaitPattern().Match(text, start) is { Success: true } console)
        {
            var reader = new WaitArguments(text, start + console.Length);
            var token = console.Groups[1].ValueSpan.Equals("serial", StringComparison.OrdinalIgnoreCase) ? Serial(start, reader) : Screen(start, reader);
            if (reader.Fault is null && token is not null) tokens.Add(token);
            else errors.Add(Malformed(start, text[start..reader.End], reader.Fault!));
            return reader.End - start;
        }
        return Toggle(text, start, tokens) is var toggle and > 0 ? toggle : Named(text, start, tokens);
    }

    private static int Toggle(string text, int start, List<BootToken> tokens)
    {
        if (start + 1 >= text.Length) return 0;
        var character = At(text, start + 1, out var length);
        if (Action(text.AsSpan(start + 1 + length)) is not var (action, rest)) return 0;
        tokens.Add(new CharacterToken(start, character, action));
        return 1 + length + rest;
    }

    private static int Named(string text, int start, List<BootToken> tokens)
    {
        var end = start + 1;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end])) end++;
        if (end == text.Length || text[end] != '>') return 0;
        var name = text[(start + 1)..end];
        var action = KeyAction.Tap;
        if (!Keys.Named.TryGetValue(name, out var key))
        {
            if (name.EndsWith("on", StringComparison.OrdinalIgnoreCase)) (name, action) = (name[..^2], KeyAction.Press);
            else if (name.EndsWith("off", StringComparison.OrdinalIgnoreCase)) (name, action) = (name[..^3], KeyAction.Release);
            if (!Keys.Named.TryGetValue(name, out key)) return 0;
        }
        tokens.Add(new KeyToken(start, key, action));
        return end + 1 - start;
    }

    /// <summary><c>On&gt;</c> or <c>Off&gt;</c> at the start of the text, and its length.</summary>
    private static (KeyAction Action, int Length)? Action(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("on>", StringComparison.OrdinalIgnoreCase)) return (KeyAction.Press, 3);
        if (text.StartsWith("off>", StringComparison.OrdinalIgnoreCase)) return (KeyAction.Release, 4);
        return null;
    }

    private static int Literal(string text, int start, List<BootToken> tokens)
    {
        tokens.Add(new CharacterToken(start, At(text, start, out var length), KeyAction.Tap));
        return length;
    }

    private static Rune At(string text, int start, out int length)
    {
        Rune.DecodeFromUtf16(text.AsSpan(start), out var character, out length);
        return character;
    }

    private static WaitSerialToken? Serial(int start, WaitArguments arguments)
    {
        var text = arguments.Quoted("the text to wait for must stand in quotes: <waitSerial \"login:\" 60s>");
        if (text is "") arguments.Fail("the text to wait for is empty");
        var timeout = arguments.Duration(DefaultTimeout);
        arguments.Close();
        return arguments.Fault is null ? new WaitSerialToken(start, text!, timeout) : null;
    }

    private static BootToken? Screen(int start, WaitArguments arguments)
    {
        BootToken? token;
        if (arguments.Word("stable"))
        {
            var unchanged = arguments.Duration(DefaultUnchanged);
            var timeout = arguments.Duration(DefaultTimeout);
            if (timeout < unchanged) arguments.Fail("the screen must be still for longer than is waited at most");
            token = new WaitStableToken(start, unchanged, timeout);
        }
        else
        {
            var file = arguments.Quoted("write <waitScreen stable 2s 60s> or <waitScreen \"picture.png\" 0.95 60s>");
            if (file is "") arguments.Fail("the name of the picture is empty");
            var share = arguments.Share(DefaultShare);
            token = new WaitPictureToken(start, file ?? "", share, arguments.Duration(DefaultTimeout));
        }
        arguments.Close();
        return arguments.Fault is null ? token : null;
    }

    private static BootCommandError Malformed(int start, string token, string fault)
    {
        var shown = token.Length <= 60 ? token : token[..60] + "…";
        return new BootCommandError(DiagnosticCodes.BootCommandMalformed, start,
            $"'{shown}' at character {(start + 1).ToString(CultureInfo.InvariantCulture)} of the boot command: {fault}.");
    }

    /// <summary>A duration with units, or seconds; false unless it is one that can be waited for.</summary>
    internal static bool TryDuration(string text, string ifEmpty, out TimeSpan duration)
    {
        if (text.Length == 0) text = ifEmpty;
        if (text.Length <= 200 && DurationFormat.TryParse(text.All(char.IsAsciiDigit) ? text + "s" : text, out duration) && duration > TimeSpan.Zero && duration <= LongestWait) return true;
        duration = default;
        return false;
    }

    [GeneratedRegex(@"\G<wait((?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h))+|0|[1-9][0-9]*)?>", RegexOptions.CultureInvariant)]
    private static partial Regex WaitPattern();

    [GeneratedRegex("""\G<wait((?i:serial|screen))(?=[\s"'>]|$)""", RegexOptions.CultureInvariant)]
    private static partial Regex ConsoleWaitPattern();
}
