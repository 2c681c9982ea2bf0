using Packer.Steps.Keyboards;

namespace Packer.Tests.Steps.Keyboards;

/// <summary>A keyboard that remembers its scan codes (set 1), as a guest would read them: <c>1E 9E E0 48 E0 C8</c>.</summary>
internal sealed class RecordingKeyboard : IKeyboard
{
    private readonly List<int> codes = [];

    /// <summary>Is called before each press.</summary>
    public Action<Key>? Pressing { get; init; }

    public string ScanCodes => string.Join(' ', codes.Select(code => code.ToString("X2")));

    public Task PressAsync(Key key, CancellationToken token)
    {
        Pressing?.Invoke(key);
        token.ThrowIfCancellationRequested();
        Add(key, 0);
        return Task.CompletedTask;
    }

    public Task ReleaseAsync(Key key, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        Add(key, 0x80);
        return Task.CompletedTask;
    }

    private void Add(Key key, int release)
    {
        if (key.ScanCode > 0xFF) codes.Add(0xE0);
        codes.Add((key.ScanCode & 0xFF) | release);
    }
}
