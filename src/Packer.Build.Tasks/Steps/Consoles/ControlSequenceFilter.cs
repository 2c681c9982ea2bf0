using System.Text;

namespace Packer.Steps.Consoles;

/// <summary>
/// Leaves out of a terminal's output what only moves the cursor or colours it (ECMA-48 sections 5.3 to 5.6: control sequences, control strings and other
/// escape sequences; carriage returns and other control characters), so that text can be found in it. Line feeds and tabs stay. A sequence may
/// be cut between two calls.
/// </summary>
internal sealed class ControlSequenceFilter
{
    private const char Escape = '\x1B';
    private const char Bell = '\a';

    private enum State
    {
        Text,
        Escape,
        EscapeIntermediate,
        ControlSequence,
        ControlString,
        ControlStringEscape,
    }

    private State state;

    /// <summary>Appends what is text.</summary>
    public void Append(ReadOnlySpan<char> output, StringBuilder text)
    {
        foreach (var character in output)
        {
            if (state == State.Text && (!char.IsControl(character) || character is '\n' or '\t')) text.Append(character);
            else state = Next(character);
        }
    }

    private State Next(char character) => state switch
    {
        State.ControlString when character == Bell => State.Text,
        State.ControlString => character == Escape ? State.ControlStringEscape : State.ControlString,
        State.ControlStringEscape => character == '\\' ? State.Text : State.ControlString,
        _ when character == Escape => State.Escape,
        State.Escape => character switch
        {
            '[' => State.ControlSequence,
            ']' or 'P' or 'X' or '^' or '_' => State.ControlString,
            >= ' ' and <= '/' => State.EscapeIntermediate,
            _ => State.Text,
        },
        State.EscapeIntermediate => character is >= ' ' and <= '/' ? State.EscapeIntermediate : State.Text,
        State.ControlSequence => character is >= '@' and <= '~' ? State.Text : State.ControlSequence,
        _ => State.Text,
    };
}
