using System.Text;

namespace Packer.Steps.Keyboards;

/// <summary>
/// Which key gives which character in the guest. A console passes on keys, not characters: what the guest makes of them is decided by the layout
/// that the guest has loaded when they arrive.
/// </summary>
internal sealed class KeyboardLayout
{
    /// <summary>A layout's rows hold these in the place of a dead key, which gives its character only together with a space.</summary>
    private static readonly Dictionary<char, char> DeadKeys = new() { ['\u02CB'] = '`', ['\u02C6'] = '^', ['\u02DC'] = '~' };

    private readonly Dictionary<Rune, Keystroke> keystrokes = new() { [new Rune(' ')] = new Keystroke(Keys.Spacebar, Shift: false, AltGr: false, Dead: false) };

    /// <summary>Makes a layout.</summary>
    /// <param name="name">The name that people write.</param>
    /// <param name="levels">
    /// What the keys give alone, with Shift, and with AltGr, each as four strings that follow <see cref="Keys.CharacterRows"/>; a space stands for a
    /// key that gives nothing there, a modifier letter (U+02CB, U+02C6, U+02DC) for a dead key.
    /// </param>
    public KeyboardLayout(string name, params string[][] levels)
    {
        Name = name;
        // A character that needs no dead key and fewer modifiers is typed that way.
        foreach (var dead in (bool[])[false, true])
        {
            for (var level = 0; level < levels.Length; level++) AddLevel(levels[level], level, dead);
        }
    }

    /// <summary>The name that people write, such as <c>de</c>.</summary>
    public string Name { get; }

    /// <summary>Every character that can be typed.</summary>
    public IReadOnlyCollection<Rune> Characters => keystrokes.Keys;

    /// <summary>How a character is typed; null where no key gives it.</summary>
    public Keystroke? Find(Rune character) => keystrokes.GetValueOrDefault(character);

    private void AddLevel(string[] rows, int level, bool dead)
    {
        for (var row = 0; row < rows.Length; row++)
        {
            for (var column = 0; column < rows[row].Length; column++)
            {
                var character = rows[row][column];
                var isDead = DeadKeys.TryGetValue(character, out var alone);
                if (character == ' ' || isDead != dead) continue;
                var stroke = new Keystroke(Keys.CharacterRows[row][column], Shift: level == 1, AltGr: level == 2, Dead: isDead);
                keystrokes.TryAdd(new Rune(isDead ? alone : character), stroke);
            }
        }
    }
}

/// <summary>How one character is typed.</summary>
/// <param name="Key">The key to strike.</param>
/// <param name="Shift">Whether Shift is held meanwhile.</param>
/// <param name="AltGr">Whether the right Alt key is held meanwhile.</param>
/// <param name="Dead">Whether the key waits for another one; a space after it gives the character itself.</param>
internal sealed record Keystroke(Key Key, bool Shift, bool AltGr, bool Dead);
