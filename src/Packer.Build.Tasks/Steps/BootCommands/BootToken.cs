using System.Text;
using Packer.Steps.Keyboards;

namespace Packer.Steps.BootCommands;

/// <summary>One thing that a boot command does.</summary>
/// <param name="Position">Where it begins in the text of the command, counted from 0.</param>
internal abstract record BootToken(int Position);

/// <summary>What happens to a key.</summary>
internal enum KeyAction
{
    /// <summary>It is pressed and released.</summary>
    Tap,

    /// <summary>It is pressed and stays down.</summary>
    Press,

    /// <summary>It is released.</summary>
    Release,
}

/// <summary>Waits for a time.</summary>
internal sealed record WaitToken(int Position, TimeSpan Duration) : BootToken(Position);

/// <summary>Uses a key that has a name.</summary>
internal sealed record KeyToken(int Position, Key Key, KeyAction Action) : BootToken(Position);

/// <summary>Types a character, or uses the keys that would type it.</summary>
internal sealed record CharacterToken(int Position, Rune Character, KeyAction Action) : BootToken(Position);

/// <summary>Waits for text on the serial console.</summary>
internal sealed record WaitSerialToken(int Position, string Text, TimeSpan Timeout) : BootToken(Position);

/// <summary>Waits until the screen has not changed for a time.</summary>
internal sealed record WaitStableToken(int Position, TimeSpan Unchanged, TimeSpan Timeout) : BootToken(Position);

/// <summary>Waits until the screen looks like a picture.</summary>
/// <param name="Position">Where it begins.</param>
/// <param name="File">The path of the picture as it is written.</param>
/// <param name="Share">The share of its pixels that must be equal, above 0 and at most 1.</param>
/// <param name="Timeout">How long to wait at most.</param>
internal sealed record WaitPictureToken(int Position, string File, double Share, TimeSpan Timeout) : BootToken(Position);
