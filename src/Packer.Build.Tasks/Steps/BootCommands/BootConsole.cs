using Packer.Steps.Consoles;
using Packer.Steps.Keyboards;

namespace Packer.Steps.BootCommands;

/// <summary>What a boot command reaches a machine by.</summary>
/// <param name="Keyboard">Takes the keys.</param>
internal sealed record BootConsole(IKeyboard Keyboard)
{
    /// <summary>The layout that the guest has loaded.</summary>
    public KeyboardLayout Layout { get; init; } = KeyboardLayouts.Us;

    /// <summary>The serial console, or null where the machine has none.</summary>
    public ISerialConsole? Serial { get; init; }

    /// <summary>The screen, or null where the machine has none.</summary>
    public IScreen? Screen { get; init; }

    /// <summary>Full path of the folder that the paths of pictures start from.</summary>
    public required string PictureDirectory { get; init; }
}

/// <summary>How fast a boot command is typed.</summary>
/// <param name="KeyInterval">The time after each press and each release of a key.</param>
/// <param name="KeyGroupInterval">The time after all events of one token, on top; a token is a character or a key in angle brackets.</param>
internal sealed record BootTiming(TimeSpan KeyInterval, TimeSpan KeyGroupInterval)
{
    /// <summary>Packer's intervals: 100 ms after each event.</summary>
    public static BootTiming Default { get; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.Zero);
}
