namespace Packer.Steps.Keyboards;

/// <summary>A key of the PC keyboard: a place, whatever is printed on it. Each kind of console names it in its own way.</summary>
/// <param name="Name">Its name in messages.</param>
/// <param name="Keysym">
/// What the key gives on a US keyboard, without modifiers where no other key gives the same, as X11 numbers it (X11/keysymdef.h); VNC servers of machines
/// find the key by it.
/// </param>
/// <param name="ScanCode">PC scan code set 1; 0xE0 in the high byte where the code has that prefix.</param>
/// <param name="QCode">QEMU's name (qapi/ui.json, QKeyCode).</param>
internal sealed record Key(string Name, uint Keysym, int ScanCode, string QCode);
