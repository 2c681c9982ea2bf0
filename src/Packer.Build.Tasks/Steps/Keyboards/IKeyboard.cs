namespace Packer.Steps.Keyboards;

/// <summary>The keyboard of a machine.</summary>
internal interface IKeyboard
{
    /// <summary>Presses a key; it stays down.</summary>
    /// <exception cref="PackerException">The machine cannot be reached.</exception>
    Task PressAsync(Key key, CancellationToken token);

    /// <summary>Releases a key.</summary>
    /// <exception cref="PackerException">The machine cannot be reached.</exception>
    Task ReleaseAsync(Key key, CancellationToken token);
}
