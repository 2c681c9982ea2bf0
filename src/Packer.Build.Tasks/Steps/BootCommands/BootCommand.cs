using System.Globalization;
using Packer.Steps.Keyboards;

namespace Packer.Steps.BootCommands;

/// <summary>What is wrong in a boot command.</summary>
/// <param name="Code">The diagnostic code.</param>
/// <param name="Position">Where it stands in the text, counted from 0.</param>
/// <param name="Message">What is wrong, where, and what to do.</param>
internal sealed record BootCommandError(string Code, int Position, string Message);

/// <summary>A boot command that has been read; see <see cref="BootCommandParser"/> for the language.</summary>
/// <param name="Tokens">What it does, in order.</param>
/// <param name="Errors">What is wrong in it; a command with errors cannot be typed.</param>
internal sealed record BootCommand(IReadOnlyList<BootToken> Tokens, IReadOnlyList<BootCommandError> Errors)
{
    /// <summary>The paths of the pictures that it compares the screen with, as they are written: inputs of the image.</summary>
    public IReadOnlyList<string> Pictures => [.. Tokens.OfType<WaitPictureToken>().Select(token => token.File).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether it needs the machine's serial console.</summary>
    public bool NeedsSerialConsole => Tokens.Any(token => token is WaitSerialToken);

    /// <summary>Whether it needs the machine's screen.</summary>
    public bool NeedsScreen => Tokens.Any(token => token is WaitStableToken or WaitPictureToken);

    /// <summary>Everything that is wrong: what the parser found, and the characters that no key of the layout gives.</summary>
    public IEnumerable<BootCommandError> Check(KeyboardLayout layout) =>
        Errors.Concat(Tokens.OfType<CharacterToken>().Where(token => layout.Find(token.Character) is null).DistinctBy(token => token.Character)
            .Select(token => Untypable(token, layout)));

    /// <summary>The error of a character that no key of the layout gives.</summary>
    public static BootCommandError Untypable(CharacterToken token, KeyboardLayout layout)
    {
        var place = $"at character {(token.Position + 1).ToString(CultureInfo.InvariantCulture)}";
        var message = token.Character.Value switch
        {
            '\n' or '\r' => $"The boot command has a line break {place}. Write '<enter>' for the Enter key, and the command on one line or as several list elements.",
            '\t' => $"The boot command has a tab {place}. Write '<tab>' for the Tab key.",
            _ => $"The boot command types '{token.Character}' (U+{token.Character.Value:X4}, {place}), which no key of the keyboard layout '{layout.Name}' gives. "
                + "Set BootKeyboardLayout to the layout of the guest, or leave the character out.",
        };
        return new BootCommandError(DiagnosticCodes.BootCharacterUntypable, token.Position, message);
    }
}
